"""What is finalized after its module has lost its names, at the very end of the interpreter."""

from __future__ import annotations

import pytest

from hzclient import _engine


def test_an_engine_ends_without_the_names_of_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = _engine.Engine.__new__(_engine.Engine)
    for name in [name for name in vars(_engine) if not name.startswith("__")]:
        monkeypatch.setattr(_engine, name, None)
    engine.__del__(lambda: True)
    engine.__del__()
