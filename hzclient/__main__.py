"""``python -m hzclient``: the commands that come with the client."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec

_USAGE = """usage: python -m hzclient server start|stop|status|health [options]
       python -m hzclient run program.py [argument ...]
       python -m hzclient run -m module [argument ...]

server    run real Hazelcast members on this machine, for development and tests
run       run a program that imports hazelcast on hzclient

All other commands need the extra "cli": pip install "hzclient-hazelcast[cli]"
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code; 2 means wrong usage."""
    match arguments:
        case ["server", *rest]:
            from hzclient.server.__main__ import main as server

            return server(rest)
        case ["run", *rest]:
            from hzclient._run import run

            return run(rest)
        case _ if find_spec("typer") is not None:
            from hzclient.cli._app import main as commands

            return commands(arguments)
        case _:
            asked = bool({"-h", "--help"} & set(arguments))
            print(_USAGE, end="", file=sys.stdout if asked else sys.stderr)
            return 0 if asked else 2


def console() -> int:
    """Run the words of the command line; the entry point of the program `hzclient`."""
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(console())
