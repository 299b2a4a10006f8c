"""Tests reach private names of the package through `tests.internals` only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
REACH: Final = re.compile(r"(?<!\bself)(?<!\bcls)\._[a-z]")
"""What a file must have to be read: most have no such text."""

NOT_PRIVATE: Final = {"_asdict", "_replace"}
"""Public methods of named tuples."""


def own_names(tree: ast.Module) -> set[str]:
    """Return the names that a module of tests defines itself: functions, and attributes of `self`."""
    functions = {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    attributes = (n for n in ast.walk(tree) if isinstance(n, ast.Attribute))
    return functions | {n.attr for n in attributes if isinstance(n.ctx, ast.Store) and _of_self(n)}


def reaches(tree: ast.Module, allowed: set[str]) -> Iterator[str]:
    """Yield each use of a private attribute of another object."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _of_self(node) and node.attr not in allowed:
            if node.attr.startswith("_") and not node.attr.startswith("__"):
                yield f"{node.lineno}: {ast.unparse(node)}"


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def test_private_names_are_reached_in_one_place() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py")}
    trees = {path: ast.parse(text) for path, text in texts.items() if REACH.search(text)}
    of_the_member = own_names(ast.parse(texts[TESTS / "member" / "scripted.py"]))
    found = [
        f"{path.relative_to(TESTS)}:{reach}"
        for path, tree in sorted(trees.items())
        for reach in reaches(tree, own_names(tree) | of_the_member | NOT_PRIVATE)
    ]
    assert found == ["internals.py:14: client._engine"]
