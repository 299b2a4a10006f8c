"""Resolves imports of `hazelcast` and its modules to the modules of this package."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from hzclient._alias.names import CARRIED, CONSTANTS, RENAMED

__all__ = ("install",)

_ALIAS = "hazelcast"
_PACKAGE = "hzclient"
_ELSEWHERE = {"hazelcast.hash": "hzclient._alias.hash"}
_CARRYING = {f"{_PACKAGE}.{path}" for path in {*CARRIED, *CONSTANTS, *RENAMED}}
"""Modules that carry names of their official counterparts."""


class _AliasFinder(MetaPathFinder, Loader):
    """Resolves imports of `hazelcast` and its submodules to the modules of this package."""

    def __init__(self) -> None:
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in _CARRYING:
            return _carrying(PathFinder.find_spec(fullname, path, target))
        if fullname != _ALIAS and not fullname.startswith(f"{_ALIAS}."):
            return None
        found = importlib.util.find_spec(_name_here(fullname))
        if found is None:
            return None
        return ModuleSpec(fullname, self, is_package=found.submodule_search_locations is not None)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(_name_here(spec.name))
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The module was executed when it was imported under its own name. The import system has replaced its
        # spec with that of the alias; restore it, since the module is the same object under both names.
        spec = module.__spec__
        assert spec is not None
        module.__spec__ = self._specs.pop(spec.name)


def _name_here(fullname: str) -> str:
    return _ELSEWHERE.get(fullname, _PACKAGE + fullname[len(_ALIAS) :])


def _carrying(spec: ModuleSpec | None) -> ModuleSpec | None:
    """Let a module that is about to be imported carry names as soon as it has been executed."""
    if spec is None or spec.loader is None:
        return spec
    execute = spec.loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        _carry_names(module)

    vars(spec.loader)["exec_module"] = exec_module
    return spec


def _carry_names(module: ModuleType) -> None:
    """Let a module resolve the names that its official counterpart carries along."""
    path = module.__name__[len(_PACKAGE) + 1 :]
    sources: dict[str, Callable[[], Any]] = {}
    for home, names in CARRIED.get(path, {}).items():
        sources |= {name: _Getter(f"{_PACKAGE}.{home}".rstrip("."), name) for name in names.split()}
    for name, structure in CONSTANTS.get(path, {}).items():
        sources[name] = _Getter(f"{_PACKAGE}._structures", f"{structure}.service_name")
    for name, here in RENAMED.get(path, {}).items():
        sources[name] = _Getter(f"{_PACKAGE}.{path}", here)
    before = vars(module).get("__getattr__")
    if not sources or isinstance(before, _CarriedNames):
        return
    vars(module)["__getattr__"] = _CarriedNames(module.__name__, sources, before)


class _Getter:
    """Gets a value by its module and the path of its name there.

    Args:
        module: Full name of the module.
        path: Name of the value, or several names separated by dots.
    """

    def __init__(self, module: str, path: str) -> None:
        self._module = module
        self._path = path

    def __call__(self) -> Any:
        value: Any = importlib.import_module(self._module)
        for name in self._path.split("."):
            value = getattr(value, name)
        return value


class _CarriedNames:
    """The `__getattr__` of a module that resolves the names of its official counterpart too.

    Args:
        module: Name of the module.
        sources: Gives the value of each name.
        otherwise: The module's own `__getattr__`, if it has one.
    """

    def __init__(
        self, module: str, sources: dict[str, Callable[[], Any]], otherwise: Callable[[str], Any] | None
    ) -> None:
        self._module = module
        self._sources = sources
        self._otherwise = otherwise

    def __call__(self, name: str) -> Any:
        source = self._sources.get(name)
        if source is not None:
            return source()
        if self._otherwise is not None:
            return self._otherwise(name)
        raise AttributeError(f"module {self._module!r} has no attribute {name!r}")


def install() -> None:
    """Install the finder, as `hzclient.install_as_hazelcast()` says."""
    if any(isinstance(finder, _AliasFinder) for finder in sys.meta_path):
        return
    if _ALIAS in sys.modules:
        raise RuntimeError(
            "the package hazelcast is already imported: call install_as_hazelcast() before any import of it"
        )
    sys.meta_path.insert(0, _AliasFinder())
    for name in _CARRYING & sys.modules.keys():
        _carry_names(sys.modules[name])
