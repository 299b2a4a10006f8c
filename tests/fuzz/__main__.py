"""Fuzz what reads the bytes of members, for as long as asked.

Usage: python -m tests.fuzz [--minutes 5] [--jobs 1] [--target NAME] [--engine atheris|mutation] [--seed N]
                            [--replay FILE ...]

It uses atheris if this is installed, and changes valid inputs at random otherwise. An input that goes wrong
is stored in `tests/fuzz/corpus`, where the test suite finds it. Each target has a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import logging
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "codecs"))  # for the seeds

STOP_AFTER = 10
"""Seconds of CPU time after which an input is stopped."""


def main(arguments: list[str] | None = None) -> int:
    """Fuzz, or replay inputs; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="time of all targets together")
    parser.add_argument(
        "--jobs", type=int, default=1, help="targets to fuzz at a time, which share the minutes"
    )
    parser.add_argument("--target", action="append", help="one target, instead of all; may be repeated")
    parser.add_argument("--engine", choices=["atheris", "mutation"], help="default: atheris if installed")
    parser.add_argument("--seed", type=int, help="of the mutations, to repeat a run")
    parser.add_argument("--replay", nargs="+", type=Path, metavar="FILE", help="read stored inputs again")
    parser.add_argument("--worker", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    engine = options.engine or ("atheris" if importlib.util.find_spec("atheris") else "mutation")
    seed = SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    if options.worker:
        (name,) = options.target
        if engine == "atheris":
            return fuzz_with_atheris(name, options.worker)
        return fuzz_with_mutations(name, options.worker, seed)
    from tests.fuzz import targets

    unknown = set(options.target or ()) - set(targets.TARGETS)
    if unknown:
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(targets.TARGETS)}")
    if options.replay:
        return replay(options.replay)
    names = options.target or list(targets.TARGETS)
    seconds = options.minutes * 60 / len(names)
    return fuzz_in_processes(
        names, options.jobs, ["--engine", engine, "--seed", f"{seed}", "--worker", f"{seconds}"]
    )


def fuzz_in_processes(names: Sequence[str], jobs: int, arguments: list[str]) -> int:
    """Fuzz each target in a process of its own; return 1 if one failed."""

    def fuzz(name: str) -> int:
        command = [sys.executable, "-m", "tests.fuzz", "--target", name, *arguments]
        return subprocess.run(command, cwd=ROOT, check=False).returncode

    with ThreadPoolExecutor(jobs) as pool:
        return int(any(list(pool.map(fuzz, names))))


def replay(paths: list[Path]) -> int:
    """Read stored inputs, whose folder names their target."""
    from tests.fuzz import targets

    for path in paths:
        targets.check(targets.TARGETS[path.resolve().parent.name], path.read_bytes())
        print(f"{path}: good")
    return 0


def fuzz_with_mutations(name: str, seconds: float, seed: int) -> int:
    """Change inputs at random; return the number of failures, at most 1."""
    from tests.fuzz import targets
    from tests.fuzz.mutation import mutated

    target, random = targets.TARGETS[name], Random(f"{seed} {name}")
    inputs = target.inputs()
    signal.signal(signal.SIGVTALRM, _stop)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = mutated(random.choice(inputs), inputs, random)
        count += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, STOP_AFTER)
        try:
            # Memory is looked at now and then: it takes most of the time.
            targets.check(target, data, memory=count % 8 == 0)
        except Exception:
            traceback.print_exc()
            path = store(targets.CORPUS / name, data)
            print(f"{name}: failed after {count} inputs (seed {seed}). To replay:")
            print(f"python -m tests.fuzz --replay {path.relative_to(ROOT)}")
            return 1
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(f"{name}: {count} inputs, none failed (seed {seed})", flush=True)
    return 0


def _stop(*_: Any) -> None:
    raise TimeoutError(f"the input takes more than {STOP_AFTER} s")


def store(folder: Path, data: bytes) -> Path:
    """Store an input under a name of its content, and return the path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path


def fuzz_with_atheris(name: str, seconds: float) -> int:
    """Let atheris look for inputs that take new paths; it ends this process."""
    import atheris

    # The path of Python, which atheris can follow, is compared with the compiled one.
    with atheris.instrument_imports(include=["hzclient"]):
        from tests.fuzz import targets

    target = targets.TARGETS[name]
    folder = targets.CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as found:
        for data in target.inputs():
            store(Path(found), data)
        known = set(folder.iterdir())

        def read(data: bytes) -> None:
            try:
                targets.check(target, data, memory=False)
            except Exception:
                path = store(folder, data)
                print(f"{name}: failed. To replay:\npython -m tests.fuzz --replay {path.relative_to(ROOT)}")
                raise

        settings = [
            f"-max_total_time={seconds:.0f}",
            f"-timeout={STOP_AFTER}",
            "-rss_limit_mb=1024",
            "-max_len=2048",
            "-print_final_stats=1",
            "-verbosity=0",
            f"-artifact_prefix={folder}/",
        ]
        atheris.Setup([sys.argv[0], *settings, found], read)
        atheris.Fuzz()
    return int(set(folder.iterdir()) != known)


if __name__ == "__main__":
    logging.disable()
    raise SystemExit(main())
