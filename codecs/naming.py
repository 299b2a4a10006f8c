"""From the names of the protocol to the names of Python."""

import keyword
import re

_ODD = {"bTree": "Btree", "BTree": "Btree"}


def snake(name: str) -> str:
    """`targetReplicaUUID` becomes `target_replica_uuid`; a keyword gets a trailing underscore."""
    for odd, plain in _ODD.items():
        name = name.replace(odd, plain)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return f"{name}_" if keyword.iskeyword(name) else name


def attribute(name: str) -> str:
    """As `snake`, for a field of a named tuple: those may not be called as its methods are."""
    name = snake(name)
    return f"{name}_" if name in ("count", "index") else name


def constant(name: str) -> str:
    """`addEntryListener` becomes `ADD_ENTRY_LISTENER`."""
    return snake(name).rstrip("_").upper()


def pascal(name: str) -> str:
    """`addEntryListener` becomes `AddEntryListener`."""
    return name[0].upper() + name[1:]
