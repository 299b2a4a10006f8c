"""The commands `topic` and `ringbuffer`."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hzclient.cli import _files
from hzclient.cli._exit import NOT_FOUND, Stop
from hzclient.cli._listening import listen_until_interrupted
from hzclient.cli._structures import add_group, open_structure


def add_commands(app: typer.Typer) -> None:
    """Add the commands to the program."""
    commands: dict[str, dict[str, Any]] = {
        "topic": {"put": publish, "listen": listen},
        "ringbuffer": {
            "put": add,
            "get": get,
            "tail": tail,
            "size": size,
            "export": export,
            "import": import_,
        },
    }
    for kind, own in commands.items():
        help_text = f"Read and write a {kind}: `hzclient {kind} NAME put ITEM`."
        add_group(app, kind, help_text, own)


def publish(
    context: typer.Context,
    message: Annotated[str, typer.Argument(help="Message, of the type --value-type.")],
) -> None:
    """Publish a message to all listeners of the topic."""
    with open_structure(context) as (session, topic):
        topic.publish(session.value(message, "message"))
        session.output.done("OK", published=True)


def listen(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=0, help="End after this many messages.")] = 0,
) -> None:
    """Print the messages of the topic as they arrive, until Ctrl-C."""
    with open_structure(context) as (session, topic):

        def show(message: Any) -> None:
            if session.output.as_json:
                time = datetime.datetime.fromtimestamp(message.publish_time / 1000, datetime.UTC)
                session.output.entry(message=message.message, time=time)
            else:
                session.output.value(message.message)

        listen_until_interrupted(topic.add_listener, show, limit, session.output)


def add(
    context: typer.Context, item: Annotated[str, typer.Argument(help="Item, of the type --value-type.")]
) -> None:
    """Add an item and print its sequence number."""
    with open_structure(context) as (session, ringbuffer):
        session.output.value(ringbuffer.add(session.value(item, "item")))


def get(
    context: typer.Context, sequence: Annotated[int, typer.Argument(min=0, help="Sequence number.")]
) -> None:
    """Print the item with a sequence number, or end with exit code 3 if it is not there."""
    with open_structure(context) as (session, ringbuffer):
        head, last = ringbuffer.head_sequence(), ringbuffer.tail_sequence()
        if not head <= sequence <= last:
            raise Stop(NOT_FOUND, f"There is no item {sequence}; the ringbuffer has {head} to {last}.")
        session.output.value(ringbuffer.read_one(sequence))


def tail(
    context: typer.Context,
    count: Annotated[int, typer.Option("--count", "-n", min=0, help="How many of the last items.")] = 10,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new items, until Ctrl-C.")
    ] = False,
) -> None:
    """Print the last items."""
    with open_structure(context) as (session, ringbuffer):
        last = ringbuffer.tail_sequence()
        first = max(ringbuffer.head_sequence(), last - count + 1)
        left = last - first + 1
        if not left and not follow:
            return
        for item in ringbuffer.items(first, loss_tolerant=True, on_error="raw"):
            session.output.value(item)
            left -= 1
            if not left and not follow:
                return


def size(context: typer.Context) -> None:
    """Print the number of items."""
    with open_structure(context) as (session, ringbuffer):
        session.output.value(ringbuffer.size())


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write; - for standard output.")] = Path("-"),
) -> None:
    """Write all items as JSON lines, which `import` reads."""
    with open_structure(context) as (session, ringbuffer):
        first, last = ringbuffer.head_sequence(), ringbuffer.tail_sequence()
        count = last - first + 1
        found = ringbuffer.items(first) if count else iter(())
        items = (item for _, item in zip(range(count), found, strict=False))
        _files.write(({"item": item} for item in items), count, file, session.output)


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to read; - for standard input.")] = Path("-"),
    batch: Annotated[int, typer.Option("--batch", min=1, max=1000, help="Items per request.")] = 500,
) -> None:
    """Add the items of JSON lines, as `export` writes them: `{"item": "a"}`."""
    with open_structure(context) as (session, ringbuffer):

        def store(records: list[dict[str, Any]]) -> None:
            ringbuffer.add_all([record["item"] for record in records], 0)

        _files.read(file, ("item",), store, batch, session)
