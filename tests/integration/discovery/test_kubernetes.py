"""Discovery by the API server of Kubernetes and by DNS, with real members and local servers."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from dnslib import AAAA, QTYPE, RR, SRV, A
from dnslib.server import BaseResolver, DNSServer

from hzclient.core import Address
from hzclient.discovery import DnsAddressProvider, KubernetesAddressProvider
from hzclient.errors import HazelcastIOError, InvalidConfigurationError
from hzclient.server import LocalCluster
from tests.integration.discovery.api_server import ApiServer
from tests.integration.faces import Face, end_client, eventually, make_client

ENDPOINTS = "/api/v1/namespaces/shop/endpoints"
SERVICES = "/api/v1/namespaces/shop/services"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[ApiServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with ApiServer(context, "token-1") as server:
        yield server


@pytest.fixture
def options(server: ApiServer, authority: trustme.CA, tmp_path: Path) -> dict[str, Any]:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    (tmp_path / "token").write_text("token-1\n")
    return {
        "namespace": "shop",
        "api_url": server.url,
        "token_file": str(tmp_path / "token"),
        "ca_file": str(tmp_path / "ca.crt"),
    }


def endpoints(*addresses: str, port: int = 5701, name: str = "hazelcast") -> dict[str, Any]:
    entries = [
        {"ip": ip, "nodeName": "node-1", "targetRef": {"kind": "Pod", "name": f"hz-{index}"}}
        for index, ip in enumerate(addresses)
    ]
    return {
        "subsets": [{"addresses": entries, "ports": [{"name": "x", "port": 1}, {"name": name, "port": port}]}]
    }


def pod(
    name: str, ip: str | None, *, ready: bool = True, phase: str = "Running", ports: Any = None
) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"nodeName": "node-1", "containers": [{"name": "hz", "ports": ports}]},
        "status": {
            "phase": phase,
            "conditions": [
                {"type": "Initialized", "status": "True"},
                {"type": "Ready", "status": str(ready)},
            ],
            **({"podIP": ip} if ip else {}),
        },
    }


@pytest.mark.parametrize("runtime", ["asyncio", "future"])
async def test_a_client_finds_real_members(
    server: ApiServer, options: dict[str, Any], hazelcast_cluster: LocalCluster, runtime: str
) -> None:
    port = hazelcast_cluster.members[0].port
    server.objects[f"{ENDPOINTS}/members"] = endpoints("127.0.0.1", port=port)
    provider = KubernetesAddressProvider("members", **options)
    client = await make_client(runtime, address_provider=provider, cluster_connect_timeout=5)
    try:
        assert len(client.cluster_service.get_members()) == len(hazelcast_cluster.members)
    finally:
        await end_client(client)


async def write_until_cancelled(map_: Any, written: list[int]) -> None:
    while True:
        await map_.set(len(written), "value")
        written.append(len(written))
        await asyncio.sleep(0.01)


@pytest.mark.timeout(240)  # it starts four members, one after the other
async def test_clients_follow_pods_whose_addresses_change(server: ApiServer, options: dict[str, Any]) -> None:
    """All pods are replaced one after the other, and later all at once."""
    states: list[str] = []
    with LocalCluster(cluster_name="rolling") as cluster:

        def publish() -> None:
            alive = [member for member in cluster.members if member.is_alive]
            each = [endpoints("127.0.0.1", port=member.port)["subsets"][0] for member in alive]
            server.objects[f"{ENDPOINTS}/members"] = {"subsets": each}

        async def replace_the_oldest() -> None:
            oldest = next(member for member in cluster.members if member.is_alive)
            await asyncio.to_thread(cluster.start_member)
            publish()
            await eventually(lambda: all(each.health().connections == 2 for each in clients), 30)
            await asyncio.to_thread(oldest.stop)
            publish()
            await eventually(lambda: all(each.health().connections == 1 for each in clients), 30)

        publish()
        clients = [
            await make_client(
                runtime,
                cluster_name="rolling",
                address_provider=KubernetesAddressProvider("members", **options),
                redo_operation=True,
                lifecycle_listeners=[states.append],
            )
            for runtime in ("asyncio", "future")
        ]
        try:
            written: list[int] = []
            entries = await Face("asyncio", clients[0]).get("map")
            load = asyncio.create_task(write_until_cancelled(entries, written))
            for _ in range(2):
                await replace_the_oldest()
            assert not load.done()
            load.cancel()
            await asyncio.gather(load, return_exceptions=True)
            assert load.cancelled()
            assert "DISCONNECTED" not in states
            assert await entries.size() >= len(written) > 0

            last = next(member for member in cluster.members if member.is_alive)
            await asyncio.to_thread(last.stop)
            await asyncio.to_thread(cluster.start_member)
            publish()  # only the API server knows the new address
            await eventually(lambda: all(each.health().is_ready for each in clients), 30)
            for face, client in zip(("asyncio", "future"), clients, strict=True):
                await (await Face(face, client).get("map")).set("still", "works")
        finally:
            for client in clients:
                await end_client(client)


class TestKubernetes:
    def test_pages_of_a_label(self, server: ApiServer, options: dict[str, Any]) -> None:
        server.objects[ENDPOINTS] = [endpoints(f"10.0.0.{n}") for n in range(5)]
        provider = KubernetesAddressProvider(service_label="app=hz", **options)
        assert provider.load_addresses() == ([Address(f"10.0.0.{n}", 5701) for n in range(5)], [])
        assert len(server.requests) == 3
        assert all("labelSelector=app%3Dhz" in target for target in server.requests)

    def test_pods_by_their_label(self, server: ApiServer, options: dict[str, Any]) -> None:
        server.objects["/api/v1/namespaces/shop/pods"] = [
            pod(
                "hz-0",
                "10.0.0.1",
                ports=[{"containerPort": 80}, {"name": "hazelcast", "containerPort": 5702}],
            ),
            pod("hz-1", "10.0.0.2", ready=False),
            pod("hz-2", "10.0.0.3", phase="Succeeded"),
            pod("hz-3", None, phase="Pending"),
            pod("hz-4", "10.0.0.4"),
        ]
        provider = KubernetesAddressProvider(pod_label="app=hz", **options)
        ready, unready = provider.load_addresses()
        assert ready == [Address("10.0.0.1", 5702), Address("10.0.0.4", 5701)]
        assert unready == [Address("10.0.0.2", 5701)]
        assert all("labelSelector=app%3Dhz" in target for target in server.requests)

    def test_pods_that_are_not_ready_come_last(self, server: ApiServer, options: dict[str, Any]) -> None:
        found = endpoints("10.0.0.1")
        found["subsets"][0]["notReadyAddresses"] = [{"ip": "10.0.0.2"}]
        server.objects[f"{ENDPOINTS}/members"] = found
        provider = KubernetesAddressProvider("members", **options)
        assert provider.load_addresses() == ([Address("10.0.0.1", 5701)], [Address("10.0.0.2", 5701)])

    def test_an_expired_list_is_read_again(self, server: ApiServer, options: dict[str, Any]) -> None:
        server.objects[ENDPOINTS] = [endpoints(f"10.0.0.{n}") for n in range(3)]
        server.failures = [200, 410]
        provider = KubernetesAddressProvider(service_label="app=hz", **options)
        assert len(provider.load_addresses()[0]) == 3
        assert len(server.requests) == 4

    @pytest.mark.parametrize("failures", [[503, 500], [429], ["slow"]])
    def test_an_overloaded_server_is_asked_again(
        self, server: ApiServer, options: dict[str, Any], failures: list[Any]
    ) -> None:
        server.objects[f"{ENDPOINTS}/members"] = endpoints("10.0.0.1")
        server.failures = failures
        provider = KubernetesAddressProvider("members", timeout=0.3, **options)
        assert provider.load_addresses()[0] == [Address("10.0.0.1", 5701)]

    def test_a_replaced_token_is_read_again(
        self, server: ApiServer, options: dict[str, Any], tmp_path: Path
    ) -> None:
        server.objects[f"{ENDPOINTS}/members"] = endpoints("10.0.0.1")
        provider = KubernetesAddressProvider("members", retries=0, **options)
        server.token = "token-2"
        with pytest.raises(HazelcastIOError, match="status 401"):
            provider.load_addresses()
        (tmp_path / "token").write_text("token-2")
        assert provider.load_addresses()[0] == [Address("10.0.0.1", 5701)]

    @pytest.mark.parametrize(
        ("status", "found_by", "text"),
        [
            (
                403,
                "service_name",
                "403.*: give the service account the right to get and list endpoints, by a R",
            ),
            (403, "pod_label", "the right to get and list pods, by a Role and a RoleBinding"),
            (404, "service_name", "status 404 to"),
        ],
    )
    def test_refusals(
        self, server: ApiServer, options: dict[str, Any], status: int, found_by: str, text: str
    ) -> None:
        server.failures = [status]
        with pytest.raises(HazelcastIOError, match=text):
            KubernetesAddressProvider(**options | {found_by: "members"}).load_addresses()
        assert len(server.requests) == 1

    def test_refused_nodes(self, server: ApiServer, options: dict[str, Any]) -> None:
        """A Role cannot give the right to nodes, which belong to no namespace."""
        server.objects[f"{ENDPOINTS}/members"] = endpoints("10.0.0.1")
        server.objects[SERVICES] = [
            {
                "metadata": {"name": "hz-0"},
                "spec": {"ports": [{"port": 5701, "nodePort": 31000}]},
                "status": {"loadBalancer": {}},
            }
        ]
        server.failures = [200, 200, 403]  # endpoints, services, the node
        with pytest.raises(HazelcastIOError, match="list nodes, by a ClusterRole and a ClusterRoleBinding"):
            KubernetesAddressProvider("members", use_public_ip=True, **options).load_addresses()

    def test_a_certificate_of_another_authority_is_refused(
        self, options: dict[str, Any], tmp_path: Path
    ) -> None:
        trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.crt"))
        with pytest.raises(HazelcastIOError, match="the certificate of localhost is invalid"):
            KubernetesAddressProvider("members", **options).load_addresses()

    def test_public_addresses(self, server: ApiServer, options: dict[str, Any]) -> None:
        server.objects[f"{ENDPOINTS}/members"] = endpoints("10.0.0.1", "10.0.0.2", "10.0.0.3")
        server.objects[SERVICES] = [
            {
                "metadata": {"name": "hz-0"},
                "spec": {"ports": [{"port": 5701}]},
                "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}},
            },
            {
                "metadata": {"name": "second"},
                "spec": {
                    "selector": {"statefulset.kubernetes.io/pod-name": "hz-1"},
                    "ports": [{"port": 5701, "nodePort": 31000}],
                },
                "status": {"loadBalancer": {}},
            },
        ]
        server.objects["/api/v1/nodes/node-1"] = {
            "status": {
                "addresses": [
                    {"type": "InternalIP", "address": "10.1.1.1"},
                    {"type": "ExternalIP", "address": "203.0.113.9"},
                ]
            }
        }
        provider = KubernetesAddressProvider("members", use_public_ip=True, **options)
        assert len(provider.load_addresses()[0]) == 3
        assert provider.translate(Address("10.0.0.1", 5701)) == Address("203.0.113.1", 5701)
        assert provider.translate(Address("10.0.0.2", 5701)) == Address("203.0.113.9", 31000)
        assert provider.translate(Address("10.0.0.3", 5701)) is None

    @pytest.mark.parametrize(
        ("given", "text"),
        [
            ({}, "either service_name, service_label or pod_label"),
            ({"service_name": "x", "service_label": "y"}, "either service_name, service_label or pod_label"),
            ({"service_name": "x", "pod_label": "y"}, "either service_name, service_label or pod_label"),
            ({"service_name": "x", "api_url": "http://x", "namespace": "n"}, "must be an https:// URL"),
            ({"service_name": "x"}, "namespace cannot be read"),
        ],
    )
    def test_wrong_arguments(self, given: dict[str, Any], text: str) -> None:
        with pytest.raises(InvalidConfigurationError, match=text):
            KubernetesAddressProvider(**given)


class Zone(BaseResolver):
    """Answers from a list of records that a test changes."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, Any]] = []

    def resolve(self, request: Any, handler: Any) -> Any:
        reply = request.reply()
        name, kind = str(request.q.qname).rstrip("."), QTYPE[request.q.qtype]
        for owner, type_, data in self.records:
            if (owner, type_) == (name, kind):
                reply.add_answer(RR(name, getattr(QTYPE, type_), ttl=0, rdata=data))
        return reply


class TestDns:
    @pytest.fixture
    def zone(self) -> Iterator[Zone]:
        zone = Zone()
        server = DNSServer(zone, address="127.0.0.1", port=0)
        server.start_thread()
        zone.options = {
            "nameservers": ["127.0.0.1"],
            "nameserver_port": server.server.server_address[1],
        }
        yield zone
        server.stop()
        server.server.server_close()

    def test_a_and_aaaa_are_looked_up_each_time(self, zone: Any) -> None:
        provider = DnsAddressProvider("hz.test", 5702, **zone.options)
        zone.records = [("hz.test", "A", A("10.0.0.1")), ("hz.test", "AAAA", AAAA("fd00::1"))]
        assert provider.load_addresses() == ([Address("10.0.0.1", 5702), Address("fd00::1", 5702)], [])
        zone.records = [("hz.test", "A", A("10.0.0.2"))]
        assert provider.load_addresses()[0] == [Address("10.0.0.2", 5702)]
        zone.records = []
        with pytest.raises(HazelcastIOError, match=r"the name hz\.test has no addresses"):
            provider.load_addresses()

    def test_srv_records_have_ports_and_priorities(self, zone: Any) -> None:
        name = "_hazelcast._tcp.hz.test"
        zone.records = [
            (name, "SRV", SRV(20, 0, 5703, "c.hz.test")),
            (name, "SRV", SRV(10, 1, 5702, "b.hz.test")),
            (name, "SRV", SRV(10, 9, 5701, "a.hz.test")),
        ]
        found, _ = DnsAddressProvider(name, **zone.options).load_addresses()
        assert [(each.host, each.port) for each in found] == [
            ("a.hz.test", 5701),
            ("b.hz.test", 5702),
            ("c.hz.test", 5703),
        ]

    async def test_a_client_finds_real_members(self, zone: Any, hazelcast_cluster: LocalCluster) -> None:
        zone.records = [("hz.test", "A", A("127.0.0.1"))]
        provider = DnsAddressProvider("hz.test", hazelcast_cluster.members[0].port, **zone.options)
        client = await make_client("asyncio", address_provider=provider, cluster_connect_timeout=5)
        try:
            assert len(client.cluster_service.get_members()) == len(hazelcast_cluster.members)
        finally:
            await end_client(client)
