"""The commands `map`, `replicatedmap` and `multimap`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hzclient.cli import _files
from hzclient.cli._exit import NOT_FOUND, Stop
from hzclient.cli._listening import listen_until_interrupted
from hzclient.cli._structures import add_group, kind_of, open_structure
from hzclient.proxy.base import EntryEventType
from hzclient.util import get_attr_name

_TITLES = {"map": "map", "replicatedmap": "replicated map", "multimap": "multimap"}
_FUNCTIONS = {
    "map": (
        "added",
        "removed",
        "updated",
        "evicted",
        "expired",
        "evict_all",
        "clear_all",
        "merged",
        "loaded",
    ),
    "replicatedmap": ("added", "removed", "updated", "evicted", "clear_all"),
    "multimap": ("added", "removed", "clear_all"),
}

Key = Annotated[str, typer.Argument(help="Key, of the type --key-type.")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands to the program."""
    commands = {
        each.__name__: each for each in (get, put, remove, keys, entries, size, clear, listen, export)
    }
    for kind, title in _TITLES.items():
        help_text = f"Read and change a {title}: `hzclient {kind} NAME get KEY`."
        add_group(app, kind, help_text, {**commands, "import": import_})


def get(context: typer.Context, key: Key) -> None:
    """Print the value of a key, or end with exit code 3 if there is none.

    A multimap prints one line per value.
    """
    kind = kind_of(context)
    with open_structure(context) as (session, structure):
        found = structure.get(session.key(key))
        if found is None or (kind == "multimap" and not found):
            raise Stop(NOT_FOUND, f"There is no key {key!r} of the type {session.key_type.value}.")
        for value in found if kind == "multimap" else [found]:
            session.output.value(value)


def put(
    context: typer.Context,
    key: Key,
    value: Annotated[str, typer.Argument(help="Value, of the type --value-type.")],
    ttl: Annotated[
        float | None, typer.Option("--ttl", metavar="SECONDS", help="Time to live; not for multimaps.")
    ] = None,
) -> None:
    """Set the value of a key; a multimap adds a value to the key."""
    kind = kind_of(context)
    with open_structure(context) as (session, structure):
        given = (session.key(key), session.value(value))
        if ttl is not None and kind == "multimap":
            raise typer.BadParameter("a multimap has no time to live", param_hint="--ttl")
        previous = structure.put(*given, ttl) if ttl is not None else structure.put(*given)
        session.output.done("OK", previous=previous)


def remove(context: typer.Context, key: Key) -> None:
    """Remove a key and print what it had, or end with exit code 3 if there is no such key."""
    kind = kind_of(context)
    with open_structure(context) as (session, structure):
        if kind == "multimap":
            values = structure.remove_all(session.key(key))
        else:
            value = structure.remove(session.key(key))
            values = [] if value is None else [value]
        if not values:
            raise Stop(NOT_FOUND, f"There is no key {key!r} of the type {session.key_type.value}.")
        for value in values:
            session.output.value(value)


def keys(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most this many; 0 for all.")] = 0,
) -> None:
    """Print the keys, one per line. A map is read page by page."""
    kind = kind_of(context)
    with open_structure(context) as (session, structure):
        found = structure.keys(on_error="raw") if kind == "map" else structure.key_set()
        for number, key in enumerate(found):
            if limit and number == limit:
                break
            session.output.value(key)


def entries(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most this many; 0 for all.")] = 0,
) -> None:
    """Print keys and values, with a tab between them. A map is read page by page."""
    kind = kind_of(context)
    with open_structure(context) as (session, structure):
        found = structure.entries(on_error="raw") if kind == "map" else structure.entry_set()
        for number, (key, value) in enumerate(found):
            if limit and number == limit:
                break
            session.output.entry(key=key, value=value)


def size(context: typer.Context) -> None:
    """Print the number of entries."""
    with open_structure(context) as (session, structure):
        session.output.value(structure.size())


def clear(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove all entries."""
    if not yes:
        typer.confirm(f"Remove all entries of {context.meta['name']!r}?", abort=True, err=True)
    with open_structure(context) as (session, structure):
        structure.clear()
        session.output.done("OK", cleared=True)


def listen(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=0, help="End after this many events.")] = 0,
) -> None:
    """Print changes as they happen, until Ctrl-C."""
    kind = kind_of(context)
    with open_structure(context) as (session, structure):

        def show(event: Any) -> None:
            name = get_attr_name(EntryEventType, event.event_type)
            session.output.entry(event=name, key=event.key, value=event.value, old_value=event.old_value)

        def register(put: Any) -> None:
            functions = {f"{name}_func": put for name in _FUNCTIONS[kind]}
            structure.add_entry_listener(
                **functions, **({} if kind == "replicatedmap" else {"include_value": True})
            )

        listen_until_interrupted(register, show, limit, session.output)


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write; - for standard output.")] = Path("-"),
) -> None:
    """Write all entries as JSON lines, which `import` reads. A map is read page by page."""
    kind = kind_of(context)
    with open_structure(context) as (session, structure):
        found = structure.entries() if kind == "map" else structure.entry_set()
        records = ({"key": key, "value": value} for key, value in found)
        _files.write(records, structure.size(), file, session.output)


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to read; - for standard input.")] = Path("-"),
    batch: Annotated[int, typer.Option("--batch", min=1, help="Entries per request.")] = 500,
) -> None:
    """Put the entries of JSON lines, as `export` writes them: `{"key": "a", "value": 1}`."""
    kind = kind_of(context)
    with open_structure(context) as (session, structure):

        def store(records: list[dict[str, Any]]) -> None:
            if kind != "multimap":
                structure.put_all({record["key"]: record["value"] for record in records})
                return
            values: dict[Any, list[Any]] = {}
            for record in records:
                values.setdefault(record["key"], []).append(record["value"])
            structure.put_all(values)

        _files.read(file, ("key", "value"), store, batch, session)
