"""Free loopback ports for members."""

import random
import socket
from collections.abc import Collection

from hzclient.server._errors import ServerError

# Operating systems take the ports of outgoing connections from ranges above these.
_FIRST, _LAST = 15_000, 32_000
_ATTEMPTS = 1_000


def is_free(host: str, port: int) -> bool:
    """Return whether a member could listen on the port now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, taken: Collection[int]) -> int:
    """Pick a free port at random, so that clusters started at the same time rarely collide.

    Args:
        host: Loopback address.
        taken: Ports that are reserved for other members.

    Returns:
        The port.

    Raises:
        ServerError: If no free port is found.
    """
    for _ in range(_ATTEMPTS):
        port = random.randint(_FIRST, _LAST)
        if port not in taken and is_free(host, port):
            return port
    raise ServerError(f"No free port on {host} between {_FIRST} and {_LAST}.")
