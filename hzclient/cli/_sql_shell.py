"""The interactive SQL shell."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings

from hzclient.cli._sql import Runner, described
from hzclient.cli._sql_format import Format
from hzclient.cli._sql_text import KEYWORDS, split
from hzclient.errors import HazelcastError
from hzclient.sql import HazelcastSqlError

_HELP: Final = r"""\d            list the mappings
\d NAME       list the columns of a mapping
\j            list the jobs
\f [FORMAT]   show or set the format: table, csv, json, markdown
\p [ROWS]     show or set the number of rows per page
\t            switch timing on or off
\?            this help
\q            end (so does Ctrl-D)
A statement ends with a semicolon and may have several lines. Ctrl-C cancels the running query."""

_COLUMNS: Final = (
    "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = '{}' "
    "ORDER BY ordinal_position"
)
_MAPPINGS: Final = "SELECT table_name, mapping_type, mapping_external_name FROM information_schema.mappings"


class Shell:
    r"""Reads statements and commands such as `\d` until the user ends it.

    Args:
        runner: Executes the statements.
        cluster_name: Name for the prompt.
    """

    def __init__(self, runner: Runner, cluster_name: str) -> None:
        self._runner = runner
        self._prompt = f"{cluster_name}> "
        self._names: list[str] = []
        runner.more = self._ask_for_more
        runner.page_size = 100
        completer = WordCompleter(lambda: [*KEYWORDS, *self._names], ignore_case=True)
        self._session: Any = PromptSession(
            history=_history(), completer=completer, complete_while_typing=False, multiline=True,
            key_bindings=_bindings(), prompt_continuation=_continuation,
        )  # fmt: skip

    def run(self) -> None:
        """Read and execute until Ctrl-D or the command to end."""
        print(r"\? lists the commands. A statement ends with a semicolon.", flush=True)
        self._learn_names()
        while True:
            try:
                line: str = self._session.prompt(self._prompt)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            try:
                if self._handle(line.strip()):
                    return
            except KeyboardInterrupt:
                print("Cancelled.", flush=True)
            except HazelcastSqlError as error:
                print(f"Error: {described(error)}", flush=True)
            except HazelcastError as error:
                print(f"Error: {type(error).__name__}: {error}", flush=True)

    def _handle(self, line: str) -> bool:
        """Execute what was entered; return whether to end."""
        if line.startswith("\\"):
            return self._command(*line[1:].rstrip(";").split())
        statements, rest = split(line)
        for statement in [*statements, rest] if rest else statements:
            self._runner.execute(statement)
            if statement.split()[0].upper() in ("CREATE", "DROP"):
                self._learn_names()
        return False

    def _command(self, name: str = "?", *words: str) -> bool:
        commands: dict[str, Callable[..., object]] = {
            "d": self._describe,
            "j": lambda: self._runner.execute("SHOW JOBS"),
            "f": self._set_format,
            "p": self._set_page,
            "t": self._switch_timing,
            "?": lambda: print(_HELP, flush=True),
        }
        if name == "q":
            return True
        try:
            commands[name](*words)
        except (KeyError, TypeError):
            print(rf"There is no command \{' '.join([name, *words])}; \? lists the commands.", flush=True)
        return False

    def _describe(self, name: str | None = None) -> None:
        self._runner.execute(
            _MAPPINGS if name is None else _COLUMNS.format(name.strip('"').replace("'", "''"))
        )

    def _set_format(self, name: str | None = None) -> None:
        if name is not None and name not in list(Format):
            print(f"There is no format {name!r}; there are {', '.join(Format)}.", flush=True)
            return
        self._runner.format = Format(name) if name is not None else self._runner.format
        print(f"Format: {self._runner.format.value}", flush=True)

    def _set_page(self, rows: str | None = None) -> None:
        if rows is not None and (not rows.isdecimal() or not int(rows)):
            print(f"{rows!r} is not a number of rows.", flush=True)
            return
        self._runner.page_size = int(rows) if rows is not None else self._runner.page_size
        print(f"{self._runner.page_size} rows per page", flush=True)

    def _switch_timing(self) -> None:
        self._runner.timing = not self._runner.timing
        print(f"Timing is {'on' if self._runner.timing else 'off'}.", flush=True)

    def _ask_for_more(self) -> bool:
        return input("-- Enter for more, q to end -- ").strip().lower() != "q"

    def _learn_names(self) -> None:
        """Ask for the names of mappings and columns, for completion, which works without them too."""
        with contextlib.suppress(HazelcastError):
            rows = self._runner.query("SELECT table_name, column_name FROM information_schema.columns")
            self._names = sorted({str(name) for row in rows for name in row})


def _continuation(width: int, _line: int, _wraps: int) -> str:
    """Return what stands in place of the prompt before further lines."""
    return "-> ".rjust(width)


def _history() -> Any:
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = base / "hzclient"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / "sql_history"
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))


def _bindings() -> Any:
    """Make Enter submit commands and complete statements, and begin a new line otherwise."""
    bindings = KeyBindings()

    def enter(event: Any) -> None:
        buffer = event.current_buffer
        given: str = buffer.text.strip()
        if not given or given.startswith("\\") or not split(given)[1]:
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    bindings.add("enter")(enter)
    return bindings
