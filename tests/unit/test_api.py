"""The official API: every recorded name exists here, with its parameters, defaults, values and codes."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

import hzclient.asyncio
import hzclient.cluster
from tests.tools import api_diff

FACTS = api_diff.load()
TABLES = api_diff.tables(FACTS, "public")
AWAITED = json.loads((Path(__file__).parents[1] / "data" / "official-async.json").read_text())["methods"]
BASES = {
    "BaseCPProxy": hzclient.asyncio.AtomicLong,
    "ClusterService": hzclient.cluster.ClusterService,
    "Proxy": hzclient.asyncio.Map,
    "SessionAwareCPProxy": hzclient.asyncio.FencedLock,
}
"""Classes of the official asyncio client that are not in `hzclient.asyncio`, and what has their methods."""


def gaps(path: str) -> set[str]:
    """Return the names of a module that are missing or differ, without the details."""
    report = api_diff.check_module("hzclient", path, TABLES[path], FACTS["config_options"]["classes"])
    return {problem.partition(":")[0] for problem in report.problems}


@pytest.mark.parametrize("path", TABLES)
def test_module_has_the_official_names(path: str) -> None:
    assert gaps(path) == set(), "missing or different (`python -m tests.tools.api_diff` says how)"


@pytest.mark.parametrize("method", AWAITED)
def test_what_is_awaited_in_the_official_asyncio_client_is_awaited_here(method: str) -> None:
    cls, _, name = method.partition(".")
    function = getattr(BASES.get(cls) or getattr(hzclient.asyncio, cls), name)
    assert inspect.iscoroutinefunction(function) == AWAITED[method]


class TestTheCheckItself:
    """The check can fail."""

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            ({"params": [{"name": "timeout", "kind": "pos"}]}, "parameter timeout is called"),
            ({"params": []}, "needs an additional parameter"),
            (
                {
                    "params": [
                        {"name": "future", "kind": "pos"},
                        {"name": "timeout", "kind": "pos", "default": "3"},
                    ]
                },
                "parameter",
            ),
        ],
    )
    def test_finds_other_parameters(self, change: dict[str, object], complaint: str) -> None:
        table = {**TABLES["future"], "functions": {"combine_futures": {"tier": "public", **change}}}
        report = api_diff.check_module("hzclient", "future", table, {})
        assert any(complaint in problem for problem in report.problems)

    def test_finds_missing_names(self) -> None:
        table = {**TABLES["core"], "functions": {"no_such_function": {"tier": "public", "params": []}}}
        report = api_diff.check_module("hzclient", "core", table, {})
        assert report.problems == ["no_such_function: missing"]

    def test_finds_other_error_codes(self) -> None:
        recorded = TABLES["errors"]["classes"]
        wrong = {**recorded, "HazelcastSerializationError": {**recorded["HazelcastSerializationError"]}}
        wrong["HazelcastSerializationError"]["error_code"] = 9999
        report = api_diff.check_module("hzclient", "errors", {**TABLES["errors"], "classes": wrong}, {})
        assert [problem for problem in report.problems if "9999" in problem] == report.problems != []
