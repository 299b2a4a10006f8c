"""The commands `queue`, `list` and `set`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from hzclient.cli import _files
from hzclient.cli._exit import FAILED, NOT_FOUND, Stop
from hzclient.cli._listening import listen_until_interrupted
from hzclient.cli._structures import add_group, open_structure
from hzclient.proxy.base import ItemEventType
from hzclient.util import get_attr_name

Item = Annotated[str, typer.Argument(help="Item, of the type --value-type.")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for kind, own in _OWN.items():
        help_text = f"Read and change a {kind}: `hzclient {kind} NAME put ITEM`."
        add_group(app, kind, help_text, {"put": put, **own, **_COMMON})


def put(context: typer.Context, item: Item) -> None:
    """Add an item, or end with exit code 1 if it was not added: a full queue, or a set that has it."""
    with open_structure(context) as (session, structure):
        if not structure.add_all([session.value(item, "item")]):
            raise Stop(FAILED, "The item was not added.")
        session.output.done("OK", added=True)


def get(
    context: typer.Context,
    wait: Annotated[float, typer.Option("--wait", min=0, metavar="SECONDS", help="Wait for an item.")] = 0,
) -> None:
    """Remove the item at the head and print it, or end with exit code 3 if the queue is empty."""
    with open_structure(context) as (session, structure):
        item = structure.keeping_late_items().poll(wait)
        if item is None:
            raise Stop(NOT_FOUND, "The queue is empty.")
        session.output.value(item)


def get_at(
    context: typer.Context, index: Annotated[int, typer.Argument(min=0, help="Position, from 0.")]
) -> None:
    """Print the item at a position, or end with exit code 3 if there is none."""
    with open_structure(context) as (session, structure):
        if index >= structure.size():
            raise Stop(NOT_FOUND, f"There is no item at {index}.")
        session.output.value(structure.get(index))


def peek(context: typer.Context) -> None:
    """Print the item at the head without removing it, or end with exit code 3 if the queue is empty."""
    with open_structure(context) as (session, structure):
        item = structure.peek()
        if item is None:
            raise Stop(NOT_FOUND, "The queue is empty.")
        session.output.value(item)


def remove(context: typer.Context, item: Item) -> None:
    """Remove an item, or end with exit code 3 if there is none like it."""
    with open_structure(context) as (session, structure):
        if not structure.remove(session.value(item, "item")):
            raise Stop(NOT_FOUND, f"There is no item {item!r} of the type {session.value_type.value}.")
        session.output.done("OK", removed=True)


def items(context: typer.Context) -> None:
    """Print the items, one per line, and leave them there."""
    with open_structure(context) as (session, structure):
        for item in _all(structure):
            session.output.value(item)


def size(context: typer.Context) -> None:
    """Print the number of items."""
    with open_structure(context) as (session, structure):
        session.output.value(structure.size())


def clear(
    context: typer.Context, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove all items."""
    if not yes:
        typer.confirm(f"Remove all items of {context.meta['name']!r}?", abort=True, err=True)
    with open_structure(context) as (session, structure):
        structure.clear()
        session.output.done("OK", cleared=True)


def listen(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=0, help="End after this many events.")] = 0,
) -> None:
    """Print what is added and removed as it happens, until Ctrl-C."""
    with open_structure(context) as (session, structure):
        listen_until_interrupted(
            lambda put: structure.add_listener(True, put, put),
            lambda event: session.output.entry(
                event=get_attr_name(ItemEventType, event.event_type), item=event.item
            ),
            limit,
            session.output,
        )


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write; - for standard output.")] = Path("-"),
) -> None:
    """Write all items as JSON lines, which `import` reads. The items stay there."""
    with open_structure(context) as (session, structure):
        found = _all(structure)
        _files.write(({"item": item} for item in found), len(found), file, session.output)


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to read; - for standard input.")] = Path("-"),
    batch: Annotated[int, typer.Option("--batch", min=1, help="Items per request.")] = 500,
) -> None:
    """Add the items of JSON lines, as `export` writes them: `{"item": "a"}`."""
    with open_structure(context) as (session, structure):

        def store(records: list[dict[str, Any]]) -> None:
            structure.add_all([record["item"] for record in records])

        _files.read(file, ("item",), store, batch, session)


def _all(structure: Any) -> list[Any]:
    return list(structure.iterator() if hasattr(structure, "iterator") else structure.get_all())


_OWN: dict[str, dict[str, Callable[..., None]]] = {
    "queue": {"get": get, "peek": peek},
    "list": {"get": get_at},
    "set": {},
}
_COMMON: dict[str, Callable[..., None]] = {
    "remove": remove,
    "items": items,
    "size": size,
    "clear": clear,
    "listen": listen,
    "export": export,
    "import": import_,
}
