"""Attributes of packages that are imported on first use, since most programs use few of them (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

__all__ = ("on_first_use",)


def on_first_use(
    namespace: dict[str, Any], modules: Iterable[str] = (), names: Mapping[str, tuple[str, str]] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the functions `__getattr__` and `__dir__` of a package. Type checkers must not see them.

    Args:
        namespace: The globals of the package.
        modules: Names of modules of the package.
        names: For other names, the full name of the module that has each, and its name there.

    Returns:
        The two functions.
    """
    package = namespace["__name__"]
    known_modules, homes = frozenset(modules), names or {}

    def get(name: str) -> Any:
        if name in known_modules:
            return import_module(f"{package}.{name}")
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, there = homes[name]
        value = namespace[name] = getattr(import_module(module), there)
        return value

    def listed() -> list[str]:
        return sorted({*namespace, *known_modules, *homes})

    return get, listed
