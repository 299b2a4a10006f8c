"""`import hazelcast` for applications that were written for the official client."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_ALIAS = "hazelcast"
_PACKAGE = "hzclient"


class _AliasFinder(MetaPathFinder, Loader):
    """Answers imports of `hazelcast` and what is below it with the modules of this package."""

    def __init__(self) -> None:
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
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
        # The module ran when it was imported under its own name. The import system has put the
        # alias's specification into it, which must not stay: the module is the same object.
        spec = module.__spec__
        assert spec is not None
        module.__spec__ = self._specs.pop(spec.name)


def _name_here(fullname: str) -> str:
    return _PACKAGE + fullname[len(_ALIAS) :]


def install_as_hazelcast() -> None:
    """Makes `import hazelcast` and every `import hazelcast.x.y` mean this package.

    Call it before anything imports `hazelcast`, so that an application that was written for the
    official client runs on this one unchanged. They are the same module objects, so classes are
    the same under both names. Calling it again does nothing.

    Raises:
        RuntimeError: The official package has been imported already.
    """
    if any(isinstance(finder, _AliasFinder) for finder in sys.meta_path):
        return
    if _ALIAS in sys.modules:
        raise RuntimeError("the package hazelcast is imported already: call install_as_hazelcast() before")
    sys.meta_path.insert(0, _AliasFinder())
