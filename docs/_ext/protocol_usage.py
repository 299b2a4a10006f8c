"""Find out which messages of the protocol the client sends, from the source of the package."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import hzclient
import hzclient._codec
from hzclient._protocol.message import Method

PACKAGE = Path(hzclient.__path__[0])


def services() -> dict[str, dict[str, Method]]:
    """Return the methods of each service, by the name of its constant in the codec."""
    found = {}
    for _, name, _ in sorted(pkgutil.iter_modules(hzclient._codec.__path__), key=lambda module: module[1]):
        if name != "custom":
            module = importlib.import_module(f"hzclient._codec.{name}")
            found[name] = _methods(module)
    return found


def used_methods() -> dict[str, set[str]]:
    """Return the names of the constants that some code outside the codecs refers to, by service."""
    all_methods = services()
    used: dict[str, set[str]] = defaultdict(set)
    shared: dict[str, set[str]] = defaultdict(set)  # services by the class attribute that refers to them
    shared_uses: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        if "_codec" in path.relative_to(PACKAGE).parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        services_of = _imported_codecs(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                if isinstance(node.value, ast.Name) and node.value.id in services_of:
                    used[services_of[node.value.id]].add(node.attr)
                elif isinstance(node.value, ast.Attribute):
                    shared_uses[node.value.attr].add(node.attr)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                if isinstance(node.value, ast.Name) and node.value.id in services_of:
                    shared[node.target.id].add(services_of[node.value.id])
    for attribute, names in shared.items():
        for name in names:
            used[name] |= shared_uses[attribute]
    return {name: used[name] & methods.keys() for name, methods in all_methods.items()}


def _methods(module: ModuleType) -> dict[str, Method]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Method)}


def _imported_codecs(tree: ast.Module) -> dict[str, str]:
    """Return the service of each name by which a module refers to a codec."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "hzclient._codec"
        for alias in node.names
    }
