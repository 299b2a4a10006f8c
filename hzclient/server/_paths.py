"""Folder for downloads, compiled classes and the state of running clusters."""

import os
from pathlib import Path

from hzclient._environment import CACHE_DIR
from hzclient.server._errors import missing


def cache_dir() -> Path:
    """Return the folder for downloads, compiled classes and the state of running clusters.

    Returns:
        The folder that the environment variable `PYHZ_CACHE_DIR` names; otherwise the user's cache
        folder of this operating system.

    Raises:
        ServerError: If the package platformdirs is not installed.
    """
    named = os.environ.get(CACHE_DIR)
    if named:
        return Path(named)
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise missing("platformdirs") from error
    return user_cache_path("hzclient", appauthor=False)
