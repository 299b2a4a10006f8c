"""Run every benchmark of docs/performance.md, one after the other, in about ten minutes on a quiet machine.

    python -m benchmarks.table [--output FOLDER] [--only PART] [--quick]

Prints each part as it ends, and writes it to `FOLDER/PART.md`; the figures of the operations are also written
to `FOLDER/operations.json`, and drawn from there by `python -m benchmarks.plot FOLDER/operations.json`.
`--quick` shows in a few minutes that every part works; its figures mean nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PARTS: dict[str, list[str]] = {
    "operations": ["benchmarks", "--table"],
    "near-cache": ["benchmarks.near_cache", "--seconds", "0.4", "--rounds", "5"],
    "streams": ["benchmarks.streams"],
    "sql": ["benchmarks.sql"],
    "serialization": ["benchmarks.serialization", "--rounds", "3", "--seconds", "0.1"],
    "startup": ["benchmarks.startup"],
    "peers": ["benchmarks.peers", "--seconds", "0.4", "--rounds", "5"],
    "instructions": ["benchmarks.instructions", "--both"],
}
"""Modules and their arguments by the name of the part."""

QUICK: dict[str, list[str]] = {
    "operations": ["benchmarks", "--table", "--seconds", "0.05", "--rounds", "1"],
    "near-cache": ["benchmarks.near_cache", "--seconds", "0.05", "--rounds", "1"],
    "streams": ["benchmarks.streams", "--rounds", "1", "--count", "500"],
    "sql": ["benchmarks.sql", "--rounds", "1"],
    "serialization": ["benchmarks.serialization", "--rounds", "1", "--seconds", "0.01"],
    "startup": ["benchmarks.startup", "--quick"],
    "peers": ["benchmarks.peers", "--seconds", "0.05", "--rounds", "1"],
    "instructions": ["benchmarks.instructions", "--check"],
}
"""The same with `--quick`."""


def run(name: str, folder: Path, quick: bool) -> bool:
    """Run one part.

    Args:
        name: Its name.
        folder: Where its output is written.
        quick: Whether to run it as briefly as possible.

    Returns:
        Whether it succeeded. A goal that was missed is no failure of the run.
    """
    started = time.monotonic()
    module, *arguments = shown = (QUICK if quick else PARTS)[name]
    if name == "operations":
        arguments += ["--output", str(folder / "operations.json")]
    command = [sys.executable, "-m", module, *arguments]
    print(f"\n## {name}\n\n`python -m {' '.join(shown)}`\n", flush=True)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    (folder / f"{name}.md").write_text("".join(lines))
    print(f"\n{name}: {time.monotonic() - started:.0f} s", flush=True)
    return process.returncode == 0


def main() -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--output", type=Path, default=ROOT / "build" / "benchmarks", help="folder for results"
    )
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part (repeatable)")
    parser.add_argument("--quick", action="store_true", help="only show that every part works")
    options = parser.parse_args()
    folder: Path = options.output.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    failed = [name for name in options.only or PARTS if not run(name, folder, options.quick)]
    if failed:
        print(f"not finished, or below a goal: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
