"""How the client finds real members: static addresses, names, the cloud, providers of applications."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

import hzclient
from hzclient._codec import client as codec
from hzclient.core import Address, AddressHelper, EndpointQualifier, MemberInfo, ProtocolType
from hzclient.discovery import AddressProvider
from hzclient.errors import IllegalStateError
from hzclient.server import LocalCluster
from tests.integration.discovery.coordinator import Coordinator
from tests.integration.faces import end_client, eventually, make_client
from tests.integration.security.proxy import Proxy
from tests.internals import engine_of
from tests.member.scripted import ScriptedCluster

RUNTIMES = ("asyncio", "blocking")
TOKEN = "token/with+odd=characters"


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def connected(runtime: str, **options: Any) -> int:
    """Connect a client and return the number of members that it sees."""
    client = await make_client(runtime, **{"cluster_connect_timeout": 0} | options)
    try:
        members: int = len(client.cluster_service.get_members())
        return members
    finally:
        await end_client(client)


class TestStatic:
    async def test_an_address_of_one_member_is_enough(
        self, runtime: str, hazelcast_cluster: LocalCluster
    ) -> None:
        assert await connected(runtime, cluster_members=hazelcast_cluster.addresses[:1]) == 2

    async def test_addresses_where_nobody_is_are_passed_over(
        self, runtime: str, hazelcast_cluster: LocalCluster
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            closed = f"127.0.0.1:{other.getsockname()[1]}"
        members = [closed, hazelcast_cluster.addresses[0]]
        assert await connected(runtime, cluster_members=members, shuffle_member_list=False) == 2

    async def test_a_name_with_several_addresses(
        self, runtime: str, hazelcast_cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = AddressHelper.address_from_str(hazelcast_cluster.addresses[0]).port
        _resolve(monkeypatch, "members.example.org", ["127.0.0.2", "::1", "127.0.0.1"])
        assert await connected(runtime, cluster_members=[f"members.example.org:{port}"]) == 2

    async def test_a_name_whose_first_address_is_silent(
        self, runtime: str, hazelcast_cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A member with a full backlog accepts no connection.
        port = AddressHelper.address_from_str(hazelcast_cluster.addresses[0]).port
        _resolve(monkeypatch, "members.example.org", ["127.0.0.2", "127.0.0.1"])
        with socket.create_server(("127.0.0.2", port), backlog=0):
            crowd = [socket.socket() for _ in range(4)]
            for each in crowd:
                each.setblocking(False)
                each.connect_ex(("127.0.0.2", port))
            options = {"cluster_members": [f"members.example.org:{port}"], "connection_timeout": 2}
            assert await connected(runtime, **options) == 2
            for each in crowd:
                each.close()

    async def test_a_name_that_does_not_resolve(self, runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
        _resolve(monkeypatch, "members.example.org", [])
        with pytest.raises(IllegalStateError, match="Name or service not known"):
            await connected(runtime, cluster_members=["members.example.org:5701"])


def _resolve(monkeypatch: pytest.MonkeyPatch, name: str, addresses: list[str]) -> None:
    resolve = socket.getaddrinfo

    def look_up(host: str, port: Any, type: int = 0, flags: int = 0) -> Any:
        if host != name:
            return resolve(host, port, type=type, flags=flags)
        if flags & socket.AI_NUMERICHOST or not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [found for each in addresses for found in resolve(each, port, type=type)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture(scope="module")
def ipv6_cluster(server_version: str) -> Iterator[LocalCluster]:
    with LocalCluster(host="::1", version=server_version) as cluster:
        yield cluster


async def test_ipv6(runtime: str, ipv6_cluster: LocalCluster) -> None:
    member = ipv6_cluster.members[0]
    assert await connected(runtime, cluster_members=[f"[::1]:{member.port}"]) == 1


async def test_members_without_a_port(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the second of ports 5701 to 5703 accepts connections. Other ports stand in for them."""
    async with ScriptedCluster() as cluster:
        real = cluster.members[0].address
        dialled: list[int] = []
        resolve = socket.getaddrinfo

        def moved(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
            if 5701 <= port <= 5703:
                dialled.append(port)
                port = real.port if port == 5702 else 1
            return resolve(host, port, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", moved)
        client = await _made_elsewhere(runtime, cluster_members=["127.0.0.1"])
        await _ended_elsewhere(client)
        assert dialled[0] == 5701  # before the guessed ports
        assert 5702 in dialled


class TestPublicAddresses:
    async def test_members_are_dialled_at_their_public_addresses(self, runtime: str) -> None:
        async with ScriptedCluster(2) as cluster:
            private = _hide(cluster)
            options = {"cluster_members": cluster.addresses[:1], "use_public_ip": True}
            client = await _made_elsewhere(runtime, **options)
            for number in (1, 2):  # at the start, and after all connections were lost
                async with asyncio.timeout(20):
                    for member in cluster.members:
                        await member.received(codec.LOCAL_BACKUP_LISTENER, number)
                        await member.connected()
                addresses = [member.address for member in client.cluster_service.get_members()]
                assert addresses == private
                for member in cluster.members:
                    member.connections[0].abort()
            await _ended_elsewhere(client)

    async def test_their_own_addresses_otherwise(self) -> None:
        async with ScriptedCluster(2) as cluster:
            _hide(cluster)
            client = await make_client(
                "asyncio", cluster_members=cluster.addresses[:1], connection_timeout=0.3
            )
            assert sum(len(member.connections) for member in cluster.members) == 1
            await end_client(client)


def _hide(cluster: ScriptedCluster) -> list[Address]:
    """Report private addresses that are not reachable; the public ones are."""
    public = EndpointQualifier(ProtocolType.CLIENT, "public")
    private = [Address("127.0.0.1", 1), Address("127.0.0.1", 2)]
    cluster.view.members[:] = [
        MemberInfo(address, member.uuid, {}, False, member.info.version, None, {public: member.address})
        for address, member in zip(private, cluster.members, strict=True)
    ]
    return private


async def _made_elsewhere(runtime: str, **options: Any) -> Any:
    """Create a client without blocking the loop of the scripted members."""
    if runtime == "asyncio":
        return await make_client(runtime, **options)
    return await asyncio.to_thread(lambda: hzclient.HazelcastClient(**options))


async def _ended_elsewhere(client: Any) -> None:
    if isinstance(client, hzclient.HazelcastClient):
        await asyncio.to_thread(client.shutdown)
    else:
        await client.shutdown()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return the authority that issues the coordinator's certificate."""
    return trustme.CA()


class TestCloud:
    @pytest.fixture
    def context(
        self, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> ssl.SSLContext:
        path = str(tmp_path / "ca.pem")
        authority.cert_pem.write_to_path(path)
        monkeypatch.setenv("SSL_CERT_FILE", path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        return context

    async def test_members_are_found_and_dialled_at_their_public_addresses(
        self, runtime: str, hazelcast_cluster: LocalCluster, context: ssl.SSLContext
    ) -> None:
        first, second = hazelcast_cluster.addresses
        with Proxy(first, None) as one, Proxy(second, None) as two:
            entries = [
                {"private-address": first, "public-address": one.address.to_string()},
                {"private-address": second, "public-address": two.address.to_string()},
            ]
            with Coordinator(context, TOKEN, entries) as coordinator:
                client = await make_client(
                    runtime, cloud_discovery_token=TOKEN, cloud_coordinator_url=coordinator.url
                )
                assert len(client.cluster_service.get_members()) == 2
                assert one.accepted == two.accepted == 1
                await end_client(client)

    async def test_a_member_that_came_later_is_asked_for(
        self, runtime: str, hazelcast_cluster: LocalCluster, context: ssl.SSLContext
    ) -> None:
        first, second = hazelcast_cluster.addresses
        late = {"private-address": second, "public-address": second}

        with Coordinator(
            context, TOKEN, [{"private-address": first, "public-address": first}]
        ) as coordinator:
            client = await make_client(
                runtime, cloud_discovery_token=TOKEN, cloud_coordinator_url=coordinator.url
            )
            coordinator.members = [*coordinator.members, late]
            manager = engine_of(client).manager
            await eventually(lambda: len(manager.connections()) == 2)
            await end_client(client)

    @pytest.mark.parametrize(
        ("members", "reason"),
        [
            (b"no json", "sent no list of addresses"),
            ([{"private-address": "10.0.0.1"}], "sent no list of addresses"),
            ([17], "sent no list of addresses"),
            ([{"private-address": 1, "public-address": 2}], "sent no list of addresses"),
        ],
    )
    async def test_answers_that_make_no_sense(
        self, context: ssl.SSLContext, members: Any, reason: str, caplog: Any
    ) -> None:
        with Coordinator(context, TOKEN, members) as coordinator:
            options = {"cloud_discovery_token": TOKEN, "cloud_coordinator_url": coordinator.url}
            with pytest.raises(IllegalStateError):
                await connected("asyncio", **options)
        assert reason in caplog.text
        assert TOKEN not in caplog.text

    async def test_a_wrong_token(self, context: ssl.SSLContext, caplog: Any) -> None:
        with Coordinator(context, TOKEN, []) as coordinator:
            options = {"cloud_discovery_token": "wrong-secret", "cloud_coordinator_url": coordinator.url}
            with pytest.raises(IllegalStateError):
                await connected("asyncio", **options)
        assert "responded with status 404" in caplog.text
        assert "no such cluster" in caplog.text
        assert "wrong-secret" not in caplog.text

    async def test_a_certificate_that_is_not_trusted(
        self, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        with Coordinator(context, TOKEN, []) as coordinator:
            options = {"cloud_discovery_token": TOKEN, "cloud_coordinator_url": coordinator.url}
            with pytest.raises(IllegalStateError):
                await connected("asyncio", **options)
            assert coordinator.requests == []
        assert "the certificate of the cloud coordinator localhost is invalid" in caplog.text


class Plain:
    """Address provider as an application writes it."""

    def __init__(self, *members: str) -> None:
        self.members = [AddressHelper.address_from_str(text) for text in members]
        self.translated: list[Address] = []

    def load_addresses(self) -> tuple[list[Address], list[Address]]:
        return self.members, []

    def translate(self, address: Address) -> Address | None:
        self.translated.append(address)
        return address


class Awaiting(Plain):
    """The same provider with coroutine methods."""

    async def load_addresses(self) -> Any:  # type: ignore[override]
        await asyncio.sleep(0)
        return self.members, []

    async def translate(self, address: Address) -> Any:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().translate(address)


class TestProvidersOfApplications:
    @pytest.mark.parametrize("kind", [Plain, Awaiting])
    async def test_both_kinds(self, runtime: str, hazelcast_cluster: LocalCluster, kind: type[Plain]) -> None:
        provider = kind(*hazelcast_cluster.addresses)
        assert isinstance(provider, AddressProvider)
        assert await connected(runtime, address_provider=provider) == 2
        assert set(provider.translated) == set(provider.members)

    async def test_one_that_fails_is_asked_again(
        self, runtime: str, hazelcast_cluster: LocalCluster, caplog: Any
    ) -> None:
        class Flaky(Plain):
            attempts = 0

            def load_addresses(self) -> Any:
                self.attempts += 1
                if self.attempts == 1:
                    raise RuntimeError("the registry restarts")
                return super().load_addresses()

        caplog.set_level(logging.WARNING)
        options = {"retry_initial_backoff": 0.01, "cluster_connect_timeout": 30}
        provider = Flaky(*hazelcast_cluster.addresses)
        assert await connected(runtime, address_provider=provider, **options) == 2
        assert "the registry restarts" in caplog.text

    async def test_one_that_cannot_translate(self, runtime: str, hazelcast_cluster: LocalCluster) -> None:
        class Lost(Plain):
            def translate(self, address: Address) -> Address | None:
                raise KeyError(address.host)

        with pytest.raises(IllegalStateError, match="cannot translate"):
            await connected(runtime, address_provider=Lost(*hazelcast_cluster.addresses))
