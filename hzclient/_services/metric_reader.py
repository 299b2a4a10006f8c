"""Reader of the compressed metrics that members report; `metrics` is the writer of those of clients."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct
from struct import error as StructError
from typing import Final

_VERSION: Final = 1
_LIMIT: Final = 64 * 1024 * 1024
"""Largest size of an uncompressed part. A damaged blob could claim any size."""

_FRONT = Struct(">hi")
_INT = Struct(">i")
_WORD = Struct(">iBB")
_TAG = Struct(">ii")
_LONG = Struct(">q")
_DOUBLE = Struct(">d")
_VALUE_IS_LONG: Final = 0
_VALUE_IS_DOUBLE: Final = 1

_UNIT_BIT, _EXCLUDED_BIT, _TAG_COUNT_BIT = 1 << 4, 1 << 5, 1 << 6


@dataclass(frozen=True, slots=True)
class Reading:
    """One number that a member reported.

    Attributes:
        prefix: Prefix of the name, such as `"map"`; empty if it has none.
        name: Last part of the name, such as `"getCount"`.
        labels: What the number belongs to, such as `{"name": "capitals"}`. Numbers of clients have the
            label `"client"`.
        value: The number.
    """

    prefix: str
    name: str
    labels: Mapping[str, str]
    value: float


def decompress(blob: bytes) -> list[Reading]:
    """Read a blob of metrics.

    Args:
        blob: The metrics as a member or a client compressed them.

    Returns:
        The metrics in order.

    Raises:
        ValueError: The blob is damaged, or of an unknown version.
    """
    try:
        version, size = _FRONT.unpack_from(blob)
        if version != _VERSION:
            raise ValueError(f"metrics of version {version} cannot be read, only those of version {_VERSION}")
        words_end = _FRONT.size + size
        words = _words(_inflate(blob[_FRONT.size : words_end]))
        (count,) = _INT.unpack_from(blob, words_end)
        return _Readings(words, _inflate(blob[words_end + _INT.size :])).read(count)
    except (StructError, zlib.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"the metrics are damaged: {error}") from error


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    inflated = inflater.decompress(data, _LIMIT)
    if inflater.unconsumed_tail:
        raise ValueError(f"the metrics are damaged: they have more than {_LIMIT} bytes")
    if not inflater.eof:
        raise ValueError("the metrics are damaged: their end is missing")
    return inflated


def _words(data: bytes) -> dict[int, str]:
    """Read the dictionary: each word leaves out the beginning that it shares with the previous one."""
    (count,) = _INT.unpack_from(data)
    position = _INT.size
    words = {-1: ""}
    before = b""
    for _ in range(count):
        number, shared, length = _WORD.unpack_from(data, position)
        position += _WORD.size
        before = before[: 2 * shared] + data[position : position + 2 * length]
        position += 2 * length
        words[number] = before.decode("utf-16-be", "surrogatepass")
    return words


class _Readings:
    """Reads metrics one after the other: fields that equal those of the previous metric are left out.

    Args:
        words: The dictionary.
        data: The metrics, uncompressed.
    """

    def __init__(self, words: Mapping[int, str], data: bytes) -> None:
        self._words = words
        self._data = data
        self._position = 0
        self._fields = [-1, -1, -1, -1]  # prefix, name, key and value of the discriminator
        self._tag_count = 0

    def read(self, count: int) -> list[Reading]:
        """Read the given number of metrics."""
        return [self._next() for _ in range(count)]

    def _next(self) -> Reading:
        mask = self._byte()
        for index in range(4):
            if not mask & (1 << index):
                self._fields[index] = self._take(_INT)[0]
        if not mask & _UNIT_BIT:
            self._byte()
        if not mask & _EXCLUDED_BIT:
            self._byte()
        if not mask & _TAG_COUNT_BIT:
            self._tag_count = self._byte()
        words = self._words
        prefix, name, key, value = (words[field] for field in self._fields)
        labels = {key: value} if key else {}
        for _ in range(self._tag_count):
            tag, text = self._take(_TAG)
            labels[words[tag]] = words[text]
        return Reading(prefix, name, labels, self._value())

    def _value(self) -> float:
        kind = self._byte()
        if kind not in (_VALUE_IS_LONG, _VALUE_IS_DOUBLE):
            raise ValueError(f"the metrics are damaged: there is no kind {kind} of values")
        number: float = self._take(_LONG if kind == _VALUE_IS_LONG else _DOUBLE)[0]
        return number

    def _byte(self) -> int:
        self._position += 1
        return self._data[self._position - 1]

    def _take(self, layout: Struct) -> tuple[int, ...]:
        position = self._position
        self._position += layout.size
        return layout.unpack_from(self._data, position)
