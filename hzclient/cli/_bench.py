"""The command `bench`: how fast a cluster answers this machine."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from hzclient.asyncio import HazelcastClient
from hzclient.cli._exit import FAILED, USAGE, Stop
from hzclient.cli._histogram import Histogram
from hzclient.cli._output import Output
from hzclient.cli._session import Session, connecting
from hzclient.errors import HazelcastError
from hzclient.proxy.map import AsyncMap

_PERCENTS: Final = (50.0, 90.0, 99.0, 99.9)
_LOAD_BATCH: Final = 500
_BAR: Final = 50
_PROGRESS_SECONDS: Final = 0.2

Entries = AsyncMap[int, bytes]

OPERATIONS: Final[Mapping[str, Callable[[Entries, int, bytes], Awaitable[object]]]] = {
    "get": lambda entries, key, value: entries.get(key),
    "set": lambda entries, key, value: entries.set(key, value),
    "put": lambda entries, key, value: entries.put(key, value),
    "delete": lambda entries, key, value: entries.delete(key),
    "contains": lambda entries, key, value: entries.contains_key(key),
}
"""Operations that a mix may name."""


@dataclass(kw_only=True)
class Load:
    """What is measured.

    Attributes:
        mix: Share of each operation.
        concurrency: Number of calls at the same time.
        duration: Seconds of measurement.
        warmup: Seconds before it, which do not count.
        keys: Number of keys.
        value_size: Bytes of each value.
    """

    mix: Mapping[str, float]
    concurrency: int
    duration: float
    warmup: float
    keys: int
    value_size: int


@dataclass
class Result:
    """What was measured.

    Attributes:
        seconds: How long the measurement took.
        histograms: Durations by operation.
        errors: Number of errors by class.
    """

    seconds: float = 0.0
    histograms: dict[str, Histogram] = field(default_factory=dict[str, Histogram])
    errors: Counter[str] = field(default_factory=Counter[str])


def add_commands(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("bench")(bench)


def bench(
    context: typer.Context,
    mix: Annotated[
        str,
        typer.Option("--mix", metavar="OPERATION=SHARE,...", help=f"Of {', '.join(OPERATIONS)}."),
    ] = "get=80,set=20",
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, help="Calls at the same time.")] = 32,
    duration: Annotated[
        float, typer.Option("--duration", min=0.1, metavar="SECONDS", help="How long to measure.")
    ] = 10.0,
    warmup: Annotated[
        float, typer.Option("--warmup", min=0, metavar="SECONDS", help="Before that, without measuring.")
    ] = 2.0,
    keys: Annotated[int, typer.Option("--keys", min=1, help="Number of keys.")] = 10_000,
    value_size: Annotated[int, typer.Option("--value-size", min=0, help="Bytes of each value.")] = 100,
) -> None:
    """Measure how fast the cluster answers this machine.

    Fills a new map and calls it from one asyncio client. Each of the concurrent callers sends its next call
    when the previous one has ended. The map is destroyed at the end; other data is not touched.
    """
    session: Session = context.obj
    session.set_up_logging()
    load = Load(
        mix=read_mix(mix),
        concurrency=concurrency,
        duration=duration,
        warmup=warmup,
        keys=keys,
        value_size=value_size,
    )
    result = asyncio.run(_measure(session, load))
    _show(session.output, load, result)
    if not any(each.count for each in result.histograms.values()):
        raise Stop(FAILED, f"No call succeeded: {', '.join(result.errors) or 'none ended in time'}.")


def read_mix(text: str) -> dict[str, float]:
    """Read a mix of operations.

    Args:
        text: Such as `get=80,set=20`.

    Returns:
        The share of each operation.

    Raises:
        Stop: An operation is unknown, or a share is not a positive number.
    """
    mix: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.strip().partition("=")
        if name not in OPERATIONS:
            raise Stop(USAGE, f"Unknown operation {name!r} in --mix; use {', '.join(OPERATIONS)}.")
        try:
            mix[name] = float(share)
        except ValueError:
            mix[name] = 0.0
        if not 0 < mix[name] < float("inf"):
            raise Stop(USAGE, f"The share of {name!r} in --mix must be a positive number: get=80,set=20.")
    return mix


async def _measure(session: Session, load: Load) -> Result:
    with connecting():
        client = await HazelcastClient.create_and_start(session.config())
    async with client:
        entries: Entries = await client.get_map(f"hzclient-bench-{uuid.uuid4()}")
        try:
            await _fill(entries, load)
            if load.warmup:
                await _call_for(load.warmup, entries, load, lambda _: None)
            with _progress(session.output) as advance:
                return await _call_for(load.duration, entries, load, advance)
        finally:
            await entries.destroy()


async def _fill(entries: Entries, load: Load) -> None:
    for start in range(0, load.keys, _LOAD_BATCH):
        values = {key: _value(load) for key in range(start, min(load.keys, start + _LOAD_BATCH))}
        await entries.put_all(values)


def _value(load: Load) -> bytes:
    return random.randbytes(load.value_size)


async def _call_for(seconds: float, entries: Entries, load: Load, advance: Callable[[float], None]) -> Result:
    """Call from all callers until the time is over; if calls are under way then, wait for them."""
    result = Result(histograms={name: Histogram() for name in load.mix})
    started = time.perf_counter()
    callers = [
        asyncio.create_task(_call_until(started + seconds, entries, load, result))
        for _ in range(load.concurrency)
    ]
    try:
        while not all(each.done() for each in callers):
            await asyncio.wait(callers, timeout=_PROGRESS_SECONDS)
            advance(min(1.0, (time.perf_counter() - started) / seconds))
        for each in callers:
            each.result()
    finally:
        for each in callers:
            each.cancel()
    result.seconds = time.perf_counter() - started
    return result


async def _call_until(end: float, entries: Entries, load: Load, result: Result) -> None:
    names, shares = list(load.mix), list(load.mix.values())
    value = _value(load)
    now = time.perf_counter()
    while now < end:
        name = random.choices(names, shares)[0]
        key = random.randrange(load.keys)
        started = time.perf_counter()
        try:
            await OPERATIONS[name](entries, key, value)
        except HazelcastError as error:
            result.errors[type(error).__name__] += 1
            now = time.perf_counter()
        else:
            now = time.perf_counter()
            result.histograms[name].record(now - started)


class _progress:
    """Shows a progress bar if standard error is a terminal, and nothing if it is not.

    Args:
        output: Where to show it.
    """

    def __init__(self, output: Output) -> None:
        self._progress = Progress(
            TextColumn("measuring"),
            BarColumn(),
            TimeRemainingColumn(),
            console=output.messages,
            transient=True,
            disable=output.as_json or not output.messages.is_terminal,
        )
        self._task = self._progress.add_task("", total=1.0)

    def __enter__(self) -> Callable[[float], None]:
        self._progress.start()
        return lambda share: self._progress.update(self._task, completed=share)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


# --------------------------------------------------------------------------------------------- results


def _show(output: Output, load: Load, result: Result) -> None:
    total = Histogram()
    for histogram in result.histograms.values():
        total.add(histogram)
    rows = [_row(name, each, result.seconds) for name, each in (*result.histograms.items(), ("all", total))]
    if output.as_json:
        output.entry(
            seconds=round(result.seconds, 3),
            concurrency=load.concurrency,
            keys=load.keys,
            value_size=load.value_size,
            operations=rows,
            errors=dict(result.errors),
            histogram=[{"up_to_ms": _ms(bound), "calls": count} for bound, count in total.steps()],
        )
        return
    title = f"{load.concurrency} calls at the same time, values of {load.value_size} bytes, times in ms"
    headings = tuple(
        name.replace("_ms", "").replace("per_second", "calls/s").replace("operation", "call")
        for name in rows[0]
    )
    output.table(title, headings, [tuple(map(_cell, row.values())) for row in rows])
    for line in bars(total):
        output.line(line)
    for name, count in result.errors.items():
        output.line(f"{count} calls failed: {name}")


def _row(name: str, histogram: Histogram, seconds: float) -> dict[str, Any]:
    row: dict[str, Any] = {
        "operation": name,
        "calls": histogram.count,
        "per_second": round(histogram.count / seconds, 1),
        "mean_ms": _ms(histogram.mean),
    }
    row |= {f"p{percent:g}_ms": _ms(histogram.percentile(percent)) for percent in _PERCENTS}
    row["max_ms"] = _ms(histogram.longest if histogram.count else None)
    return row


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if isinstance(value, float) and value >= 1000 else str(value)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def bars(histogram: Histogram) -> list[str]:
    """Return the histogram as lines of text, one per step, with a bar and its share of the calls."""
    steps = list(histogram.steps())
    most = max((count for _, count in steps), default=0)
    return [
        f"up to {bound * 1000:10.3f} ms  {'#' * round(_BAR * count / most):<{_BAR}}  "
        f"{100 * count / histogram.count:5.1f} %"
        for bound, count in steps
    ]
