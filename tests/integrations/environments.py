"""Virtual environments with other versions of a framework."""

from __future__ import annotations

import subprocess
from pathlib import Path


def environment(folder: str, python: str, *packages: str) -> str:
    """Make an environment.

    Args:
        folder: An empty folder.
        python: The interpreter that makes it.
        *packages: What pip installs, besides what hzclient needs.

    Returns:
        The interpreter of the environment.
    """
    subprocess.run((python, "-m", "venv", folder), check=True)
    interpreter = str(Path(folder, "bin", "python"))
    pip = (interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run((*pip, *packages, "mmh3>=5.0"), check=True)
    return interpreter


def installed(interpreter: str, package: str) -> str:
    """Return the version of a package that an interpreter has."""
    command = (interpreter, "-c", f"from importlib.metadata import version; print(version({package!r}))")
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
