"""The command `config`: check a configuration file of the client, and show what it means."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from hzclient.cli._session import Session
from hzclient.config import Config

_SECRETS: Final = ("creds_password", "ssl_password", "cloud_discovery_token")

Source = Annotated[
    str | None,
    typer.Argument(help="YAML, JSON or TOML file, or hazelcast:// URL.  [default: where Java looks]"),
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(
        name="config", help="Check and show configuration files of the client.", no_args_is_help=True
    )
    group.command("check")(check)
    group.command("show")(show)
    app.add_typer(group)


def check(context: typer.Context, source: Source = None) -> None:
    """Check a file, or end with exit code 2 and the file, line and key of what is wrong."""
    session: Session = context.obj
    Config.load(source)
    session.output.done("The configuration is valid.", valid=True)


def show(
    context: typer.Context,
    source: Source = None,
    everything: Annotated[bool, typer.Option("--all", help="Options with their default values too.")] = False,
) -> None:
    """List the options that a file sets, with environment variables applied and secrets masked."""
    session: Session = context.obj
    config, defaults = Config.load(source), Config()
    rows: list[list[Any]] = []
    for name in sorted(Config.options):
        value = getattr(config, name)
        if everything or value != getattr(defaults, name):
            masked = name in _SECRETS and value is not None
            rows.append([name, "****" if masked else _shown(value)])
    session.output.table("Options", ("option", "value"), rows)


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)
