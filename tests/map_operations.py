"""Every operation of the map, with arguments, and which requests of the protocol change entries."""

from __future__ import annotations

import inspect
from typing import Any, Final

import hzclient.predicate as p
from hzclient._codec import map as codec
from hzclient._protocol.message import ListenerMethod, Method
from hzclient._runtime.faces import operation
from hzclient.aggregator import count
from hzclient.projection import single_attribute
from hzclient.proxy.map import MapOperations

METHODS: Final[dict[str, Method[..., Any]]] = {
    each.name: each for each in vars(codec).values() if isinstance(each, Method)
}
"""All requests of the map's service, by name."""

_CHANGES_NOTHING: Final = {
    codec.GET_ALL: "reads",
    codec.FLUSH: "writes to the map store what the entries hold already",
    codec.ADD_INDEX: "changes how entries are found, not what they are",
    codec.FETCH_NEAR_CACHE_INVALIDATION_METADATA: "reads counters",
}
"""Requests that are not retryable although they change no entry, with the reason."""

CHANGING: Final = frozenset(
    method.name
    for method in METHODS.values()
    if (not method.retryable or method is codec.REPLACE_ALL)
    and method not in _CHANGES_NOTHING
    and not isinstance(method, ListenerMethod)
)
"""Names of the requests that change entries: those that are not retryable, with few exceptions."""

UNUSED: Final = frozenset(
    method.name for method in (codec.SUBMIT_TO_KEY, codec.REPLACE_ALL, codec.PUT_ALL_WITH_METADATA)
)
"""Names of changing requests that no operation sends."""

OPERATIONS: Final[dict[str, operation[..., Any]]] = {
    name: member
    for base in MapOperations.__mro__
    for name, member in vars(base).items()
    if isinstance(member, operation)
}
"""All operations of the map, by name."""

_VALUES: Final[dict[str, Any]] = {
    **{"value": "v", "old_value": "v", "new_value": "w"},
    **{"ttl": 1.0, "max_idle": 1.0, "timeout": 0.0, "lease_time": 1.0},
    **{"entry_processor": "processor", "interceptor": "interceptor"},
    **{"registration_id": "00000000-0000-0000-0000-000000000001"},
    **{"predicate": p.true(), "aggregator": count(), "projection": single_attribute("this")},
    **{"attributes": ["this"], "index_type": "HASH", "name": "index", "bitmap_index_options": None},
    **{"replace_existing_values": True, "include_value": True},
}


def variants(name: str, key: Any = "k") -> list[dict[str, Any]]:
    """Return the arguments for two calls of an operation: only the required ones, and all of them.

    Args:
        name: The operation.
        key: The key to call it with.

    Returns:
        Keyword arguments for each call.
    """
    parameters = list(inspect.signature(OPERATIONS[name].function).parameters.values())[1:]
    required = [
        each.name
        for each in parameters
        if each.default is inspect.Parameter.empty or each.name == "attributes"
    ]
    choices = {tuple(required), tuple(each.name for each in parameters)}
    return [{each: _argument(each, key) for each in names} for names in choices]


def _argument(name: str, key: Any) -> Any:
    if name.endswith("_func"):
        return print
    return {"key": key, "keys": [key], "map": {key: "v"}, **_VALUES}[name]
