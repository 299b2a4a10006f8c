"""Which path calls take: the compiled one (`hzclient._hot`), if it was built, or Python.

The compiled path is optional. When the package is imported, `HZCLIENT_SPEED` decides: `auto` (the
default) takes it if it is there, `require` raises ImportError if it is not, `off` never takes it.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

__all__ = ("Link", "PartitionCount", "BackupState", "InvocationState", "Owners", "build_info", "hot")


def _load() -> tuple[Any, str]:
    """Return the compiled module, or None and the reason why it is not used."""
    wanted = os.environ.get("HZCLIENT_SPEED", "auto")
    if wanted not in ("auto", "require", "off"):
        raise ValueError(f"HZCLIENT_SPEED is {wanted!r}; it may be 'auto', 'require' or 'off'")
    if wanted == "off":
        return None, "switched off by HZCLIENT_SPEED"
    try:
        if "free-threading" in sys.version:
            # Importing it would turn the lock on again for the whole program.
            raise ImportError("it relies on the global interpreter lock, which this interpreter has not")
        return importlib.import_module("hzclient._hot"), ""
    except ImportError as error:
        if wanted == "require":
            raise ImportError(
                f"HZCLIENT_SPEED=require, but the compiled hot path cannot be imported: {error}. "
                "Reinstall the distribution where a C compiler is, or use a binary wheel, on an interpreter "
                "with a global interpreter lock"
            ) from error
        return None, f"not available ({error})"


hot, _reason = _load()

if TYPE_CHECKING or hot is None:

    class BackupState:
        """Base of what waits for backups."""

    class Link:
        """Base of connections, to which the compiled path adds its dispatch."""

        backups: BackupState

        def _dispatch(self, reader: object) -> bool:
            """Return False: the Python reader takes everything."""
            return False

    class PartitionCount:
        """Base of the partition table."""

        count: int

    class InvocationState:
        """Base of the invocation service."""

    class Owners:
        """Base of the router."""

else:
    Link = hot.Link
    PartitionCount = hot.PartitionCount
    BackupState = hot.BackupState
    InvocationState = hot.InvocationState
    Owners = hot.Owners


def build_info() -> dict[str, str]:
    """Return which path calls take in this process, for bug reports and to check an installation.

    Returns:
        `path` is "compiled" or "python"; `reason` says why it is not compiled; `module` is the file of the
        extension; `python` names the interpreter.
    """
    import platform

    from hzclient._version import __version__

    return {
        "version": __version__,
        "path": "python" if hot is None else "compiled",
        "reason": _reason,
        "module": "" if hot is None else str(hot.__file__),
        "python": f"{platform.python_implementation()} {platform.python_version()} on {sys.platform}",
    }
