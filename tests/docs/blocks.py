"""A pytest plugin that runs the code blocks of the README and the documentation against real members.

    python -m pytest -p tests.docs.blocks README.md docs

The blocks of a page run in order and share their names. What a `python` block prints is compared with the
`output` block that follows it; a block without one must print nothing. `await` works outside
functions, on one loop per page. The address 127.0.0.1:5701 stands for a member of the test cluster.

A `bash` block runs if it calls `python -m hzclient`. Other commands must be in `ELSEWHERE`, which says
what runs them instead. `py` blocks are fragments and are only compiled. Blocks of other languages are text.
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
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser

from hzclient import HazelcastClient
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
    r"python -m tests\.fuzz\b": "./run-tests.sh fuzz",
    r"git ": "a release",
    r"celery -A": "tests/integrations/celery",
    r"python -m tests\.integrations\.celery\.kill_run": "tests/integrations/celery/test_workers.py",
}

__all__ = ["hazelcast_cluster", "hazelcast_cluster_options", "pytest_collect_file", "server_version"]


class PythonBlocks(CodeBlockParser):
    """Run `python` blocks, and compare what they print with the `output` block that follows."""

    language = "python"

    def evaluate(self, example: Example) -> str | None:
        """Run one block; a failure is its exception."""
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                _execute(example, _with_address(example.parsed, example))
        except Exception as error:
            return "".join(traceback.format_exception(error))
        expected = _following_output(example)
        got = printed.getvalue()
        if got == _with_address(expected, example):
            return None
        return f"printed:\n{got}\nthe page says:\n{expected}"


class Fragments(CodeBlockParser):
    """Compile `py` blocks: parts of a program that cannot run alone, such as a `conftest.py`."""

    language = "py"

    def evaluate(self, example: Example) -> None:
        """Compile one block."""
        ast.parse(example.parsed, example.path)


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
    page: Page = example.namespace["page"]
    line = example.document.text[: example.region.start].count("\n") + 1
    tree = ast.parse("\n" * line + source, example.path)
    code = compile(tree, example.path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with page.as_main():
        page.run(code)


class Page:
    """The module that the blocks of one page make up, and its event loop."""

    def __init__(self) -> None:
        self._module = ModuleType("__main__")
        self._runner = asyncio.Runner()

    def run(self, code: CodeType) -> None:
        """Run code in the module; if it awaits, on the loop of the page."""
        result: object = eval(code, vars(self._module))
        if inspect.iscoroutine(result):
            self._runner.run(result)

    @contextlib.contextmanager
    def as_main(self) -> Iterator[None]:
        """Let pickle find the classes of the page where they say they are."""
        before = sys.modules["__main__"]
        sys.modules["__main__"] = self._module
        try:
            yield
        finally:
            sys.modules["__main__"] = before

    def close(self) -> None:
        """Close the loop."""
        self._runner.close()


def set_up(namespace: dict[str, Any]) -> None:
    """Begin a page."""
    namespace["page"] = Page()


def tear_down(namespace: dict[str, Any]) -> None:
    """End a page, and remove what it left in the cluster: another page may use the same names."""
    namespace["page"].close()
    cluster: LocalCluster | None = namespace.get("hazelcast_cluster")
    if cluster is not None:
        _clear(cluster)


def _clear(cluster: LocalCluster) -> None:
    with HazelcastClient(cluster_members=cluster.addresses, cluster_name=cluster.cluster_name) as client:
        mappings = [row["name"] for row in client.sql.execute("SHOW MAPPINGS").result()]
        for name in mappings:
            client.sql.execute(f'DROP MAPPING "{name}"').result()
        for structure in client.get_distributed_objects():
            structure.destroy()


_sybil = Sybil(
    parsers=[PythonBlocks(), Fragments(), BashBlocks()],
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
