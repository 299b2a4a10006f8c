"""Which path is taken, and for which interpreters the extension is built."""

from __future__ import annotations

import runpy
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hzclient import _speed
from tests.internals import private

ROOT = Path(__file__).parents[2]


def built(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the extensions that setup.py would build here."""
    given: dict[str, Any] = {}
    modules = {
        name: ModuleType(name) for name in ("setuptools", "setuptools.command.build_ext", "Cython.Build")
    }
    setuptools: Any = modules["setuptools"]
    setuptools.Extension = lambda name, *_, **__: name
    setuptools.setup = lambda **options: given.update(options)
    modules["setuptools.command.build_ext"].build_ext = object  # type: ignore[attr-defined]
    modules["Cython.Build"].cythonize = lambda extensions: extensions  # type: ignore[attr-defined]
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    for package in ("setuptools.command", "Cython"):
        monkeypatch.setitem(sys.modules, package, ModuleType(package))
    monkeypatch.setenv("HZCLIENT_SPEED", "auto")
    runpy.run_path(str(ROOT / "setup.py"))
    return given["ext_modules"]


@pytest.fixture
def free_threaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the interpreter look like one without a global lock."""
    variable = sysconfig.get_config_var
    monkeypatch.setattr(
        sysconfig, "get_config_var", lambda name: 1 if name == "Py_GIL_DISABLED" else variable(name)
    )
    monkeypatch.setattr(sys, "version", f"{sys.version} free-threading build")


def test_the_extension_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    variable = sysconfig.get_config_var
    monkeypatch.setattr(
        sysconfig, "get_config_var", lambda name: 0 if name == "Py_GIL_DISABLED" else variable(name)
    )
    assert built(monkeypatch) == ["hzclient._hot"]


@pytest.mark.usefixtures("free_threaded")
def test_it_is_not_built_for_a_free_threaded_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert built(monkeypatch) == []


@pytest.mark.usefixtures("free_threaded")
def test_it_is_not_taken_by_a_free_threaded_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HZCLIENT_SPEED", "auto")
    module, reason = private(_speed, "_load")()  # pyright: ignore[reportPrivateUsage]
    assert module is None
    assert "relies on the global interpreter lock" in reason
    monkeypatch.setenv("HZCLIENT_SPEED", "require")
    with pytest.raises(ImportError, match="relies on the global interpreter lock"):
        private(_speed, "_load")()  # pyright: ignore[reportPrivateUsage]


def test_the_setting_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HZCLIENT_SPEED", "fast")
    with pytest.raises(ValueError, match="HZCLIENT_SPEED is 'fast'; it may be 'auto', 'require' or 'off'"):
        private(_speed, "_load")()  # pyright: ignore[reportPrivateUsage]


def test_the_extension_uses_no_private_interface_of_the_interpreter() -> None:
    assert "_Py" not in (ROOT / "hzclient" / "_hot.pyx").read_text()
