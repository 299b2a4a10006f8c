"""Count the instructions of a call, the figure that does not depend on what else the machine is doing.

    python -m benchmarks.instructions [--check | --update] [--both]

Runs operations in the asyncio and the Future face over a client in memory (`benchmarks.in_memory`), under
valgrind's callgrind and with two numbers of calls: the difference leaves out what is done once. The work of
the member in memory is counted apart and subtracted. `--both` counts Python too. `--check` fails if a case
takes over 3 % more instructions than `baseline.json` says; `--update` writes that file.

A count depends on the interpreter and on the compilers of interpreter and extension, so a baseline is kept
for each combination. `--check` reports, and succeeds, if there is none for this one or if valgrind is not
installed. `perf stat` would be no substitute: it counts what the scheduler of a shared machine adds.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import itertools
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hzclient._net.connection import MemberConnection
    from hzclient._runtime.base import Runtime

BASELINE = Path(__file__).with_name("baseline.json")
LIMIT = 1.03
FEW, MANY = 1280, 3328
IN_FLIGHT = 128
FACES = ("asyncio", "future")
OPERATIONS = ("get", "set")
VALUE = "x" * 100
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


def count(speed: str) -> dict[str, int]:
    """Count all operations in all faces.

    Args:
        speed: Value of `HZCLIENT_SPEED`.

    Returns:
        Instructions of one call, without those of the member, by face and operation ("asyncio get").
    """
    command = [
        *("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable),
        *("-m", "benchmarks.instructions", "--run"),
    ]
    environment = {
        **os.environ,
        "HZCLIENT_SPEED": speed,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{result.stderr}")
    totals = dict(re.findall(r"^==(\d+)== Collected : (\d+)", result.stderr, re.MULTILINE))
    by_case: dict[str, list[int]] = {}
    for line in result.stdout.splitlines():
        process, case = line.split(maxsplit=1)
        by_case.setdefault(case, []).append(int(totals[process]))
    per_call = {case: (many - few) / (MANY - FEW) for case, (few, many) in by_case.items()}
    member = per_call.pop("asyncio member")
    return {case: round(each - member) for case, each in per_call.items()}


def run_all() -> None:
    """Run each case twice, in a process of its own each time, and print the ids of the processes.

    All are copies of this one, which has imported the client: under valgrind, the import takes the longest.
    """
    for module in (
        "benchmarks.in_memory",
        "hzclient.future",
        "hzclient.proxy.map",
        "hzclient._runtime.owned",
    ):
        importlib.import_module(module)
    for face, operation in [("asyncio", "member"), *itertools.product(FACES, OPERATIONS)]:
        for calls in (FEW, MANY):
            process = os.fork()
            if not process:
                run(face, operation, calls)
                os._exit(0)
            _, status = os.waitpid(process, 0)
            if status:
                sys.exit(f"{face} {operation} failed")
            print(process, face, operation, flush=True)


class _Member:
    """A client in memory, and the member that responds to it.

    Args:
        runtime: The runtime of the client.
        operation: Name of the map's operation that is called.

    Attributes:
        map: A map of the client, in the asyncio face.
        batches: What the client has written.
    """

    def __init__(self, runtime: Runtime, operation: str) -> None:
        from benchmarks.in_memory import InMemoryClient
        from hzclient.proxy.map import AsyncMap

        self.batches: list[bytes] = []
        self._call_soon = runtime.loop.call_soon
        client = InMemoryClient(runtime, self._respond)
        self.map: AsyncMap[str, str] = AsyncMap("hz:impl:mapService", "benchmark", client.context)
        self._content = None if operation == "set" else client.context.serialization.encode(VALUE)
        self._message_type = 0x010F01 if operation == "set" else 0x010201
        for partition_id in client.context.partitions.ids():  # so that the owners are known
            client.context.invocations.router.for_partition(partition_id)

    def _respond(self, connection: MemberConnection, data: bytes) -> None:
        from benchmarks.in_memory import deliver

        self.batches.append(data)
        self._call_soon(deliver, connection, self.responses(data))

    def responses(self, data: bytes) -> bytes:
        """Return the responses to the requests in what was written."""
        from benchmarks.in_memory import request_number, requests_in, response

        return b"".join(
            [response(request_number(each), self._content, self._message_type) for each in requests_in(data)]
        )


def run(face: str, operation: str, calls: int) -> None:
    """Make calls over a client in memory, 128 in flight: what callgrind counts.

    Args:
        face: One of `FACES`.
        operation: Name of the map's operation, or "member" for the member's work alone.
        calls: Number of calls.
    """
    keys = itertools.cycle([f"key-{number:06}" for number in range(1000)])
    rounds = calls // IN_FLIGHT
    if face == "future":
        _run_futures(operation, keys, rounds)
    else:
        asyncio.run(_run_tasks(operation, keys, rounds))


async def _run_tasks(operation: str, keys: Iterator[str], rounds: int) -> None:
    """Make calls in the asyncio face, in 128 tasks. The member's work alone repeats that of one round."""
    from hzclient._runtime.attached import AttachedRuntime

    member = _Member(AttachedRuntime(), operation)
    m = member.map

    async def worker(rounds: int) -> None:
        for _ in range(rounds):
            if operation == "set":
                await m.set(next(keys), VALUE)
            else:
                await m.get(next(keys))

    alone = operation == "member"
    await asyncio.gather(*(worker(1 if alone else rounds) for _ in range(IN_FLIGHT)))
    if alone:
        batches = tuple(member.batches)
        for _ in range(rounds):
            for batch in batches:
                member.responses(batch)


def _run_futures(operation: str, keys: Iterator[str], rounds: int) -> None:
    """Make calls in the Future face, 128 at a time.

    They are made on the thread of the loop, because a count of two threads depends on how they take turns.
    """
    from hzclient._runtime.owned import OwnedRuntime
    from hzclient.future import Future
    from hzclient.proxy.map import Map

    runtime = OwnedRuntime("benchmark")
    ended: Future[None] = Future()

    def prepare() -> None:
        m: Map[str, str] = Map(_Member(runtime, operation).map)
        step(m, rounds, [])

    def step(m: Map[str, str], left: int, before: list[Future[Any]]) -> None:
        for future in before:
            future.result()
        if not left:
            ended.set_result(None)
            return
        if operation == "set":
            futures: list[Future[Any]] = [m.set(next(keys), VALUE) for _ in range(IN_FLIGHT)]
        else:
            futures = [m.get(next(keys)) for _ in range(IN_FLIGHT)]
        waiting = len(futures)

        def arrived(_: object) -> None:
            nonlocal waiting
            waiting -= 1
            if not waiting:
                runtime.loop.call_soon(step, m, left - 1, futures)

        for future in futures:
            future.add_done_callback(arrived)

    runtime.post(prepare)
    ended.result()
    runtime.stop()


def main() -> None:
    """Count each case, print the counts, and compare them with the baseline or write it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="fail if a case exceeds its baseline by 3 %%")
    parser.add_argument("--update", action="store_true", help="write the baseline of this interpreter")
    parser.add_argument("--both", action="store_true", help="count Python too")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run_all()
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
    for speed in ("require", "off") if both else ("require",):
        counts |= {f"{case} {NAMES[speed]}": number for case, number in count(speed).items()}
    for case, number in counts.items():
        before = f", baseline {known[case]:,}" if case in known else ""
        print(f"  {case:20} {number:>8,}{before}")
    for face, operation in itertools.product(FACES, OPERATIONS) if both else ():
        compiled, python = (counts[f"{face} {operation} {path}"] for path in NAMES.values())
        print(f"  {face + ' ' + operation:20} {compiled / python:>8.2f} compiled / python")
    if update:
        written = json.dumps({**baselines(), interpreter(): counts}, indent=2, sort_keys=True)
        BASELINE.write_text(written + "\n")
    exceeded = [case for case in counts if case in known and counts[case] > known[case] * LIMIT]
    if check and exceeded:
        sys.exit(f"over 3 % more instructions than the baseline: {', '.join(exceeded)}")


if __name__ == "__main__":
    main()
