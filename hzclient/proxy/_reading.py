"""Deserialization of many keys, values, and entries at once, a few of which may be unreadable.

One value that only Java can read must not make all others unreachable. Bulk reads therefore raise an error
that names the entry and carries the whole response, and streams let their caller choose what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from reprlib import repr as short_repr
from typing import Any, Literal, TypeAlias, get_args

from hzclient._speed import hot
from hzclient.errors import HazelcastSerializationError, UnreadableItemError
from hzclient.serialization.data import Data

OnError: TypeAlias = Literal["raise", "skip", "raw"]
"""What to do about data that cannot be deserialized: raise an error, leave it out, or return its `Data`."""

Decode: TypeAlias = Callable[[bytes | None], Any]


def check_on_error(on_error: str) -> None:
    """Raise `ValueError` unless `on_error` is one of the choices of `OnError`."""
    if on_error not in get_args(OnError):
        raise ValueError(f"on_error must be 'raise', 'skip', or 'raw', not {on_error!r}")


def read_items(decode: Decode, items: Sequence[bytes | None], on_error: OnError = "raise") -> list[Any]:
    """Deserialize keys, values, or items.

    Args:
        decode: Deserializes one of them.
        items: Their serialized forms.
        on_error: What to do about those that cannot be deserialized.

    Returns:
        The items, in the given order.

    Raises:
        UnreadableItemError: One of them cannot be deserialized, and `on_error` is "raise".
    """
    try:
        return list(map(decode, items))
    except HazelcastSerializationError:
        read = [_read(decode, item) for item in items]
    if on_error == "skip":
        return [value for value, failure in read if failure is None]
    found = [value for value, _ in read]
    if on_error == "raise":
        for index, (_, failure) in enumerate(read):
            if failure is not None:
                raise UnreadableItemError(f"item {index}", index, None, found, failure)
    return found


def read_entries(
    decode: Decode, entries: Sequence[tuple[bytes, bytes]], on_error: OnError = "raise"
) -> list[tuple[Any, Any]]:
    """Deserialize entries; as `read_items`, but what cannot be deserialized is a key or a value."""
    try:
        if hot is not None and isinstance(decode, hot.ValueDecoder):
            return decode.entries(entries)  # type: ignore[no-any-return]
        return [(decode(key), decode(value)) for key, value in entries]
    except HazelcastSerializationError:
        read = [(_read(decode, key), _read(decode, value)) for key, value in entries]
    if on_error == "skip":
        return [(key, value) for (key, lost), (value, failed) in read if lost is None and failed is None]
    found = [(key, value) for (key, _), (value, _) in read]
    if on_error == "raise":
        for index, ((key, lost), (_, failed)) in enumerate(read):
            if lost is not None:
                raise UnreadableItemError(f"the key of entry {index}", index, key, found, lost)
            if failed is not None:
                what = f"the value of entry {index}, whose key is {short_repr(key)},"
                raise UnreadableItemError(what, index, key, found, failed)
    return found


def _read(decode: Decode, data: bytes | None) -> tuple[Any, HazelcastSerializationError | None]:
    """Return a value and None, or the `Data` of a value that cannot be deserialized and the reason."""
    try:
        return decode(data), None
    except HazelcastSerializationError as error:
        return Data(data or b""), error
