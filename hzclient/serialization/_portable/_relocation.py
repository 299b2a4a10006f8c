"""Portable fields at another place: the positions in them count from the start of the data."""

import struct
from typing import Final

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import MAX_DEPTH
from hzclient.serialization._portable._types import POSITIONED_TYPES
from hzclient.serialization._primitives import Prefix
from hzclient.serialization.portable.classdef import FieldType

_IDS_SIZE: Final = 8


def relocate(field: bytes, position: int, new_position: int, prefix: Prefix) -> bytes:
    """Return the bytes of a field, from its name on, for another position.

    Args:
        field: The bytes.
        position: Their offset in their data.
        new_position: Their offset in the new data.
        prefix: Byte order.

    Returns:
        The bytes for the new position.

    Raises:
        HazelcastSerializationError: If they do not hold what they should.
    """
    if position == new_position:
        return field
    relocation = _Relocation(field, position, new_position - position, prefix)
    try:
        relocation.move_field(0, 0)
    except (struct.error, IndexError) as error:
        raise HazelcastSerializationError(
            f"the portable field at offset {position} is broken: {error}"
        ) from error
    return bytes(relocation.buffer)


class _Relocation:
    """Adds a distance to all positions in a buffer that was at `base` of its data."""

    def __init__(self, content: bytes, base: int, distance: int, prefix: Prefix) -> None:
        self.buffer = bytearray(content)
        self._base = base
        self._distance = distance
        self._prefix = prefix
        self._int = struct.Struct(prefix + "i")
        self._bodies: set[int] = set()

    def move_field(self, at: int, depth: int) -> None:
        length: int = struct.unpack_from(self._prefix + "h", self.buffer, at)[0]
        field_type = self.buffer[at + 2 + length]
        at += 3 + length
        if field_type == FieldType.PORTABLE:
            if not self.buffer[at]:
                self._move_body(at + 1 + _IDS_SIZE, depth)
        elif field_type == FieldType.PORTABLE_ARRAY:
            for body in self._move_positions(at + 4 + _IDS_SIZE, self._int.unpack_from(self.buffer, at)[0]):
                self._move_body(body, depth)
        elif field_type in POSITIONED_TYPES:
            self._move_positions(at + 4, self._int.unpack_from(self.buffer, at)[0])

    def _move_body(self, at: int, depth: int) -> None:
        if depth > MAX_DEPTH or at in self._bodies:
            raise HazelcastSerializationError("portable objects are nested too deep, or share bytes")
        self._bodies.add(at)
        (count,) = self._int.unpack_from(self.buffer, at + 8)
        # The end, then the fields, then the raw data.
        self._move_positions(at + 4, 1)
        fields = self._move_positions(at + 12, count)
        self._move_positions(at + 12 + 4 * count, 1)
        for field in fields:
            self.move_field(field, depth + 1)

    def _move_positions(self, at: int, count: int) -> list[int]:
        """Move the positions at an offset, and return the offsets that they refer to."""
        if count <= 0:
            return []
        layout = struct.Struct(f"{self._prefix}{count}i")
        positions = layout.unpack_from(self.buffer, at)
        # 0 means that there is nothing.
        layout.pack_into(self.buffer, at, *[position and position + self._distance for position in positions])
        return [position - self._base for position in positions if position]
