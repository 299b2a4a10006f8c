"""Export and import of structures as JSON lines, with a progress bar on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hzclient.cli._exit import FAILED, USAGE, Stop
from hzclient.cli._output import Output
from hzclient.cli._session import Session
from hzclient.cli._values import ValueType, tagged, untagged
from hzclient.serialization import java

_STANDARD = Path("-")
_INTEGERS: dict[ValueType, Callable[[int], Any]] = {
    ValueType.long: java.long,
    ValueType.short: java.short,
    ValueType.byte: java.byte,
}
"""What integers of a file become if the user names their type."""


def write(records: Iterable[dict[str, Any]], total: int, file: Path, output: Output) -> None:
    """Write records as JSON lines.

    Args:
        records: Values by field name.
        total: Expected number of records.
        file: Where to write; `-` is standard output.
        output: Shows the progress.

    Raises:
        Stop: A value has no form in JSON, or the file cannot be written.
    """
    written = 0
    try:
        with _writing(file) as stream, _progress(output, total, file != _STANDARD) as advance:
            for record in records:
                try:
                    line = {name: tagged(value) for name, value in record.items()}
                except ValueError as error:
                    raise Stop(FAILED, f"Record {written + 1} was not written: {error}.") from None
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
                written += 1
                advance(1)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Stop(FAILED, f"{file} cannot be written: {error.strerror}.") from error
    if file != _STANDARD:
        output.done(f"{written} records written to {file}.", written=written, file=str(file))


def read(
    file: Path,
    fields: Sequence[str],
    store: Callable[[list[dict[str, Any]]], None],
    batch: int,
    session: Session,
) -> None:
    """Read JSON lines and store their records.

    Args:
        file: What to read; `-` is standard input.
        fields: Names that each record must have, and no others.
        store: Stores a batch of records.
        batch: Number of records per batch.
        session: Its types apply to integers, and its output shows the progress.

    Raises:
        Stop: The file cannot be read, or a line is wrong. The lines before that batch are stored then.
    """
    stored = 0
    records: list[dict[str, Any]] = []
    try:
        total = file.stat().st_size if file != _STANDARD else None
        with _reading(file) as stream, _progress(session.output, total, total is not None) as advance:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    records.append(_record(line, number, fields, session))
                if len(records) == batch:
                    store(records)
                    stored += len(records)
                    records = []
                advance(len(line.encode()))
            if records:
                store(records)
                stored += len(records)
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.filename is None:
            raise
        raise Stop(FAILED, f"{file} cannot be read: {error}.") from error
    session.output.done(f"{stored} records imported.", imported=stored)


def _record(line: str, number: int, fields: Sequence[str], session: Session) -> dict[str, Any]:
    try:
        given = json.loads(line)
        if not isinstance(given, dict) or cast(dict[str, Any], given).keys() != set(fields):
            raise ValueError(f"a record must be an object with {' and '.join(fields)}")
        record = cast(dict[str, Any], given)
        return {name: _typed(untagged(record[name]), name, session) for name in fields}
    except (ValueError, KeyError, TypeError) as error:
        raise Stop(USAGE, f"Line {number} is wrong: {error}.") from None


def _typed(value: Any, name: str, session: Session) -> Any:
    kind = session.key_type if name == "key" else session.value_type
    integer = isinstance(value, int) and not isinstance(value, bool)
    return _INTEGERS[kind](value) if integer and kind in _INTEGERS else value


@contextmanager
def _writing(file: Path) -> Generator[TextIO, None, None]:
    if file == _STANDARD:
        yield sys.stdout
        sys.stdout.flush()
    else:
        with file.open("w", encoding="utf-8") as stream:
            yield stream


@contextmanager
def _reading(file: Path) -> Generator[TextIO, None, None]:
    if file == _STANDARD:
        yield sys.stdin
    else:
        with file.open(encoding="utf-8") as stream:
            yield stream


@contextmanager
def _progress(
    output: Output, total: int | None, wanted: bool
) -> Generator[Callable[[int], object], None, None]:
    """Show a progress bar on standard error if that is a terminal; yield what moves it on."""
    if output.as_json or not wanted or not output.messages.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.messages) as progress:
        task = progress.add_task("", total=total)
        yield lambda amount: progress.advance(task, amount)
