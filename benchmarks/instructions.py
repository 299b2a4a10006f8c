"""Count the instructions of a call, the figure that does not depend on what else the machine is doing.

    python -m benchmarks.instructions [--check | --update] [--both]

Runs operations over a client in memory (`benchmarks.in_memory`) under valgrind's callgrind, with two
numbers of calls: the difference leaves out what is done once. The work of the member in memory is counted
apart and subtracted. `--both` counts Python too. `--check` fails if a case takes over 3 % more
instructions than `baseline.json` says; `--update` writes that file.

A count depends on the interpreter and on the compilers of interpreter and extension, so a baseline is kept
for each combination. `--check` reports, and succeeds, if there is none for this one or if valgrind is not
installed. `perf stat` would be no substitute: it counts what the scheduler of a shared machine adds.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

BASELINE = Path(__file__).with_name("baseline.json")
LIMIT = 1.03
FEW, MANY = 1280, 3328
IN_FLIGHT = 128
OPERATIONS = ("get", "set")
NAMES = {"require": "compiled", "off": "python"}


def interpreter() -> str:
    """Return what a baseline is valid for: interpreter, Cython, compilers, libraries and machine."""
    python = f"{platform.python_implementation()} {platform.python_version()} ({platform.python_compiler()})"
    try:
        cython = version("Cython")
    except PackageNotFoundError:
        cython = "unknown"
    compiler = shutil.which(os.environ.get("CC", "cc"))
    command = [compiler, "-dumpfullversion"] if compiler else ["false"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    library = " ".join(platform.libc_ver())
    return f"{python}, Cython {cython}, cc {found or 'unknown'}, {library}, {platform.machine()}"


def count(speed: str, operation: str) -> int:
    """Return the instructions of one call.

    Args:
        speed: Value of `HZCLIENT_SPEED`.
        operation: Name of the map's operation.

    Returns:
        Instructions per call.
    """
    totals = [_total(speed, operation, calls) for calls in (FEW, MANY)]
    return round((totals[1] - totals[0]) / (MANY - FEW))


def _total(speed: str, operation: str, calls: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", sys.executable),
            *("-m", "benchmarks.instructions", "--run", operation, "--calls", str(calls)),
        ]
        environment = {
            **os.environ,
            "HZCLIENT_SPEED": speed,
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        result = subprocess.run(command, env=environment, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode or found is None:
        raise RuntimeError(f"{' '.join(command)} failed:\n{result.stderr}")
    return int(found[1])


def run(operation: str, calls: int) -> None:
    """Make calls over a client in memory, 128 in flight: what callgrind counts.

    Args:
        operation: Name of the map's operation, or "member" for the member's work alone.
        calls: Number of calls.
    """
    from benchmarks.in_memory import InMemoryClient, deliver, request_number, requests_in, response
    from hzclient._net.connection import MemberConnection
    from hzclient._runtime.attached import AttachedRuntime
    from hzclient.proxy.map import AsyncMap

    value = "x" * 100
    feed = itertools.cycle([f"key-{number:06}" for number in range(1000)])

    async def main() -> None:
        loop = asyncio.get_running_loop()
        content, message_type = (None, 0x010F01) if operation == "set" else (b"", 0x010201)
        batches: list[bytes] = []

        def respond(connection: MemberConnection, data: bytes) -> None:
            batches.append(data)
            responses = [response(request_number(each), content, message_type) for each in requests_in(data)]
            loop.call_soon(deliver, connection, b"".join(responses))

        client = InMemoryClient(AttachedRuntime(), respond)
        m: AsyncMap[str, str] = AsyncMap("hz:impl:mapService", "benchmark", client.context)
        if content is not None:
            content = client.context.serialization.encode(value)
        for partition_id in client.context.partitions.ids():  # so that the owners are known
            client.context.invocations.router.for_partition(partition_id)

        async def worker(rounds: int) -> None:
            for _ in range(rounds):
                if operation == "set":
                    await m.set(next(feed), value)
                else:
                    await m.get(next(feed))

        async def work(rounds: int) -> None:
            await asyncio.gather(*(worker(rounds) for _ in range(IN_FLIGHT)))

        if operation != "member":
            await work(calls // IN_FLIGHT)
            return
        await work(1)
        (first, second) = batches
        for _ in range(calls // IN_FLIGHT):
            for batch in (first, second):
                b"".join(
                    [response(request_number(each), content, message_type) for each in requests_in(batch)]
                )

    asyncio.run(main())


def main() -> None:
    """Count each case, print the counts, and compare them with the baseline or write it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="fail if a case exceeds its baseline by 3 %%")
    parser.add_argument("--update", action="store_true", help="write the baseline of this interpreter")
    parser.add_argument("--both", action="store_true", help="count Python too")
    parser.add_argument("--run", metavar="OPERATION", help=argparse.SUPPRESS)
    parser.add_argument("--calls", type=int, default=FEW, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run, options.calls)
        return
    if shutil.which("valgrind") is None:
        text = "instructions are not counted: valgrind is not on the PATH"
        if not options.check:
            sys.exit(text)
        print(text)
    elif options.check and interpreter() not in baselines():
        print(f"instructions are not compared: no baseline for {interpreter()}")
    else:
        compare(check=options.check, update=options.update, both=options.both)


def baselines() -> dict[str, dict[str, int]]:
    """Return the counts of each combination that has a baseline."""
    return json.loads(BASELINE.read_text()) if BASELINE.exists() else {}


def compare(*, check: bool, update: bool, both: bool) -> None:
    """Count, print, and compare with the baseline.

    Args:
        check: Exit with an error if the compiled path exceeds the baseline.
        update: Write the baseline.
        both: Count Python too.
    """
    known = baselines().get(interpreter(), {})
    counts: dict[str, int] = {}
    print(f"instructions of a call, {interpreter()}")
    member = count("require", "member")
    for operation in OPERATIONS:
        for speed in ("require", "off") if both else ("require",):
            case = f"{operation} {NAMES[speed]}"
            counts[case] = count(speed, operation) - member
            before = f", baseline {known[case]:,}" if case in known else ""
            print(f"  {case:14} {counts[case]:>8,}{before}", flush=True)
        if both:
            ratio = counts[f"{operation} compiled"] / counts[f"{operation} python"]
            print(f"  {operation:14} {ratio:>8.2f} compiled / python", flush=True)
    if update:
        written = json.dumps({**baselines(), interpreter(): counts}, indent=2, sort_keys=True)
        BASELINE.write_text(written + "\n")
    exceeded = [case for case in counts if case in known and counts[case] > known[case] * LIMIT]
    if check and exceeded:
        sys.exit(f"over 3 % more instructions than the baseline: {', '.join(exceeded)}")


if __name__ == "__main__":
    main()
