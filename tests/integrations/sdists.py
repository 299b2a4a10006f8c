"""Source distributions of other projects, whose own test suites run against our integrations."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from platformdirs import user_cache_path


def source_of(distribution: str, version: str | None = None) -> Path:
    """Return the folder of the sources of a version of a distribution, of the installed one by default.

    They are fetched once, by pip, and kept in the user's cache folder.
    """
    version = version or importlib.metadata.version(distribution)
    kept = user_cache_path("hzclient") / "sdists" / f"{distribution}-{version}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
            sources = (
                *("--no-binary", ":all:", "--no-deps", "--ignore-requires-python"),
                *("--dest", scratch),
            )
            subprocess.run((*pip, *sources, f"{distribution}=={version}"), check=True, timeout=200)
            (archive,) = Path(scratch).glob("*.tar.gz")
            with tarfile.open(archive) as packed:
                packed.extractall(f"{scratch}/unpacked", filter="data")
            (folder,) = Path(scratch, "unpacked").iterdir()
            shutil.move(folder, kept)
    return kept
