"""The types that all codecs consist of.

Writers are called `put_*`, append to a list of byte strings, and take `last` when the message ends with
what they write. Readers are called `read_*` and take the name of the field that they read, for the error.
What is written here for parameters holds for items of lists and maps and for fields of composites too.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from struct import Struct, iter_unpack, pack, unpack_from
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from hzclient._protocol.frames import (
    BEGIN_FRAME,
    END_FINAL_FRAME,
    END_FRAME,
    FINAL,
    NULL_FINAL_FRAME,
    NULL_FRAME,
    pack_data_header,
    pack_header,
)
from hzclient._protocol.message import Message
from hzclient._speed import hot

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

Parts: TypeAlias = list[bytes]
Put: TypeAlias = Callable[[Parts, T, bool], None]
Read: TypeAlias = Callable[[Message, str], T]

UUID_SIZE: Final = 17
_NULL_UUID: Final = b"\x01" + bytes(16)
_pack_uuid: Final = Struct("<BQQ").pack
_unpack_uuid: Final = Struct("<BQQ").unpack
_LOW_HALF: Final = (1 << 64) - 1

# ------------------------------------------------------------------------------------- UUID, fixed size


def uuid_to_bytes(value: UUID | None) -> bytes:
    """Return the 17 bytes of a UUID: a null mark, then both halves in little endian."""
    if value is None:
        return _NULL_UUID
    number = value.int
    return _pack_uuid(0, number >> 64, number & _LOW_HALF)


@lru_cache(maxsize=1024)
def uuid_from_bytes(content: bytes) -> UUID | None:
    """Return the UUID of 17 bytes, or None: the inverse of `uuid_to_bytes`.

    Each event has the UUID of a member or client. There are few of them, and creating a `UUID` took half of
    the time that an event needs.
    """
    null, high, low = _unpack_uuid(content)
    return None if null == 1 else UUID(int=high << 64 | low)


def required_uuid(content: bytes, message: Message, field: str) -> UUID:
    """Return the UUID of 17 bytes for a field that is never null.

    Args:
        content: The bytes.
        message: The message that is read.
        field: Name of what is read, for the error.

    Returns:
        The UUID.

    Raises:
        ProtocolError: It is null nevertheless.
    """
    value = uuid_from_bytes(content)
    if value is None:
        raise message.malformed(field, "null UUID where one is required")
    return value


# --------------------------------------------------------------------------------------- single frames


def put_data(parts: Parts, value: bytes, last: bool = False) -> None:
    """Write a serialized value, or any other bytes."""
    parts.append(pack_header(len(value) + 6, FINAL) if last else pack_data_header(len(value) + 6))
    parts.append(value)


def read_data(message: Message, field: str) -> bytes:
    """Read a serialized value, or any other bytes."""
    return message.data(field)


def put_nullable_data(parts: Parts, value: bytes | None, last: bool = False) -> None:
    """Write a serialized value or a NULL frame."""
    if value is None:
        parts.append(NULL_FINAL_FRAME if last else NULL_FRAME)
    else:
        put_data(parts, value, last)


def read_nullable_data(message: Message, field: str) -> bytes | None:
    """Read a serialized value or a NULL frame."""
    return message.nullable_data(field)


def put_string(parts: Parts, value: str, last: bool = False) -> None:
    """Write text as UTF-8."""
    put_data(parts, value.encode(), last)


def read_string(message: Message, field: str) -> str:
    """Read text."""
    content = message.data(field)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise message.malformed(field, f"text that is not UTF-8 ({error.reason})") from None


def put_ints(parts: Parts, values: Collection[int], last: bool = False) -> None:
    """Write int32 values back to back."""
    put_data(parts, pack(f"<{len(values)}i", *values), last)


def read_ints(message: Message, field: str) -> list[int]:
    """Read int32 values."""
    content = message.data(field)
    return list(unpack_from(f"<{_count(message, content, 4, field)}i", content))


def put_longs(parts: Parts, values: Collection[int], last: bool = False) -> None:
    """Write int64 values back to back."""
    put_data(parts, pack(f"<{len(values)}q", *values), last)


def read_longs(message: Message, field: str) -> list[int]:
    """Read int64 values."""
    content = message.data(field)
    return list(unpack_from(f"<{_count(message, content, 8, field)}q", content))


def put_floats(parts: Parts, values: Collection[float], last: bool = False) -> None:
    """Write IEEE 754 single precision values back to back."""
    put_data(parts, pack(f"<{len(values)}f", *values), last)


def read_floats(message: Message, field: str) -> list[float]:
    """Read single precision values."""
    content = message.data(field)
    return list(unpack_from(f"<{_count(message, content, 4, field)}f", content))


def put_uuids(parts: Parts, values: Iterable[UUID], last: bool = False) -> None:
    """Write UUIDs, 17 bytes each."""
    put_data(parts, b"".join(map(uuid_to_bytes, values)), last)


def read_uuids(message: Message, field: str) -> list[UUID]:
    """Read UUIDs."""
    content = message.data(field)
    _count(message, content, UUID_SIZE, field)
    return [
        required_uuid(content[at : at + UUID_SIZE], message, field)
        for at in range(0, len(content), UUID_SIZE)
    ]


def read_uuid_set(message: Message, field: str) -> set[UUID]:
    """Read UUIDs into a set."""
    return set(read_uuids(message, field))


def put_int_int_entries(parts: Parts, entries: Iterable[tuple[int, int]], last: bool = False) -> None:
    """Write pairs of int32 and int32."""
    put_data(parts, b"".join([_pack_int_int(key, value) for key, value in entries]), last)


def read_int_int_entries(message: Message, field: str) -> list[tuple[int, int]]:
    """Read pairs of int32 and int32."""
    content = message.data(field)
    _count(message, content, 8, field)
    return list(iter_unpack("<ii", content))


def put_int_long_entries(parts: Parts, entries: Iterable[tuple[int, int]], last: bool = False) -> None:
    """Write pairs of int32 and int64."""
    put_data(parts, b"".join([_pack_int_long(key, value) for key, value in entries]), last)


def read_int_long_entries(message: Message, field: str) -> list[tuple[int, int]]:
    """Read pairs of int32 and int64."""
    content = message.data(field)
    _count(message, content, 12, field)
    return list(iter_unpack("<iq", content))


def put_int_uuid_entries(parts: Parts, entries: Iterable[tuple[int, UUID]], last: bool = False) -> None:
    """Write pairs of int32 and UUID."""
    content = b"".join([_pack_int_uuid(key, uuid_to_bytes(value)) for key, value in entries])
    put_data(parts, content, last)


def read_int_uuid_entries(message: Message, field: str) -> list[tuple[int, UUID]]:
    """Read pairs of int32 and UUID."""
    content = message.data(field)
    _count(message, content, 4 + UUID_SIZE, field)
    return [(key, required_uuid(value, message, field)) for key, value in iter_unpack("<i17s", content)]


def put_uuid_long_entries(parts: Parts, entries: Iterable[tuple[UUID, int]], last: bool = False) -> None:
    """Write pairs of UUID and int64."""
    content = b"".join([_pack_uuid_long(uuid_to_bytes(key), value) for key, value in entries])
    put_data(parts, content, last)


def read_uuid_long_entries(message: Message, field: str) -> list[tuple[UUID, int]]:
    """Read pairs of UUID and int64."""
    content = message.data(field)
    _count(message, content, UUID_SIZE + 8, field)
    return [(required_uuid(key, message, field), value) for key, value in iter_unpack("<17sq", content)]


def put_uuid_uuid_entries(parts: Parts, entries: Iterable[tuple[UUID, UUID]], last: bool = False) -> None:
    """Write pairs of UUID and UUID."""
    put_data(parts, b"".join([uuid_to_bytes(each) for entry in entries for each in entry]), last)


def read_uuid_uuid_entries(message: Message, field: str) -> list[tuple[UUID, UUID]]:
    """Read pairs of UUID and UUID."""
    content = message.data(field)
    _count(message, content, 2 * UUID_SIZE, field)
    return [
        (required_uuid(key, message, field), required_uuid(value, message, field))
        for key, value in iter_unpack("<17s17s", content)
    ]


_pack_int_int: Final = Struct("<ii").pack
_pack_int_long: Final = Struct("<iq").pack
_pack_int_uuid: Final = Struct("<i17s").pack
_pack_uuid_long: Final = Struct("<17sq").pack


def _count(message: Message, content: bytes, size: int, field: str) -> int:
    count, rest = divmod(len(content), size)
    if rest:
        raise message.malformed(field, f"{len(content)} bytes do not divide into items of {size}")
    return count


# -------------------------------------------------------------------------------------- several frames


def put_list(parts: Parts, values: Iterable[T], put: Put[T], last: bool = False) -> None:
    """Write a list, each item by `put`."""
    parts.append(BEGIN_FRAME)
    for value in values:
        put(parts, value, False)
    parts.append(END_FINAL_FRAME if last else END_FRAME)


def read_list(message: Message, read: Read[T], field: str) -> list[T]:
    """Read a list, each item by `read`."""
    message.begin(field)
    values: list[T] = []
    while not message.take_end(field):
        values.append(read(message, field))
    return values


def put_entries(
    parts: Parts, entries: Iterable[tuple[K, V]], put_key: Put[K], put_value: Put[V], last: bool = False
) -> None:
    """Write keys and values in turn."""
    parts.append(BEGIN_FRAME)
    for key, value in entries:
        put_key(parts, key, False)
        put_value(parts, value, False)
    parts.append(END_FINAL_FRAME if last else END_FRAME)


def read_entries(message: Message, read_key: Read[K], read_value: Read[V], field: str) -> list[tuple[K, V]]:
    """Read keys and values in turn."""
    message.begin(field)
    entries: list[tuple[K, V]] = []
    while not message.take_end(field):
        entries.append((read_key(message, field), read_value(message, field)))
    return entries


def put_map(
    parts: Parts, values: Mapping[K, V], put_key: Put[K], put_value: Put[V], last: bool = False
) -> None:
    """Write a map, which is the same as entries on the wire."""
    put_entries(parts, values.items(), put_key, put_value, last)


def read_map(message: Message, read_key: Read[K], read_value: Read[V], field: str) -> dict[K, V]:
    """Read a map."""
    return dict(read_entries(message, read_key, read_value, field))


def put_data_list(parts: Parts, values: Iterable[bytes], last: bool = False) -> None:
    """Write a list of serialized values."""
    append = parts.append
    append(BEGIN_FRAME)
    for value in values:
        append(pack_data_header(len(value) + 6))
        append(value)
    append(END_FINAL_FRAME if last else END_FRAME)


def read_data_list(message: Message, field: str) -> list[bytes]:
    """Read a list of serialized values."""
    if hot is not None and (contents := hot.data_list(message, False)) is not None:
        return contents  # type: ignore[no-any-return]
    return read_list(message, read_data, field)


def put_nullable_data_list(parts: Parts, values: Iterable[bytes | None], last: bool = False) -> None:
    """Write a list of serialized values and nulls."""
    put_list(parts, values, put_nullable_data, last)


def read_nullable_data_list(message: Message, field: str) -> list[bytes | None]:
    """Read a list of serialized values and nulls."""
    if hot is not None and (contents := hot.data_list(message, True)) is not None:
        return contents  # type: ignore[no-any-return]
    return read_list(message, read_nullable_data, field)


def put_data_entries(parts: Parts, entries: Iterable[tuple[bytes, bytes]], last: bool = False) -> None:
    """Write pairs of serialized values."""
    append = parts.append
    append(BEGIN_FRAME)
    for key, value in entries:
        append(pack_data_header(len(key) + 6))
        append(key)
        append(pack_data_header(len(value) + 6))
        append(value)
    append(END_FINAL_FRAME if last else END_FRAME)


def read_data_entries(message: Message, field: str) -> list[tuple[bytes, bytes]]:
    """Read pairs of serialized values."""
    if hot is not None and (entries := hot.data_entries(message)) is not None:
        return entries  # type: ignore[no-any-return]
    return read_entries(message, read_data, read_data, field)


def put_long_bytes_entries(parts: Parts, entries: Collection[tuple[int, bytes]], last: bool = False) -> None:
    """Write pairs of int64 and bytes: the values first, then the keys."""
    put_data_list(parts, [value for _, value in entries])
    put_longs(parts, [key for key, _ in entries], last)


def read_long_bytes_entries(message: Message, field: str) -> list[tuple[int, bytes]]:
    """Read pairs of int64 and bytes."""
    values = read_data_list(message, field)
    return _pair(message, read_longs(message, field), values, field)


def put_uuid_ints_entries(
    parts: Parts, entries: Collection[tuple[UUID, Sequence[int]]], last: bool = False
) -> None:
    """Write pairs of UUID and int32 values: the values first, then the keys."""
    put_list(parts, [values for _, values in entries], put_ints)
    put_uuids(parts, [key for key, _ in entries], last)


def read_uuid_ints_entries(message: Message, field: str) -> list[tuple[UUID, list[int]]]:
    """Read pairs of UUID and int32 values."""
    values = read_list(message, read_ints, field)
    return _pair(message, read_uuids(message, field), values, field)


def _pair(message: Message, keys: list[K], values: list[V], field: str) -> list[tuple[K, V]]:
    if len(keys) != len(values):
        raise message.malformed(field, f"{len(keys)} keys for {len(values)} values")
    return list(zip(keys, values, strict=True))
