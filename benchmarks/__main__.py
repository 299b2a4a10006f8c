"""Command line: start two members, let the clients work in turn, print the results."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from benchmarks import cases, report
from benchmarks.cases import Case, Client, Loop, Participant, Plan
from benchmarks.operations import CP, OPERATIONS
from benchmarks.report import Report
from benchmarks.runner import Runner

MEMBERS = 2
CP_VERSION = "5.3.8"
"""The last open-source version with CP structures; one member has them in "unsafe" mode."""

JAVA = Path(__file__).resolve().parent.parent / "tests" / "java" / "hzclient"
TASKS = """
hazelcast:
  serialization:
    data-serializable-factories:
      - factory-id: 66
        class-name: hzclient.test.TestFactory
"""
JVM_OPTIONS = ("-Xmx384m", "-XX:+UseSerialGC")
"""Unlike the defaults of `LocalCluster`, these keep the optimizing compiler of the member on."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Compares hzclient with the official client and with bare sockets, on two real members. "
        "Prints throughput, time of a call, processor time of the client's process for a call, and their "
        "ratios to the official client. Asserts nothing. `python -m benchmarks soak` is another program.",
    )
    parser.add_argument("--quick", action="store_true", help="a few cases, in less than a minute")
    parser.add_argument("--table", action="store_true", help="the cases of docs/performance.md")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--output", metavar="FILE", help="also write the results there, as JSON")
    parser.add_argument("--face", action="append", choices=cases.FACES, help="only this one (repeatable)")
    parser.add_argument("--operation", action="append", choices=OPERATIONS, help="only this one")
    parser.add_argument(
        "--size", action="append", type=int, help="length of values, instead of 100 and 10000"
    )
    parser.add_argument(
        "--in-flight", action="append", type=int, metavar="N", help="instead of 1, 16, 128, 1024"
    )
    parser.add_argument("--rounds", type=int, help="turns of each client in each case")
    parser.add_argument("--seconds", type=float, help="length of a turn")
    parser.add_argument("--server", metavar="VERSION", help="Hazelcast version of the members")
    parser.add_argument(
        "--address", action="append", metavar="HOST:PORT", help="a running member, instead of starting two"
    )
    return parser.parse_args(arguments)


def make_plan(options: argparse.Namespace) -> Plan:
    """Return the plan for the options."""
    quick: bool = options.quick
    if options.table:
        selected = table_cases()
    else:
        selected = cases.select(
            options.face or cases.FACES,
            options.operation or (("get",) if quick else cases.LIMITED),
            options.size or ((100,) if quick else None),
            options.in_flight or ((128,) if quick else cases.IN_FLIGHT),
        )
    return Plan(
        cases=selected,
        rounds=options.rounds or (5 if options.table else 3),
        seconds=options.seconds or (0.4 if quick or options.table else 1.0),
        uvloop=importlib.util.find_spec("uvloop") is not None,
    )


def table_cases() -> tuple[Case, ...]:
    """Return the cases of the documentation: `get` and `set` in all faces, the others in asyncio."""
    others = [name for name in OPERATIONS if name not in cases.LIMITED]
    return (
        *cases.select(cases.FACES, cases.LIMITED, (100,), (128,)),
        *cases.select(("asyncio",), others, None, (128,)),
    )


@contextmanager
def members(options: argparse.Namespace, operations: Iterable[str]) -> Iterator[Runner]:
    """Yield a runner for the given addresses, or for members that run as long as the block.

    Args:
        options: Options of the command line.
        operations: What is measured there, which decides what the members need.
    """
    if options.address:
        with Runner(options.address) as runner:
            yield runner
        return
    from hzclient.server import DEFAULT_VERSION, LocalCluster, compile_java

    cp = not set(CP).isdisjoint(operations)
    version = options.server or (CP_VERSION if cp else DEFAULT_VERSION)
    with LocalCluster(
        members=1 if cp else MEMBERS,
        version=version,
        jvm_options=JVM_OPTIONS,
        config=TASKS if "executor" in operations else None,
        class_path=[compile_java(JAVA, version=version)] if "executor" in operations else (),
    ) as cluster:
        with Runner(cluster.addresses, [member.pid for member in cluster.members]) as runner:
            yield runner


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks."""
    options = parse(arguments)
    plan = make_plan(options)
    started = time.monotonic()
    # With --json, standard output is the result and nothing else.
    progress = sys.stderr if options.json else sys.stdout
    if not plan.uvloop:
        print("uvloop is not installed: its rows are left out", file=sys.stderr)
    collected = Report({**report.machine(), "rounds": plan.rounds, "seconds": plan.seconds})
    ordinary = [case for case in plan.cases if case.operation not in CP]
    cp = [case for case in plan.cases if case.operation in CP]
    for group in filter(None, (ordinary, cp)):
        run(plan, group, collected, options, progress)
    if options.output:
        Path(options.output).write_text(collected.to_json() + "\n")
    if options.json:
        print(collected.to_json())
        return
    print("", *collected.goals(), sep="\n")
    facts = ", ".join(f"{name} {fact}" for name, fact in collected.setting.items())
    print(f"\n{facts}; {time.monotonic() - started:.0f} s")


def run(
    plan: Plan, group: Sequence[Case], collected: Report, options: argparse.Namespace, progress: TextIO
) -> None:
    """Run cases on members of their own, and print each result as it arrives.

    Args:
        plan: The plan.
        group: Those of its cases that the members can do.
        collected: Collects the results.
        options: Options of the command line.
        progress: Where the results are printed.
    """
    with members(options, {case.operation for case in group}) as runner:
        print(f"Members: {', '.join(runner.addresses)}; warming up", file=progress, flush=True)
        if any(case.operation in cases.LIMITED for case in group):
            runner.warm_up(Participant(Client.LIMIT, Loop.OWN))
        last_title = ""
        for case in group:
            collected.add(runner.run(plan, case))
            if (title := report.title(case)) != last_title:
                print("", title, "", *report.head(), sep="\n", file=progress)
                last_title = title
            print(*collected.table(case), sep="\n", file=progress, flush=True)
        collected.setting.update(runner.versions)


def choose(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name: the soak or, without a name, the comparison."""
    if arguments and arguments[0] == "soak":
        from benchmarks.soak import command

        return command.main(arguments[1:])
    main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(choose(sys.argv[1:]))
