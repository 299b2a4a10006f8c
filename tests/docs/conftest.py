"""The extension that writes the reference, which knows what is public."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

EXTENSIONS = Path(__file__).parents[2] / "docs" / "_ext"


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """Load the extension."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXTENSIONS))
        return importlib.import_module("hzclient_reference")
