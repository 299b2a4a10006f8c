"""Run programs as users do, each in its own interpreter."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]

PREFIX = """
import asyncio, json, multiprocessing, os, signal, sys, threading, time, warnings
import hzclient, hzclient.asyncio
from hzclient.errors import HazelcastClientNotActiveError
ADDRESSES = json.loads(os.environ["ADDRESSES"])
"""


async def run_script(
    folder: Path, source: str, addresses: list[str], *options: str, seconds: float = 120.0
) -> tuple[int, str, str]:
    """Run a script to its end.

    Args:
        folder: Folder that the script is written to.
        source: Code of the script. `ADDRESSES` there holds the addresses of the members.
        addresses: Addresses of the members.
        *options: Options of the interpreter.
        seconds: Time limit.

    Returns:
        The exit code, and what the script wrote to stdout and stderr.
    """
    path = folder / "script.py"
    path.write_text(PREFIX + textwrap.dedent(source))
    environment: dict[str, Any] = {"ADDRESSES": json.dumps(addresses), "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *options,
        str(path),
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
        raise AssertionError(f"it did not end: {out.decode()}\n{err.decode()}") from None
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
