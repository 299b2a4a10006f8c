"""Build the compiled hot path, `hzclient._hot`. Everything else about the distribution is in pyproject.toml.

setuptools builds it, since an optional extension is a feature of its own: if no C compiler works, the
installation continues without the extension and says so. `HZCLIENT_SPEED` decides: `auto` (the
default), `require` (a failure to build ends the installation) or `off` (a distribution in pure Python).
"""

from __future__ import annotations

import os
import sys
import sysconfig
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SPEED = os.environ.get("HZCLIENT_SPEED", "auto")
SOURCE = "hzclient/_hot"


class BuildHotPath(build_ext):
    """Builds the extension, or explains in one line why the client works without it."""

    def build_extension(self, ext: Any) -> None:
        """Compile the extension; raise only if it is required."""
        try:
            super().build_extension(ext)
        except Exception as error:
            if SPEED == "require":
                raise
            print(
                f"hzclient: the compiled hot path was not built ({error}); the client works without it, "
                "at about half the speed. Install a C compiler to get it, or set HZCLIENT_SPEED=off.",
                file=sys.stderr,
            )


def extensions() -> list[Any]:
    """Return the extension, unless it is switched off or the interpreter has no use for it."""
    if SPEED not in ("auto", "require", "off"):
        sys.exit(f"HZCLIENT_SPEED is {SPEED!r}; it may be 'auto', 'require' or 'off'")
    # The extension relies on the global interpreter lock, and elsewhere than on CPython it would be slower.
    if SPEED == "off" or sysconfig.get_config_var("Py_GIL_DISABLED") or sys.implementation.name != "cpython":
        return []
    optional = SPEED != "require"
    try:
        from Cython.Build import cythonize
    except ImportError:  # a source distribution holds the generated C
        if os.path.getmtime(f"{SOURCE}.pyx") > os.path.getmtime(f"{SOURCE}.c"):
            sys.exit(f"{SOURCE}.c is older than {SOURCE}.pyx: install Cython to generate it again")
        return [Extension("hzclient._hot", [f"{SOURCE}.c"], optional=optional)]
    modules: list[Any] = cythonize([Extension("hzclient._hot", [f"{SOURCE}.pyx"], optional=optional)])
    return modules


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildHotPath})
