"""What the commands of all structures share: the group of commands, the name, and the open structure."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from hzclient.cli._session import Session

_GETTERS = {
    "map": "get_map",
    "replicatedmap": "get_replicated_map",
    "multimap": "get_multi_map",
    "queue": "get_queue",
    "list": "get_list",
    "set": "get_set",
    "topic": "get_topic",
    "ringbuffer": "get_ringbuffer",
}


def add_group(
    app: typer.Typer, kind: str, help_text: str, commands: Mapping[str, Callable[..., None]]
) -> None:
    """Add the commands of one kind of structure to the program: `hzclient KIND NAME COMMAND`.

    Args:
        app: The program.
        kind: Kind of structure, which is the name of the group.
        help_text: Text of the group for `--help`.
        commands: The commands by name, in the order of `--help`.
    """
    group = typer.Typer(name=kind, help=help_text, no_args_is_help=True)
    group.callback()(_keep_name)
    for name, command in commands.items():
        group.command(name)(command)
    app.add_typer(group)


def _keep_name(
    context: typer.Context, name: Annotated[str, typer.Argument(help="Name of the structure.")]
) -> None:
    context.meta["name"] = name


def kind_of(context: typer.Context) -> str:
    """Return the kind of structure that a command was called for."""
    parent: Any = context.parent
    return str(parent.info_name)


@contextmanager
def open_structure(context: typer.Context) -> Generator[tuple[Session, Any], None, None]:
    """Connect a client for one command.

    Args:
        context: What typer knows of the command: the options of the program, and the name of the structure.

    Yields:
        The session, and the blocking structure that the command line names.
    """
    session: Session = context.obj
    with session.client() as client:
        get = getattr(client, _GETTERS[kind_of(context)])
        yield session, get(context.meta["name"]).blocking()
