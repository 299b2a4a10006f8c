"""Environment variables that this package and its repository read: all of them, and nowhere else.

They begin with `PYHZ_`. The prefix `HZCLIENT_` belongs to overrides of client options, as in Java
(`HZCLIENT_CLUSTERNAME=…`), so none of these switches may use it.
"""

from __future__ import annotations

from typing import Final

__all__ = ("CACHE_DIR", "DROPIN_RUNS", "EVENT_LOOP", "MAVEN_REPOSITORY", "OFFICIAL_VENV", "SERVER_VERSION")

EVENT_LOOP: Final = "PYHZ_EVENT_LOOP"
"""Event loop of a blocking client's thread: `asyncio` or `uvloop`. By default uvloop if it is installed."""

CACHE_DIR: Final = "PYHZ_CACHE_DIR"
"""Folder for what `hzclient.server` downloads, compiles and remembers. By default the user's cache folder."""

MAVEN_REPOSITORY: Final = "PYHZ_MAVEN_REPOSITORY"
"""URL of the repository from which `hzclient.server` downloads jars. By default Maven Central."""

SERVER_VERSION: Final = "PYHZ_SERVER_VERSION"
"""Hazelcast version of the members that this repository's tests start; `./run-tests.sh --server` sets it."""

DROPIN_RUNS: Final = "PYHZ_DROPIN_RUNS"
"""How often this repository's drop-in tests run each program on each client."""

OFFICIAL_VENV: Final = "PYHZ_OFFICIAL_VENV"
"""Virtual environment of the official client, for this repository's benchmarks."""
