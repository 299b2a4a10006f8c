"""The official API: every recorded name is here with its parameters, defaults, values and codes.

What later work brings stands in the two lists below. They only shrink: a name that is here and still listed
fails the test just as one that is missing and not listed.
"""

from __future__ import annotations

import pytest

from tests.tools import api_diff

FACTS = api_diff.load()
TABLES = api_diff.tables(FACTS, "public")

LATER_MODULES: frozenset[str] = frozenset()

LATER_NAMES = {"asyncio": {"class LockContext", "class ReliableMessageListener"}}
"""Names still missing, by module; a class stands for everything in it."""


def gaps(path: str) -> set[str]:
    """The names of a module that are missing or differ, without what is wrong with each."""
    report = api_diff.check_module("hzclient", path, TABLES[path], FACTS["config_options"]["classes"])
    return {problem.partition(":")[0] for problem in report.problems}


def test_no_name_is_listed_for_a_module_that_does_not_exist() -> None:
    assert LATER_MODULES | LATER_NAMES.keys() <= TABLES.keys()


@pytest.mark.parametrize("path", [path for path in TABLES if path not in LATER_MODULES])
def test_module_has_the_official_names(path: str) -> None:
    missing, listed = gaps(path), LATER_NAMES.get(path, set())
    assert missing - listed == set(), "missing or different (`python -m tests.tools.api_diff` says how)"
    assert listed - missing == set(), "these are here now: take them off LATER_NAMES"


@pytest.mark.parametrize("path", sorted(LATER_MODULES))
def test_module_is_still_to_come(path: str) -> None:
    assert gaps(path), f"hzclient.{path} is complete: take it off LATER_MODULES"


class TestTheCheckItself:
    """It must be able to fail."""

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
