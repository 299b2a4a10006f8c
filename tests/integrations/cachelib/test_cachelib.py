"""cachelib's own tests pass, and a Flask application in two processes shares sessions and cached views."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hzclient.contrib._shared import close_shared_clients, is_unavailable
from hzclient.contrib.cachelib import HazelcastCache
from hzclient.server import LocalCluster
from tests.integration.faces import unique_name
from tests.integration.operations.scripts import ROOT
from tests.integrations.django.test_processes import request
from tests.integrations.sdists import source_of
from tests.integrations.suites import Suite

PASSED = 30


def test_its_own_suite_passes(hazelcast_cluster: LocalCluster) -> None:
    suite = Path(__file__).with_name("suite.py")
    environment = {"SUITE": str(source_of("cachelib") / "tests"), "PYTHONPATH": str(ROOT)}
    arguments = ("-p", "no:xprocess", "--noconftest", str(suite))
    Suite(hazelcast_cluster, suite.parent, *arguments, environment=environment).check(PASSED, timeout=200)


@pytest.fixture
def ports(hazelcast_cluster: LocalCluster) -> Iterator[list[int]]:
    command = [sys.executable, "-m", "tests.integrations.cachelib.shop", *hazelcast_cluster.addresses]
    shops = [
        subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    yield [int(shop.stdout.readline()) for shop in shops if shop.stdout]
    for shop in shops:
        shop.kill()
        shop.communicate()


def test_flask_in_two_processes(ports: list[int]) -> None:
    cookie, visits = "", []
    for number in range(6):
        status, body, cookie = request(ports[number % 2], "/visit", cookie)
        assert status == 200
        visits.append(int(body))
    assert visits == [1, 2, 3, 4, 5, 6]
    first, second = (request(port, "/maker")[1] for port in ports)
    assert first == second  # the second process answers with what the first one has cached


def test_without_the_cluster(mortal_cluster: LocalCluster) -> None:
    name = unique_name("cachelib")
    strict, lenient = (
        HazelcastCache(
            mortal_cluster.addresses, map_name=name, failures=3, pause=60, ignore_exceptions=ignores
        )
        for ignores in (False, True)
    )
    assert strict.set("k", 1)
    (member,) = mortal_cluster.members
    member.kill()
    try:
        with pytest.raises(Exception) as failure:
            strict.get("k")
        assert is_unavailable(failure.value)
        assert lenient.get("k") is None
        assert lenient.get_many("k", "l") == [None, None]
        assert not lenient.set("k", 1)
        assert lenient.set_many({"k": 1}) == []
        assert lenient.delete_many("k") == []
        assert lenient.inc("k") is None
        assert not lenient.clear()
    finally:
        close_shared_clients()
        member.start()
