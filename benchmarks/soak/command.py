"""Command line of the soak: `python -m benchmarks soak`."""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.faces import FACES
from benchmarks.soak import report, verdict
from benchmarks.soak.faults import CONFIG, KINDS_OF_FAULTS, PROPERTIES, Fault, Faults
from benchmarks.soak.samples import Sample
from benchmarks.soak.verdict import Run
from benchmarks.soak.workers import KINDS

ROOT = Path(__file__).resolve().parents[2]
JAVA = ROOT / "tests" / "java" / "hzclient"

_READY_SECONDS = 240.0
_END_SECONDS = 180.0
"""Seconds in which the clients must end after the last fault."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks soak",
        description="Calls all structures in all faces while members are killed, paused, restarted and "
        "added. Checks every value, and that memory, descriptors, threads and tasks do not grow. Writes "
        "soak.json, soak.png and soak.svg. Exits with 0 if all is right, with 1 otherwise.",
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--hours", type=float, default=1.0, help="length of the run (default: 1)")
    length.add_argument("--minutes", type=float, help="the same in minutes")
    length.add_argument("--seconds", type=float, help="the same in seconds")
    parser.add_argument("--members", type=int, default=3, help="number of members (default: 3)")
    parser.add_argument("--rest", type=float, default=10.0, help="mean seconds between faults (default: 10)")
    parser.add_argument(
        "--fault", action="append", choices=KINDS_OF_FAULTS, help="only this one (repeatable)"
    )
    parser.add_argument("--seed", type=int, help="of the order of the faults")
    parser.add_argument("--server", metavar="VERSION", help="Hazelcast version of the members")
    parser.add_argument(
        "--output", type=Path, default=Path("build/soak"), help="folder of the results (default: build/soak)"
    )
    return parser.parse_args(arguments)


def duration(options: argparse.Namespace) -> float:
    """Return the length of the run in seconds."""
    if options.seconds is not None:
        return float(options.seconds)
    return float(60 * options.minutes if options.minutes is not None else 3600 * options.hours)


class Clients:
    """The process of the clients, as this process sees it.

    Args:
        addresses: Addresses of the members.
        log: File for its warnings and errors.

    Attributes:
        samples: The samples so far.
        outcome: What the workers found, in the end.
    """

    def __init__(self, addresses: list[str], log: Path) -> None:
        self.samples: list[Sample] = []
        self.outcome: dict[str, Any] | None = None
        self._ready = threading.Event()
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.soak.clients", *addresses],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            for kind, content in json.loads(line).items():
                if kind == "sample":
                    self.samples.append(Sample.from_dict(content))
                elif kind == "found":
                    _progress(f"wrong: {content}")
                elif kind == "outcome":
                    self.outcome = content
            self._ready.set()
        self._ready.set()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def wait_until_ready(self) -> bool:
        """Wait until all workers work. Return whether they do."""
        return self._ready.wait(_READY_SECONDS) and self.alive

    def end(self) -> int | None:
        """Announce the end of the faults, and wait for the end of the process.

        Returns:
            Its exit code; None if it had to be killed.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        self._reader.join()
        return code

    def kill(self) -> None:
        """Kill the process, if it runs."""
        self._process.kill()
        self._process.wait()
        self._reader.join()


@contextmanager
def members(number: int, version: str) -> Iterator[Any]:
    """Yield a cluster that runs as long as the block."""
    from hzclient.server import LocalCluster, compile_java

    with LocalCluster(
        members=number,
        version=version,
        config=CONFIG,
        properties=PROPERTIES,
        class_path=[compile_java(JAVA, version=version)],
    ) as cluster:
        yield cluster


def soak(options: argparse.Namespace, seed: int, version: str) -> Run:
    """Run, and print progress.

    Args:
        options: Options of the command line.
        seed: Of the order of the faults.
        version: Version of the members.

    Returns:
        What is known of the run.
    """
    faults: list[Fault] = []
    with members(options.members, version) as cluster:
        clients = Clients(cluster.addresses, options.output / "clients.log")
        try:
            if clients.wait_until_ready():
                _progress("all workers work")
                _disturb(cluster, clients, faults, options, seed)
            code = clients.end()
        finally:
            clients.kill()
    return Run(
        clients.samples, faults, clients.outcome, code, len(FACES) * len(KINDS), len(FACES) * options.members
    )


def _disturb(
    cluster: Any, clients: Clients, faults: list[Fault], options: argparse.Namespace, seed: int
) -> None:
    began, seconds = time.monotonic(), duration(options)

    def report_fault(fault: Fault) -> None:
        faults.append(fault)
        last = clients.samples[-1] if clients.samples else None
        state = _state(last) if last is not None else "no sample yet"
        done = (time.monotonic() - began) / seconds
        _progress(f"{done:4.0%}  {fault.name} ({fault.ended - fault.began:.0f} s); {state}")

    kinds = options.fault or list(KINDS_OF_FAULTS)
    Faults(cluster, kinds, seed, report_fault).run(began + seconds, options.rest, lambda: clients.alive)


def _state(sample: Sample) -> str:
    return (
        f"{sample.calls} calls, {sample.failed} failed, {sample.wrong} wrong, {sample.hung} hung, "
        f"{sample.rss:.1f} MiB, {sample.descriptors} descriptors, p99 {sample.p99:.0f} ms"
    )


def _progress(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def write(run: Run, findings: list[verdict.Finding], setting: dict[str, Any], folder: Path) -> None:
    """Write the results, and the plot if matplotlib is installed."""
    path = folder / "soak.json"
    path.write_text(report.to_json(run, findings, setting) + "\n")
    files = [path]
    if importlib.util.find_spec("matplotlib") is None:
        print("matplotlib is not installed (extra `benchmarks`): there is no plot", file=sys.stderr)
    elif run.samples:
        from benchmarks.soak import plot

        files += plot.draw(json.loads(path.read_text()), folder)
    print("written:", *files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the soak.

    Args:
        arguments: Those of the command line after `soak`.

    Returns:
        The exit code: 0 if all is right.
    """
    from benchmarks.report import machine
    from hzclient.server import DEFAULT_VERSION

    options = parse(arguments)
    seed = random.randrange(10**6) if options.seed is None else options.seed
    version = options.server or DEFAULT_VERSION
    options.output.mkdir(parents=True, exist_ok=True)
    setting = {
        **machine(),
        "members": f"{options.members} of {version}",
        "seconds": duration(options),
        "seed": seed,
    }
    _progress(f"{duration(options) / 60:.1f} minutes on {setting['members']}, seed {seed}")
    run = soak(options, seed, version)
    findings = verdict.judge(run)
    write(run, findings, setting, options.output)
    print(report.summary(run, findings, setting))
    return 0 if verdict.passed(findings) else 1
