"""The 64-bit Rabin fingerprint that identifies a compact schema (the CRC-64-AVRO construction)."""

from collections.abc import Iterable

from hzclient.util import to_signed

_EMPTY = 0xC15D213AA4D7A795


def _table() -> tuple[int, ...]:
    entries: list[int] = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_EMPTY if value & 1 else 0)
        entries.append(value)
    return tuple(entries)


_TABLE = _table()


def schema_fingerprint(type_name: str, fields: Iterable[tuple[str, int]]) -> int:
    """Compute the id of a schema.

    Args:
        type_name: Type name of the schema.
        fields: Name and kind of each field, sorted by name (`name_order`).

    Returns:
        A signed 64-bit number.
    """
    items = list(fields)
    parts = [_text(type_name), _int32(len(items))]
    for name, kind in items:
        parts += (_text(name), _int32(kind))
    return _fingerprint(b"".join(parts))


def name_order(name: str) -> bytes:
    """Sort key of a field name: Java compares UTF-16 code units, not code points."""
    return name.encode("utf-16-be", "surrogatepass")


def _fingerprint(data: bytes) -> int:
    value = _EMPTY
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return to_signed(value, 64)


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _int32(len(encoded)) + encoded


def _int32(value: int) -> bytes:
    return value.to_bytes(4, "little", signed=True)
