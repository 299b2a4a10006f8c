"""What the client authenticates with, and that nobody else learns it."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from hzclient._codec import client as codec
from hzclient.config import Config
from hzclient.core import Address
from hzclient.errors import AuthenticationError, IllegalStateError
from hzclient.security import BasicTokenProvider, TokenProvider
from tests.integration.faces import end_client, make_client
from tests.member.scripted import ScriptedCluster

SECRET = "open-sesame-4711"


class Counting(TokenProvider):
    """A new token for each connection, made by something that blocks."""

    def __init__(self) -> None:
        self.asked: list[Address | None] = []
        self.threads: set[int] = set()

    def token(self, address: Address | None = None) -> bytes:
        self.asked.append(address)
        self.threads.add(threading.get_ident())
        return f"{SECRET}-{len(self.asked)}".encode()


class Asynchronous:
    """One that awaits."""

    async def token(self, address: Address | None = None) -> bytes:
        return SECRET.encode()


class Failing(TokenProvider):
    """One whose error holds a secret."""

    def token(self, address: Address | None = None) -> bytes:
        raise RuntimeError(f"no ticket for {SECRET}")


async def asyncio_client(cluster: ScriptedCluster, **options: Any) -> Any:
    return await make_client(
        "asyncio", cluster_members=cluster.addresses, cluster_connect_timeout=0, **options
    )


async def test_user_name_and_password() -> None:
    async with ScriptedCluster() as cluster:
        client = await asyncio_client(cluster, creds_username="ali", creds_password=SECRET)
        (request,) = cluster.members[0].requests_of(codec.AUTHENTICATION)
        assert (request.params.username, request.params.password) == ("ali", SECRET)
        await end_client(client)


async def test_a_token_goes_before_user_name_and_password() -> None:
    async with ScriptedCluster() as cluster:
        options = {"creds_username": "ali", "creds_password": "other"}
        client = await asyncio_client(cluster, token_provider=BasicTokenProvider(SECRET), **options)
        (request,) = cluster.members[0].requests_of(codec.AUTHENTICATION_CUSTOM)
        assert request.params.credentials == SECRET.encode()
        assert cluster.members[0].requests_of(codec.AUTHENTICATION) == []
        await end_client(client)


async def test_a_provider_is_asked_again_at_each_connection() -> None:
    provider = Counting()
    async with ScriptedCluster() as cluster:
        member = cluster.members[0]
        client = await asyncio_client(cluster, token_provider=provider)
        member.connections[0].abort()
        requests = await member.received(codec.AUTHENTICATION_CUSTOM, 2)
        tokens = [request.params.credentials.decode() for request in requests]
        assert tokens == [f"{SECRET}-1", f"{SECRET}-2"]
        assert provider.asked == [member.address] * 2
        assert threading.get_ident() not in provider.threads
        await end_client(client)


async def test_a_provider_that_awaits() -> None:
    async with ScriptedCluster() as cluster:
        client = await asyncio_client(cluster, token_provider=Asynchronous())
        (request,) = cluster.members[0].requests_of(codec.AUTHENTICATION_CUSTOM)
        assert request.params.credentials == SECRET.encode()
        await end_client(client)


async def test_a_provider_that_fails_counts_as_a_failed_attempt() -> None:
    async with ScriptedCluster() as cluster:
        with pytest.raises(IllegalStateError, match="the token provider raised RuntimeError"):
            await asyncio_client(cluster, token_provider=Failing())


async def test_a_provider_that_gives_no_bytes() -> None:
    class Wrong(TokenProvider):
        def token(self, address: Address | None = None) -> bytes:
            return SECRET  # type: ignore[return-value]

    async with ScriptedCluster() as cluster:
        with pytest.raises(IllegalStateError, match="the token provider must return bytes, not str"):
            await asyncio_client(cluster, token_provider=Wrong())


@pytest.mark.parametrize(
    "secrets",
    [
        {"creds_username": "ali", "creds_password": SECRET},
        {"token_provider": BasicTokenProvider(SECRET)},
        {"token_provider": Counting()},
        {"token_provider": Failing()},
        {"creds_password": SECRET, "ssl_password": SECRET},
    ],
)
@pytest.mark.parametrize("status", [0, 1, 2, 3, 77])
async def test_secrets_show_nowhere(
    secrets: dict[str, Any], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = [repr(Config.from_dict(secrets)), str(Config.from_dict(secrets))]
    async with ScriptedCluster() as cluster:
        if status:
            refusal = codec.AuthenticationResponse(status, None, None, -1, "", -1, None, False)
            cluster.on(codec.AUTHENTICATION, lambda *_: refusal)
            custom = codec.AuthenticationCustomResponse(*refusal)
            cluster.on(codec.AUTHENTICATION_CUSTOM, lambda *_: custom)
        try:
            client = await asyncio_client(cluster, statistics_enabled=True, statistics_period=0.01, **secrets)
        except Exception as error:
            seen += [str(error), repr(error)]
        else:
            (statistics, *_) = await cluster.members[0].received(codec.STATISTICS)
            seen += [repr(client), repr(vars(client)), repr(statistics.params)]
            await end_client(client)
    seen += [record.getMessage() for record in caplog.records]
    assert not [text for text in seen if SECRET in text]


async def test_a_wrong_password_ends_the_first_start() -> None:
    async with ScriptedCluster() as cluster:
        refusal = codec.AuthenticationResponse(1, None, None, -1, "", -1, None, False)
        cluster.on(codec.AUTHENTICATION, lambda *_: refusal)
        with pytest.raises(AuthenticationError, match="refused the credentials"):
            await make_client("asyncio", cluster_members=cluster.addresses, creds_password=SECRET)
