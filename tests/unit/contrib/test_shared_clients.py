"""Which options share a client, and calls while there is no member at all."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from hzclient.config import ClientOptions
from hzclient.contrib._shared import (
    CircuitOpenError,
    Guarded,
    close_shared_clients,
    guarded_map,
    is_unavailable,
    shared_client,
)
from hzclient.errors import InvalidConfigurationError


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_shared_clients()


@pytest.fixture
def away() -> Iterator[ClientOptions]:
    """Yield options of a cluster that does not exist."""
    with socket.socket() as bound:  # bound but not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        yield {"cluster_members": [f"127.0.0.1:{bound.getsockname()[1]}"]}


def test_equal_options_share_a_client(away: ClientOptions) -> None:
    members: Any = list(away["cluster_members"] or [])
    client = shared_client(**away)
    assert shared_client(cluster_members=members) is client
    assert shared_client(cluster_members=members, labels=["x"]) is not client


def test_a_closed_client_is_replaced(away: ClientOptions) -> None:
    client = shared_client(**away)
    client.shutdown()
    assert shared_client(**away) is not client
    close_shared_clients()
    assert shared_client(**away).lifecycle_service.is_running()


def test_wrong_options_are_refused_at_the_call(away: ClientOptions) -> None:
    options: Any = {**away, "clustername": "x"}
    with pytest.raises(InvalidConfigurationError, match="clustername"):
        shared_client(**options)
    with pytest.raises(InvalidConfigurationError, match="clustername"):
        guarded_map("m", options).call(lambda m: m.size()).result(10)
    with pytest.raises(ValueError, match="deadline"):
        guarded_map("m", away, deadline=0)


async def test_calls_fail_within_the_deadline_and_then_at_once(away: ClientOptions) -> None:
    guarded = guarded_map("m", away, deadline=0.3, failures=2, pause=60)
    started = time.monotonic()
    with pytest.raises(Exception) as first:  # waits for the first connection
        await guarded.call(lambda m: m.size())
    assert is_unavailable(first.value)
    with pytest.raises(Exception) as second:  # does not wait again
        await guarded.call(lambda m: m.size())
    assert is_unavailable(second.value)
    assert time.monotonic() - started < 30
    with pytest.raises(CircuitOpenError):
        guarded.call(lambda m: m.size()).result()
    assert guarded.breaker.is_open
    same = guarded_map("other", away, failures=2, pause=60)
    assert same.breaker is guarded.breaker


def test_what_is_wrong_with_a_call_is_no_failure_of_the_cluster(away: ClientOptions) -> None:
    guarded: Guarded[Any] = Guarded(lambda client: client, away, failures=1)

    def wrong(client: Any) -> Any:
        raise TypeError("wrong")

    for _ in range(3):
        with pytest.raises(TypeError, match="wrong"):
            guarded.call(wrong).result(10)
    assert not guarded.breaker.is_open
