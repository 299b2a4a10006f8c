"""The site builds without a warning, and its reference describes every public name."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from sphinx.util.inventory import InventoryFile

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "_build" / "html"


@pytest.fixture(scope="session")
def inventory() -> set[str]:
    """Build the site, and return the names of all Python objects that it describes."""
    assert shutil.which("dot"), "the diagrams need Graphviz: install it (apt-get install graphviz)"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "docs", str(SITE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    with open(SITE / "objects.inv", "rb") as file:
        data = InventoryFile.load(file, "", lambda base, path: path)
    return {name for kind, names in data.items() if kind.startswith("py:") for name in names}


@pytest.mark.timeout(900)
def test_every_public_name_is_in_the_reference(inventory: set[str], reference: ModuleType) -> None:
    modules = reference.public_modules()
    public = {f"{module}.{name}" for module in modules for name in reference.public_names(module)}
    assert len(public) > 500
    assert public - inventory == set()


@pytest.mark.timeout(900)
def test_operations_are_described_at_each_face(inventory: set[str]) -> None:
    faces = ("AsyncMap", "Map", "BlockingMap")
    assert {f"hzclient.proxy.map.{face}.put" for face in faces} <= inventory


def test_pages_are_not_empty_shells(inventory: set[str]) -> None:
    for part in ("start", "how-to", "topics", "reference"):
        assert (SITE / part / "index.html").exists()
    assert (SITE / "reference" / "_generated" / "configuration.html").stat().st_size > 20_000
