"""Constructors with many arguments take them by keyword."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[2] / "hzclient"
MOST: Final = 4
PUBLIC: Final = {"MemberInfo", "EntryEvent", "FieldDefinition", "HazelcastSqlError", "UnreadableItemError"}
"""Public classes whose constructors keep the order of arguments that programs may rely on."""


def constructors() -> Iterator[tuple[str, int]]:
    """Yield the name of each class that is written by hand, and how many arguments it takes by position."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"_codec", "_generated"} & set(path.parts):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    yield from ((node.name, count) for count in _positional(node))


def _positional(node: ast.ClassDef) -> Iterator[int]:
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            yield len(each.args.posonlyargs) + len(each.args.args) - 1


def test_many_arguments_are_given_by_keyword() -> None:
    found = dict(constructors())
    assert len(found) > 200, "the check must see the package"
    assert {name for name, count in found.items() if count > MOST} == PUBLIC
