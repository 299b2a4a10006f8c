"""The program itself: options that all commands share, the list of commands, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hzclient._version import __version__
from hzclient.cli import _bench, _cluster, _collections, _config, _doctor, _exit, _keyed, _sql, _streams, _top
from hzclient.cli._output import Output
from hzclient.cli._session import Session
from hzclient.cli._values import ValueType
from hzclient.config import BytesType
from hzclient.errors import HazelcastError, InvalidConfigurationError

_HELP = """Look into a Hazelcast cluster and work with its data.

The options below may stand before or after the command. Try these first:

- `hzclient ping`
- `hzclient -a 10.0.0.5:5701 -c production cluster members`
- `hzclient map capitals put France Paris`
- `hzclient map capitals get France --json`
- `hzclient map --help`
"""

_CONNECTION = "Connection"
_OUTPUT = "Output"


def _options(
    context: typer.Context,
    address: Annotated[
        list[str] | None,
        typer.Option(
            "--address",
            "-a",
            metavar="HOST:PORT",
            rich_help_panel=_CONNECTION,
            help="Address of a member. Repeat it for several.  [default: 127.0.0.1:5701]",
        ),
    ] = None,
    cluster_name: Annotated[
        str | None,
        typer.Option(
            "--cluster-name", "-c", rich_help_panel=_CONNECTION, help="Name of the cluster.  [default: dev]"
        ),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(
            "--config",
            metavar="FILE",
            rich_help_panel=_CONNECTION,
            help="Client configuration (YAML, JSON, TOML or URL). The options here take precedence over it.",
        ),
    ] = None,
    username: Annotated[
        str | None, typer.Option("--username", "-u", rich_help_panel=_CONNECTION, help="User name.")
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            exists=True,
            dir_okay=False,
            rich_help_panel=_CONNECTION,
            help="File whose first line is the password. Without it, a user name asks for one.",
        ),
    ] = None,
    tls: Annotated[
        bool, typer.Option("--tls", rich_help_panel=_CONNECTION, help="Connect with TLS.")
    ] = False,
    ca_file: Annotated[
        Path | None,
        typer.Option(
            "--ca-file",
            exists=True,
            dir_okay=False,
            rich_help_panel=_CONNECTION,
            help="Certificates (PEM) that the members' certificates are checked against. Implies --tls.",
        ),
    ] = None,
    unisocket: Annotated[
        bool,
        typer.Option(
            "--unisocket",
            rich_help_panel=_CONNECTION,
            help="Connect to one member only: for load balancers, and members behind NAT.",
        ),
    ] = False,
    public_addresses: Annotated[
        bool,
        typer.Option(
            "--public-addresses", rich_help_panel=_CONNECTION, help="Use the members' public addresses."
        ),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", metavar="SECONDS", rich_help_panel=_CONNECTION, help="Limit for connecting."
        ),
    ] = 10.0,
    as_json: Annotated[
        bool, typer.Option("--json", rich_help_panel=_OUTPUT, help="Print JSON, errors too.")
    ] = False,
    key_type: Annotated[
        ValueType,
        typer.Option("--key-type", rich_help_panel=_OUTPUT, help="Type of keys on the command line."),
    ] = ValueType.text,
    value_type: Annotated[
        ValueType,
        typer.Option(
            "--value-type", rich_help_panel=_OUTPUT, help="Type of values and items on the command line."
        ),
    ] = ValueType.text,
    pickle: Annotated[
        bool,
        typer.Option(
            "--pickle",
            rich_help_panel=_OUTPUT,
            help="Read values that Python pickled. They run code: use it only if you trust the cluster.",
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", rich_help_panel=_OUTPUT, help="Show the log of the client.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if version:
        print(f"hzclient {__version__}")
        raise typer.Exit
    options: dict[str, Any] = {
        "cluster_connect_timeout": timeout,
        "retry_initial_backoff": 0.2,
        "retry_max_backoff": 1.0,
        "pickle_enabled": pickle,
        "bytes_type": BytesType.BYTE_ARRAY,
    }
    if address or config is None:
        options["cluster_members"] = address or ["127.0.0.1:5701"]
    if cluster_name is not None:
        options["cluster_name"] = cluster_name
    if unisocket:
        options["smart_routing"] = False
    if public_addresses:
        options["use_public_ip"] = True
    if tls or ca_file is not None:
        options["ssl_enabled"] = True
    if ca_file is not None:
        options["ssl_cafile"] = str(ca_file)
    if username is not None:
        options["creds_username"] = username
        options["creds_password"] = _password(password_file)
    context.obj = Session(
        options=options,
        config_file=config,
        output=Output(as_json),
        key_type=key_type,
        value_type=value_type,
        verbose=verbose,
    )


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, err=True))
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise _exit.Stop(_exit.USAGE, f"The password file {file} is empty.")
    return lines[0]


_ELSEWHERE = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": list[str]()}


def _server(context: typer.Context) -> None:
    """Run real members on this machine, for development and tests (extra `server`)."""
    from hzclient.server.__main__ import main as server

    raise typer.Exit(server(context.args))


def _run(context: typer.Context) -> None:
    """Run a program that imports hazelcast on hzclient."""
    from hzclient._run import run

    raise typer.Exit(run(context.args))


def make_app() -> typer.Typer:
    """Return the program with all its commands."""
    epilog = "Exit codes:\n\n" + _exit.help_text()
    app = typer.Typer(
        name="hzclient",
        help=_HELP,
        epilog=epilog,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for module in (_cluster, _top, _bench, _doctor, _config, _sql, _keyed, _collections, _streams):
        module.add_commands(app)
    app.command("server", context_settings=_ELSEWHERE)(_server)
    app.command("run", context_settings=_ELSEWHERE)(_run)
    return app


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: The words after the program's name.

    Returns:
        The exit code, see `hzclient.cli._exit`.
    """
    command: Any = typer.main.get_command(make_app())
    words = in_front(arguments, command)
    try:
        command(args=words, prog_name="hzclient")
    except _exit.Stop as stop:
        if stop.message:
            Output("--json" in words).error(stop.message, stop.code)
        return stop.code
    except InvalidConfigurationError as error:
        Output("--json" in words).error(str(error), _exit.USAGE)
        return _exit.USAGE
    except HazelcastError as error:
        Output("--json" in words).error(f"{type(error).__name__}: {error}", _exit.FAILED)
        return _exit.FAILED
    except KeyboardInterrupt:
        return _exit.INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _exit.FAILED
    return _exit.OK


def in_front(arguments: Sequence[str], command: Any) -> list[str]:
    """Move the options that all commands share to the front, which is where the parser accepts them.

    Words after `--` stay where they are, and so does what belongs to `server` and `run`.

    Args:
        arguments: The words after the program's name.
        command: The program, whose options are the shared ones.

    Returns:
        The words in another order.
    """
    takes_value: dict[str, bool] = {
        name: not option.is_flag
        for option in command.params
        for name in option.opts
        if not option.is_eager and name != "--version"
    }
    front: list[str] = []
    rest: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        name = word.partition("=")[0] if word.startswith("--") else word
        if word == "--" or (not rest and word in ("server", "run")):
            return [*front, *rest, word, *words]
        if name not in takes_value:
            rest.append(word)
            continue
        front.append(word)
        if takes_value[name] and "=" not in word and words:
            front.append(words.pop(0))
    return front + rest
