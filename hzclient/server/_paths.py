"""Where this package keeps what it downloads, compiles and remembers."""

import os
import sys
from pathlib import Path

CACHE_VARIABLE = "HZCLIENT_CACHE_DIR"


def cache_dir() -> Path:
    """The folder for downloads, compiled classes and the state of running clusters.

    ``HZCLIENT_CACHE_DIR`` names another one than the user's cache folder.
    """
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "hzclient"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hzclient"
