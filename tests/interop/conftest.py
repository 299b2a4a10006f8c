"""A cluster, a Python client of it, and the programs in other languages."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

import hzclient
from hzclient.server import LocalCluster
from tests.interop.kinds import Point
from tests.interop.peers import PEERS, MissingToolchain
from tests.peers import Peer


@pytest.fixture(scope="session")
def client(hazelcast_cluster: LocalCluster) -> Iterator[hzclient.HazelcastClient]:
    """Give the Python client."""
    with hzclient.HazelcastClient(
        cluster_members=hazelcast_cluster.addresses,
        cluster_name=hazelcast_cluster.cluster_name,
        portable_factories={Point.FACTORY_ID: {Point.CLASS_ID: Point}},
        near_caches={"near-*": {}},
    ) as client:
        yield client


@pytest.fixture(scope="session")
def peer_of(hazelcast_cluster: LocalCluster) -> Iterator[Callable[[str], Peer]]:
    """Give each language's program, started when it is first asked for.

    If the machine lacks a toolchain, the tests that need it are skipped with the reason.
    """
    with ExitStack() as running:

        @functools.cache
        def start(language: str) -> Peer | Exception:
            try:
                return running.enter_context(PEERS[language](hazelcast_cluster))
            except Exception as error:  # it is remembered: the next test must not wait for it again
                return error

        def peer_of(language: str) -> Peer:
            found = start(language)
            if isinstance(found, MissingToolchain):
                pytest.skip(f"no {language} tests: {found}")
            if isinstance(found, Exception):
                raise found
            return found

        yield peer_of


@pytest.fixture(params=PEERS)
def language(request: pytest.FixtureRequest) -> str:
    """Give a language beside Python."""
    return str(request.param)


@pytest.fixture
def peer(peer_of: Callable[[str], Peer], language: str) -> Peer:
    """Give the program in the language of the test."""
    return peer_of(language)
