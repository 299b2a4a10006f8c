"""`__all__` of each public module lists what the module offers to users.

A public name that is not listed there is either forgotten, or shared by the modules of the package and no
business of users: then some other module imports it.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from tests.tools import api_diff
from tests.tools.imports import Sources

SOURCES = Sources(Path(__file__).parents[2] / "hzclient")
OFFICIAL = api_diff.tables(api_diff.load(), "public")
TYPE_PARAMETERS = ("TypeVar", "ParamSpec", "TypeVarTuple")


def is_public(module: str) -> bool:
    return not any(part.startswith("_") for part in module.split("."))


PUBLIC_MODULES = [module for module in SOURCES.paths if is_public(module)]


def defined_names(tree: ast.Module) -> set[str]:
    """Return the public names that a module defines itself, without type parameters."""
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.Assign(value=ast.Call(func=ast.Name(id=maker))) if maker in TYPE_PARAMETERS:
                pass
            case ast.Assign(targets=targets):
                names.update(
                    name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
                )
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                pass
    return {name for name in names if not name.startswith(("_", "pytest_"))}


def official_names(module: str) -> set[str]:
    """Return the recorded names of the official client's module."""
    table = OFFICIAL.get(module.partition(".")[2], {})
    exported = {name: facts for group in table.values() for name, facts in group.items()}
    return {name for name, facts in exported.items() if facts.get("exported", True)}


IMPORTED = {used.target for module in SOURCES.paths for used in SOURCES.imports(module)}


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_all_lists_what_the_module_offers(name: str) -> None:
    module = importlib.import_module(name)
    defined = defined_names(SOURCES.tree(name))
    listed = getattr(module, "__all__", None if defined else ())
    assert listed is not None, f"{name} has no __all__"
    assert len(listed) == len(set(listed)), "a name is listed twice"
    assert [entry for entry in listed if not hasattr(module, entry)] == [], "listed, but not there"
    official = {entry for entry in official_names(name) if hasattr(module, entry)}
    assert official - set(listed) == set(), "official, but not listed"
    forgotten = {entry for entry in defined - set(listed) if f"{name}.{entry}" not in IMPORTED}
    assert forgotten == set(), "neither listed nor used elsewhere: list it, or make it private"


def test_defined_names_are_found() -> None:
    source = (
        "T = TypeVar('T')\nA, B = 1, 2\nC: int = 3\n_d = 4\nimport os\nclass E: ...\nasync def f(): x = 1"
    )
    assert defined_names(ast.parse(source)) == {"A", "B", "C", "E", "f"}
