"""The command `sql`: statements from the command line, a file or standard input, or an interactive shell."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from hzclient import HazelcastClient
from hzclient.cli._exit import FAILED, USAGE, Stop
from hzclient.cli._session import Session
from hzclient.cli._sql_format import Format, Writer
from hzclient.cli._sql_text import split
from hzclient.sql import HazelcastSqlError

_PAGE = 500


def add_commands(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("sql")(sql)


def sql(
    context: typer.Context,
    statement: Annotated[
        str | None, typer.Argument(help="Statements, with semicolons between them. Without it: a shell.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="File with statements; - for standard input.")
    ] = None,
    output_format: Annotated[
        Format | None, typer.Option("--format", help="Format of results.  [default: table; json with --json]")
    ] = None,
    timing: Annotated[bool, typer.Option("--timing", help="Show how long statements take.")] = False,
) -> None:
    r"""Execute SQL statements, or open an interactive shell.

    In the shell, Ctrl-C cancels the running query, and \? lists its commands. A query that does not end, such
    as `SELECT * FROM TABLE(generate_stream(1))`, prints its rows as they come, until Ctrl-C.
    """
    session: Session = context.obj
    if statement is not None and file is not None:
        raise Stop(USAGE, "Give either a statement or --file, not both.")
    script = statement if statement is not None else _script(file)
    chosen = output_format or (Format.json if session.output.as_json else Format.table)
    with session.client() as client:
        runner = Runner(client, session.output.console, chosen, timing=timing)
        if script is None:
            from hzclient.cli._sql_shell import Shell

            Shell(runner, session.config().cluster_name).run()
            return
        statements, rest = split(script)
        for each in [*statements, rest] if rest else statements:
            try:
                runner.execute(each)
            except HazelcastSqlError as error:
                raise Stop(FAILED, described(error)) from error


def _script(file: Path | None) -> str | None:
    try:
        if file is not None and file != Path("-"):
            return file.read_text(encoding="utf-8")
        if file is not None or not sys.stdin.isatty():
            return sys.stdin.read()
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(FAILED, f"{file} cannot be read: {error}.") from error
    return None


def described(error: HazelcastSqlError) -> str:
    """Return the text of an error without the member's stack trace, with what the member suggests."""
    message = str(error).partition("\n\tat ")[0]
    suggestion = f"\nSuggestion: {error.suggestion}" if error.suggestion else ""
    return f"{message}{suggestion}"


class Runner:
    """Executes statements and prints their results.

    Attributes:
        format: Format of results.
        timing: Whether to show how long statements take.

    Args:
        client: The client.
        console: Prints tables.
        output_format: Format of results.
        timing: Whether to show how long statements take.
        more: Asked after each page whether to go on.
        page_size: Number of rows per page.
    """

    def __init__(
        self,
        client: HazelcastClient,
        console: Console,
        output_format: Format,
        *,
        timing: bool = False,
        more: Callable[[], bool] = lambda: True,
        page_size: int = _PAGE,
    ) -> None:
        self._sql = client.sql.blocking()
        self._console = console
        self.format = output_format
        self.timing = timing
        self.more = more
        self.page_size = page_size

    def execute(self, statement: str) -> None:
        """Execute a statement and print its result.

        Args:
            statement: The statement, without a semicolon.

        Raises:
            HazelcastSqlError: The statement is wrong or failed.
        """
        started = time.perf_counter()
        # Leaving the block closes the result, which cancels the query on the members: Ctrl-C does so too.
        with self._sql.execute(statement) as result:
            count = self._print(result)
        if self.timing:
            seconds = time.perf_counter() - started
            print(f"{count} rows, {seconds * 1000:.1f} ms", file=sys.stderr, flush=True)

    def query(self, statement: str) -> list[list[Any]]:
        """Execute a query of the program's own and return its rows."""
        with self._sql.execute(statement) as result:
            return [list(row) for row in result]

    def _print(self, result: Any) -> int:
        if not result.is_row_set():
            if self.format is Format.table:
                print("OK", flush=True)
            return 0
        columns = [column.name for column in result.get_row_metadata().columns]
        writer = Writer(self.format, columns, self._console)
        rows = iter(result)
        count = 0
        if result.is_infinite_rows():
            for row in rows:
                writer.live(list(row))
                count += 1
            return count
        while page := [list(row) for row in islice(rows, self.page_size)]:
            count += len(page)
            writer.page(page)
            if len(page) < self.page_size or not self.more():
                return count
        if not count:
            writer.page([])
        return count
