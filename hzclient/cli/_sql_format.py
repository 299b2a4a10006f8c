"""Results of SQL statements as tables, CSV, JSON lines and Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from rich.console import Console

from hzclient.cli._output import make_table
from hzclient.cli._values import plain, text


class Format(StrEnum):
    """Formats of results."""

    table = "table"
    csv = "csv"
    json = "json"
    markdown = "markdown"


class Writer:
    """Writes rows in a format, page by page.

    Args:
        kind: The format.
        columns: Names of the columns.
        console: Prints tables.
    """

    def __init__(self, kind: Format, columns: Sequence[str], console: Console) -> None:
        self._kind = kind
        self._columns = columns
        self._console = console
        self._begun = False

    def page(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows. The header comes before the first page, in a table before each."""
        match self._kind:
            case Format.table:
                self._console.print(make_table("", self._columns, rows))
            case Format.csv:
                self._csv(rows)
            case Format.json:
                for row in rows:
                    fields = dict(zip(self._columns, map(plain, row), strict=True))
                    print(json.dumps(fields, ensure_ascii=False), flush=True)
            case Format.markdown:
                self._markdown(rows)
        self._begun = True

    def live(self, row: Sequence[Any]) -> None:
        """Write one row of a query that does not end, at once."""
        if self._kind is not Format.table:
            self.page([row])
            return
        if not self._begun:
            print(" | ".join(self._columns), flush=True)
            self._begun = True
        print(" | ".join(map(text, row)), flush=True)

    def _csv(self, rows: Sequence[Sequence[Any]]) -> None:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        if not self._begun:
            writer.writerow(self._columns)
        writer.writerows(["" if cell is None else text(cell) for cell in row] for row in rows)
        print(buffer.getvalue(), end="", flush=True)

    def _markdown(self, rows: Sequence[Sequence[Any]]) -> None:
        lines = [] if self._begun else [self._columns, ["---"] * len(self._columns)]
        for cells in [*lines, *([text(cell) for cell in row] for row in rows)]:
            escaped = [cell.replace("|", "\\|").replace("\n", " ") for cell in cells]
            print(f"| {' | '.join(escaped)} |", flush=True)
