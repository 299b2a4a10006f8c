"""The client of a process: made when it is first needed, so after the fork."""

from __future__ import annotations

import os
import threading
from typing import Any

import hzclient

OPTIONS: dict[str, Any] = {
    "cluster_members": [os.environ["HOSTS_ADDRESS"]],
    "cluster_name": os.environ["HOSTS_CLUSTER"],
}

_clients: dict[int, hzclient.HazelcastClient] = {}
_lock = threading.Lock()


def client() -> hzclient.HazelcastClient:
    """Return the client of this process."""
    found = _clients.get(os.getpid())
    if found is None:
        with _lock:
            found = _clients.get(os.getpid())
            if found is None:
                found = _clients[os.getpid()] = hzclient.HazelcastClient(**OPTIONS)
    return found


def count(name: str) -> int:
    """Count a use in a map, by an entry that is locked meanwhile, and return the number."""
    uses = client().get_map("hosts-uses").blocking()
    with uses.lock_context(name):
        number = (uses.get(name) or 0) + 1
        uses.put(name, number)
    return number
