"""What commands print: text for people or JSON for programs, without colours unless a terminal shows it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from hzclient.cli._values import plain, text


class Output:
    """Prints results to standard output and messages to standard error.

    Args:
        as_json: Whether to print JSON.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
        self.messages = Console(stderr=True, highlight=False, soft_wrap=True)

    def value(self, value: Any) -> None:
        """Print one value on one line."""
        self.line(json.dumps(plain(value), ensure_ascii=False) if self.as_json else text(value))

    def entry(self, **fields: Any) -> None:
        """Print one record: a JSON object, or its values with tabs between them."""
        if self.as_json:
            self.line(json.dumps({name: plain(item) for name, item in fields.items()}, ensure_ascii=False))
        else:
            self.line("\t".join(text(item) for item in fields.values()))

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Print a table, or a JSON array with one object per row."""
        if self.as_json:
            self.line(json.dumps([dict(zip(columns, map(plain, row), strict=True)) for row in rows]))
        else:
            self.console.print(make_table(title, columns, rows))

    def done(self, message: str, **fields: Any) -> None:
        """Print the outcome of a command: a sentence, or a JSON object with `fields`."""
        self.line(
            json.dumps({name: plain(item) for name, item in fields.items()}) if self.as_json else message
        )

    def error(self, message: str, code: int) -> None:
        """Print an error to standard error."""
        if self.as_json:
            print(json.dumps({"error": message, "exit_code": code}), file=sys.stderr)
        else:
            self.messages.print(f"hzclient: {message}", markup=False, style="red")

    def line(self, line: str) -> None:
        """Print a line as it is, at once: its reader may be a program that waits for it."""
        print(line, flush=True)


def make_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table for the console.

    Args:
        title: Text above the table.
        columns: Names of the columns.
        rows: Values of each row; numbers stand at the right.

    Returns:
        The table.
    """
    lines = [[text(cell) for cell in row] for row in rows]
    table = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        numeric = bool(lines) and all(line[index].replace(".", "", 1).isdigit() for line in lines)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for line in lines:
        table.add_row(*(_escaped(cell) for cell in line))
    return table


def _escaped(cell: str) -> str:
    return cell.replace("[", "\\[")
