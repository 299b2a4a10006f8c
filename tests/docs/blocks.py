"""A pytest plugin that runs the code blocks of the README and the documentation against real members.

    python -m pytest -p tests.docs.blocks README.md docs

The blocks of a page run in order and share their names. What a `python` block prints is compared with the
`output` block that follows it; a block without one must print nothing. `await` works outside
functions, on one loop per page. The address 127.0.0.1:5701 stands for a member of the test cluster.

A `bash` block runs if it calls `python -m hzclient`. Other commands must be in `ELSEWHERE`, which says
what runs them instead. Blocks of other languages are text.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser

from hzclient.server import LocalCluster
from hzclient.testing import hazelcast_cluster
from tests.conftest import hazelcast_cluster_options, server_version

ROOT = Path(__file__).parents[2]
ADDRESS = "127.0.0.1:5701"
TIMEOUT_SECONDS = 300

ELSEWHERE = {
    r"pip install": "./run-tests.sh package installs the wheel",
    r"python -m hzclient server start": "tests/integration/server",
    r"python -m hzclient server (status|stop)": "tests/integration/server",
    r"python -m benchmarks\b": "tests/integration/test_benchmarks.py",
    r"python codecs\b": "./run-tests.sh checks",
    r"\./quickstart\.sh": "./run-tests.sh package",
    r"\./run-tests\.sh": "this run",
    r"git ": "a release",
}

__all__ = ["hazelcast_cluster", "hazelcast_cluster_options", "pytest_collect_file", "server_version"]


class PythonBlocks(CodeBlockParser):
    """Run `python` blocks, and compare what they print with the `output` block that follows."""

    language = "python"

    def evaluate(self, example: Example) -> str | None:
        """Run one block; a failure is its exception."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            _execute(example, _with_address(example.parsed, example))
        expected = _following_output(example)
        got = printed.getvalue()
        if got == _with_address(expected, example):
            return None
        return f"printed:\n{got}\nthe page says:\n{expected}"


class BashBlocks(CodeBlockParser):
    """Check that every command of a `bash` block is run by some test."""

    language = "bash"

    def evaluate(self, example: Example) -> str | None:
        """Run the commands of one block, or find out what runs them."""
        for line in filter(None, map(str.strip, example.parsed.splitlines())):
            command = line.partition("  #")[0]
            if command.startswith("#") or any(re.match(known, command) for known in ELSEWHERE):
                continue
            if not command.startswith("python -m hzclient"):
                return f"nothing runs {command!r}: add it to tests/docs/blocks.py"
            words = [sys.executable, *shlex.split(_with_address(command, example))[1:]]
            done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
            if done.returncode:
                return f"{command}\n{done.stdout}{done.stderr}"
        return None


def _with_address(text: str, example: Example) -> str:
    cluster: LocalCluster = example.namespace["hazelcast_cluster"]
    return text.replace(ADDRESS, cluster.addresses[0])


def _following_output(example: Example) -> str:
    """Return the text of the `output` block that comes right after a block; "" if there is none."""
    rest = example.document.text[example.region.end :]
    found = re.match(r"\s*```output\n(?P<text>.*?)```", rest, re.DOTALL)
    return found["text"] if found else ""


def _execute(example: Example, source: str) -> None:
    namespace = example.namespace
    line = example.document.text[: example.region.start].count("\n") + 1
    tree = ast.parse("\n" * line + source, example.path)
    code = compile(tree, example.path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    run: Callable[..., Any] = eval
    result = run(code, namespace)
    if inspect.iscoroutine(result):
        if "__runner__" not in namespace:
            namespace["__runner__"] = asyncio.Runner()
        namespace["__runner__"].run(result)


def set_up(namespace: dict[str, Any]) -> None:
    """Make a page a `__main__` of its own, as far as pickle and dataclasses look at it."""
    namespace["__name__"] = "__main__"


def tear_down(namespace: dict[str, Any]) -> None:
    """Shut down what a page leaves open."""
    runner = namespace.pop("__runner__", None)
    if runner is not None:
        runner.close()


_sybil = Sybil(
    parsers=[PythonBlocks(), BashBlocks()],
    patterns=["*.md"],
    excludes=["_generated/*"],
    path=str(ROOT),
    setup=set_up,
    teardown=tear_down,
    fixtures=["hazelcast_cluster"],
)
pytest_collect_file = _sybil.pytest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the first block wait for the members, and for their download on a fresh machine."""
    for item in items:
        item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))
