"""The command `top`: what a cluster is doing, live."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from hzclient._management import Management
from hzclient.cli._figures import Figures, Row
from hzclient.cli._output import make_table
from hzclient.cli._session import Session

_TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "Members": {
        "address": "address",
        "ping_ms": "ping ms",
        "cpu_percent": "cpu %",
        "heap": "heap",
        "operations_per_second": "ops/s",
        "clients": "clients",
        "partitions": "partitions",
        "backups_complete": "backups",
    },
    "Structures": {
        "kind": "kind",
        "name": "name",
        "calls_per_second": "calls/s",
        "latency_ms": "latency ms",
        "entries": "entries",
        "backups": "backups",
    },
    "Clients": {
        "name": "name",
        "type": "type",
        "version": "version",
        "address": "address",
        "labels": "labels",
        "memory": "memory",
        "bytes_sent": "sent",
        "bytes_received": "received",
    },
    "Near caches": {
        "client": "client",
        "map": "map",
        "hits": "hits",
        "misses": "misses",
        "hit_percent": "hits %",
        "entries": "entries",
        "memory": "memory",
    },
}
"""Columns of each table: field of the figures and heading."""

_BYTES: Final = frozenset({"memory", "bytes_sent", "bytes_received"})
_UNKNOWN: Final = "-"


def add_commands(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("top")(top)


def top(
    context: typer.Context,
    interval: Annotated[float, typer.Option("--interval", min=0.1, help="Seconds between refreshes.")] = 2.0,
    count: Annotated[
        int, typer.Option("--count", "-n", min=0, help="End after so many refreshes; 0 for no end.")
    ] = 0,
    rows: Annotated[
        int, typer.Option("--rows", min=1, help="Rows per table at most, the busiest first.")
    ] = 8,
) -> None:
    """Show what the cluster is doing: members, structures, clients and near caches, live.

    Members collect their numbers every 5 seconds, unless they are configured otherwise. Rates are averages
    between the last two collections, so they appear after the second one. Clients report their memory,
    traffic and near caches if their statistics are enabled. With --json, each refresh is one line.
    """
    session: Session = context.obj
    with session.client() as client:
        management = Management(client)
        figures = Figures(management.client_uuid)
        refreshes = _refreshes(management, figures, interval, count)
        if session.output.as_json:
            for _ in refreshes:
                session.output.line(json.dumps(snapshot(figures)))
            return
        console = session.output.console
        with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
            for _ in refreshes:
                live.update(fitting_view(console, figures, rows), refresh=True)


def _refreshes(management: Management, figures: Figures, interval: float, count: int) -> Iterator[None]:
    """Take the members' reports at every interval."""
    for number in itertools.count(1):
        due = time.monotonic() + interval
        figures.take(management.reports())
        yield
        if number == count:
            return
        time.sleep(max(0.0, due - time.monotonic()))


def snapshot(figures: Figures) -> Row:
    """Return all figures as one JSON object: rates per second, sizes in bytes, latencies in milliseconds."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cluster": figures.cluster_name(),
        "members": figures.members(),
        "structures": figures.structures(),
        "clients": figures.clients(),
        "near_caches": figures.near_caches(),
        "problems": figures.problems(),
    }


def fitting_view(console: Console, figures: Figures, rows: int) -> Group:
    """Return the tables with as many rows as the terminal has room for, at least one in each.

    Args:
        console: The terminal.
        figures: The figures.
        rows: Largest number of rows per table.

    Returns:
        Tables that have rows, and the problems of members.
    """
    while True:
        tables = view(figures, rows)
        if rows == 1 or len(console.render_lines(tables)) < console.height:
            return tables
        rows -= 1


def view(figures: Figures, rows: int) -> Group:
    """Return the tables for a terminal.

    Args:
        figures: The figures.
        rows: Largest number of rows per table.

    Returns:
        Tables that have rows, and the problems of members.
    """
    parts = list[RenderableType]()
    tables = (figures.members(), figures.structures(), figures.clients(), figures.near_caches())
    for title, found in zip(_TABLES, tables, strict=True):
        if found:
            parts.append(_table(title, found, rows))
    for address, problem in figures.problems().items():
        parts.append(Text(f"{address}: {problem}", "red"))
    name = figures.cluster_name()
    parts.append(
        Text(f"{time.strftime('%H:%M:%S')}   {f'cluster {name}   ' if name else ''}Ctrl-C ends", "dim")
    )
    return Group(*parts)


def _table(title: str, found: Sequence[Row], rows: int) -> RenderableType:
    columns = _TABLES[title]
    shown = [[_cell(field, row) for field in columns] for row in found[:rows]]
    left_out = f" ({rows} of {len(found)})" if len(found) > rows else ""
    return make_table(title + left_out, tuple(columns.values()), shown)


def _cell(field: str, row: Row) -> str:
    if field == "heap":
        used, most = row["heap_used"], row["heap_max"]
        return _UNKNOWN if not most else f"{_size(used)} / {_size(most)}"
    value: Any = row[field]
    if value is None:
        return _UNKNOWN
    if field == "backups_complete":
        return "complete" if value else "incomplete"
    if field in _BYTES:
        return _size(value)
    if field == "labels":
        return ", ".join(value)
    return f"{value:.0f}" if isinstance(value, float) and value >= 100 else str(value)


def _size(value: float) -> str:
    for unit in ("B", "K", "M"):
        if value < 1024:
            return f"{value:.0f}{unit}"
        value /= 1024
    return f"{value:.1f}G"
