"""Every example runs on a real cluster and prints the expected output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hzclient.server import LocalCluster

pytestmark = pytest.mark.timeout(240)  # each example is a program or two, and the machine may be busy

EXAMPLES = Path(__file__).parents[2] / "examples"

PROMISES = {
    "quickstart.py": [
        "capital of France is Paris",
        "France was added with the value Paris",
        "12 squared is 144",
        r"3, 4 and 5 cubed are \[27, 64, 125\]",
    ],
    "pipelining.py": ["^10000 entries in "],
    "django_site.py": [
        "^visit 1$",
        "^visit 2$",
        "^{'report': 'made now', 'readers': 1}$",
        "^available: True$",
        "^100 users are cached$",
        "^10 of them are removed$",
    ],
    "flask_app.py": ["^visit 1$", "^visit 2$", "^making the report\nreport\nreport$"],
    "queue_workers.py": [r"^\[\['eleven', 6\], \['one', 3\], \['three', 5\]\]$"],
    "topics.py": [
        "^topic: only for those who listen now$",
        "^reliable topic: published before anybody listened$",
    ],
    "event_stream.py": ["^tea costs 20\ntea costs 25\ntea costs 30$"],
    "ringbuffer_log.py": [
        "^capacity 10000, 5 lines written$",
        r"^\['line 0', 'line 1'\] and more from 2$",
        "^line 2\nline 3\nline 4$",
    ],
    "multi_map.py": [
        "^added: True$",
        "^again: False$",
        r"^python: \['asyncio', 'pattern matching', 'typing'\]$",
        "^4 entries for 2 tags$",
    ],
    "replicated_map.py": ["^1 EUR is 160.0 JPY$"],
    "list_and_set.py": [
        r"^\['Blue', 'Green', 'Red', 'Blue'\] · first Blue at 0$",
        r"^\[True, True, False\] · \['Ann', 'Bob'\]$",
    ],
    "counters.py": ["^visits: 1000$", "^visitors: about 100$"],
    "unique_ids.py": ["^2000 ids, 2000 different$"],
    "transaction.py": [
        "^refused: ann has only 3$",
        r"^\[\('ann', 3\), \('bob', 7\)\] \['ann to bob: 7'\]$",
    ],
    "near_cache.py": ["^more than 95 % hits: True$", "^7 costs 70$"],
    "rate_limiter.py": ["^3 of 10 calls are allowed$"],
    "queries.py": [
        r"^\['room 1', 'room 4'\]$",
        r"^\['room 2', 'room 5', 'room 8'\]$",
        "^average price: 45.0$",
        "^9 rooms in 3 pages$",
    ],
    "parquet_export.py": [r"^sensor a: 500 rows, mean 998\.0$", r"^sensor b: 500 rows, mean 1000\.0$"],
    "sql_report.py": [r"^Bern +1 +8 +40%$", r"^Oslo +3 +10 +50%$", r"^Rome +2 +2 +10%$"],
    "bulk_load.py": ["^20000 entries$"],
    "celery_app.py": ["^3 cubed is 27$", "^the sum of 10 cubes is 2025$"],
    "kombu_queue.py": ["^charged 1$", "^charged 3$", "^archived 1$", "^archived 2$", "^archived 3$"],
    "sqlalchemy_orm.py": [
        "^Orlando by Woolf has 2 copies$",
        "^Joyce: 2 copies\nWoolf: 12 copies$",
        r"^\['Orlando', 'The Waves', 'Ulysses'\]$",
    ],
    "dogpile_cache.py": [
        r"^looking up the price of tea\n\{9\.5\}$",
        r"^counting tea\ncounting milk salt\n\[3, 4, 4\]$",
    ],
    "aiocache_service.py": [
        "^greeting Ann\nHello, Ann - Hello, Ann$",
        r"""^making the report\n\{"\{'visits': 100\}"\}$""",
    ],
    "cashews_cache.py": [
        r"^looking up the price of tea\n\{9\.5\}$",
        r"^looking up the price of tea\nafter the prices have changed: 9\.5$",
        "^2 of 5 searches are refused$",
    ],
    "opentelemetry_console.py": [
        "^Queue.offer traced-orders: CLIENT, child, 0 links$",
        "^Queue.take traced-orders: CLIENT, root, 0 links$",
        "^the order: 3 apples$",
        "^process traced-orders: CONSUMER, root, 1 links$",
    ],
    "asyncio_service.py": ["^/about: 1$", "^/home: 3$", "^/news: 1$"],
}

CP_PROMISES = {
    "leader_election.py": ["^candidate 1 leads, its fence is valid: True$", "^all have led: True$"],
    "cp_subsystem.py": [
        "^counter: 5 True 7$",
        "^reference: {'colour': 'blue'}$",
        "^latch: True$",
        "^semaphore: 1 left$",
        "^lock: taken, with a fence above 0: True$",
    ],
}

# It starts a member of its own.
JAVA_PROMISES = [
    "^one entry: 5$",
    r"^all entries: \[\('milk', 11\), \('tea', 15\)\]$",
    "^task: 3$",
    "^later: 4$",
]


def run(example: str, *arguments: str) -> str:
    """Run an example with warnings as errors; return its output."""
    command = [sys.executable, "-W", "error", str(EXAMPLES / example), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def check(printed: str, promises: list[str]) -> None:
    """Expect all promised lines in what an example printed."""
    for promise in promises:
        assert re.search(promise, printed, re.MULTILINE), printed


def test_every_example_is_tested() -> None:
    tested = {*PROMISES, *CP_PROMISES, "java_classes.py"}
    assert {path.name for path in EXAMPLES.glob("*.py")} == tested


@pytest.mark.parametrize("example", PROMISES)
def test_example_keeps_its_promises(example: str, hazelcast_cluster: LocalCluster) -> None:
    for _ in range(2):  # a second run works on what the first one left in the cluster
        check(run(example, *hazelcast_cluster.addresses), PROMISES[example])


@pytest.fixture(scope="module")
def cp_member() -> Iterator[LocalCluster]:
    """Start a member whose CP subsystem is in its "unsafe" mode: one is enough."""
    with LocalCluster(version="5.3.8") as cluster:
        yield cluster


@pytest.mark.parametrize("example", CP_PROMISES)
def test_example_of_the_cp_subsystem_keeps_its_promises(example: str, cp_member: LocalCluster) -> None:
    for _ in range(2):
        check(run(example, *cp_member.addresses), CP_PROMISES[example])


def test_example_with_java_classes_keeps_its_promises() -> None:
    check(run("java_classes.py"), JAVA_PROMISES)


def test_the_example_for_pytest_passes() -> None:
    """It starts members of its own."""
    folder = EXAMPLES / "pytest"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert "3 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
