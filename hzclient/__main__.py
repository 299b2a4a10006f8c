"""``python -m hzclient``: the commands that come with the client."""

import sys
from collections.abc import Sequence

from hzclient.server.__main__ import main as server

_USAGE = """usage: python -m hzclient server start|stop|status [options]

server    run real Hazelcast members on this machine, for development and tests
"""


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns the exit code; 2 stands for wrong usage."""
    if arguments[:1] == ["server"]:
        return server(arguments[1:])
    asked = bool({"-h", "--help"} & set(arguments))
    print(_USAGE, end="", file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
