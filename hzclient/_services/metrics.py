"""Metrics in the compressed form that members pass on to the management tools."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

_VERSION: Final = 1
_COMPRESSION_LEVEL: Final = 1
_LONGEST_WORD: Final = 255
_NONE_ID: Final = -1
_NO_UNIT: Final = 0xFF
_LONG: Final = 0
_DOUBLE: Final = 1

_NOTHING_ELSE_CHANGED: Final = 0b110_0000
"""Mask bits of excluded targets and tags. Neither is used, so both equal those of the previous metric."""


class Unit(IntEnum):
    """Units, numbered as in the protocol."""

    BYTES = 0
    MS = 1
    NS = 2
    PERCENT = 3
    COUNT = 4


@dataclass(frozen=True, slots=True)
class Metric:
    """One number with its name.

    Attributes:
        name: The last part of its name.
        value: An integer, or a float to be sent as a double.
        prefix: Prefix of the name.
        discriminator: Key and value that distinguish metrics of one name.
        unit: Unit of the value.
    """

    name: str
    value: float
    prefix: str | None = None
    discriminator: tuple[str, str] | None = None
    unit: Unit | None = None


class _Dictionary:
    """Numbers words in order of their first use."""

    def __init__(self) -> None:
        self._ids: dict[str | None, int] = {None: _NONE_ID}

    def id_of(self, word: str | None) -> int:
        """Return the number of a word, which is cut to the length that the format allows."""
        word = _cut(word) if word is not None else None
        return self._ids.setdefault(word, len(self._ids) - 1)

    def encode(self) -> bytes:
        """Return the words in order, each without the prefix that it shares with the previous one."""
        words = sorted((_units(word), number) for word, number in self._ids.items() if word is not None)
        parts = [struct.pack(">i", len(words))]
        before = b""
        for units, number in words:
            shared = _shared_units(before, units)
            rest = units[2 * shared :]
            parts += (struct.pack(">iBB", number, shared, len(rest) // 2), rest)
            before = units
        return b"".join(parts)


def _units(word: str) -> bytes:
    """Return the characters in UTF-16, as Java counts them."""
    return word.encode("utf-16-be", "surrogatepass")


def _cut(word: str) -> str:
    units = _units(word)
    if len(units) <= 2 * _LONGEST_WORD:
        return word
    return units[: 2 * _LONGEST_WORD].decode("utf-16-be", "ignore")


def _shared_units(one: bytes, other: bytes) -> int:
    shared = 0
    while one[2 * shared : 2 * shared + 2] == other[2 * shared : 2 * shared + 2] != b"":
        shared += 1
    return shared


def compress(metrics: Iterable[Metric]) -> bytes:
    """Return metrics as one blob.

    Args:
        metrics: The metrics in order.

    Returns:
        The blob.
    """
    dictionary = _Dictionary()
    parts: list[bytes] = []
    before: tuple[int, ...] | None = None
    for metric in metrics:
        key, value = metric.discriminator or (None, None)
        fields = (
            dictionary.id_of(metric.prefix),
            dictionary.id_of(metric.name),
            dictionary.id_of(key),
            dictionary.id_of(value),
            _NO_UNIT if metric.unit is None else metric.unit,
        )
        parts.append(_descriptor(fields, before))
        parts.append(_value(metric.value))
        before = fields
    words = zlib.compress(dictionary.encode(), _COMPRESSION_LEVEL)
    body = zlib.compress(b"".join(parts), _COMPRESSION_LEVEL)
    return b"".join(
        (struct.pack(">hi", _VERSION, len(words)), words, struct.pack(">i", len(parts) // 2), body)
    )


def _descriptor(fields: tuple[int, ...], before: tuple[int, ...] | None) -> bytes:
    """Return a mask of the fields that equal those of the previous metric, and then the others."""
    ids = ">i", ">i", ">i", ">i", ">B"
    if before is None:
        return struct.pack(">BiiiiBBB", 0, *fields, 0, 0)
    mask = _NOTHING_ELSE_CHANGED
    changed: list[bytes] = []
    for bit, (layout, field, old) in enumerate(zip(ids, fields, before, strict=True)):
        if field == old:
            mask |= 1 << bit
        else:
            changed.append(struct.pack(layout, field))
    return bytes([mask]) + b"".join(changed)


def _value(value: float) -> bytes:
    if isinstance(value, float):
        return struct.pack(">Bd", _DOUBLE, value)
    return struct.pack(">Bq", _LONG, value)
