"""Places of the fields of a schema in a record, computed once for each schema and byte order."""

import struct
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import unfit
from hzclient.serialization._compact._kinds import KIND_COUNT, NESTED, NUMBERS, OffsetTables
from hzclient.serialization._primitives import PACK_ERRORS, Prefix
from hzclient.serialization._schema import FieldDescriptor, Schema
from hzclient.serialization.api import FieldKind

NULL: Final = -1
UNWRITTEN: Final = -2
"""Offsets that are none, while a record is written."""

MISSING: Final = object()
"""In the place of a number that was not written."""


class Layout:
    """The places of the fields of one schema.

    A record is its fixed section (numbers, then booleans as bits), the values of other kinds in any
    order, and a table of the offsets of these values; with no such value, the fixed section alone.

    Args:
        schema: The schema.
        prefix: Byte order.

    Attributes:
        schema: The schema.
        numbers: The fields of the fixed section but booleans, in their order.
        number_struct: All of them.
        flags: The boolean fields; bit i is the i-th of them.
        flags_at: Offset of the bits.
        fixed_size: Size of the fixed section.
        values: The other fields, in the order of the offset table.
        slots: For each kind, place of each field of this kind in `numbers`, `flags` or `values`.
        tables: Packs and unpacks the offset table.
        length_struct: The length of the data, which precedes it if `values` is not empty.
        nests: True if some of the values are records or arrays of records.
    """

    __slots__ = (
        "_head",
        "fixed_size",
        "flags",
        "flags_at",
        "flags_size",
        "length_struct",
        "nests",
        "number_struct",
        "numbers",
        "schema",
        "slots",
        "tables",
        "values",
    )

    def __init__(self, schema: Schema, prefix: Prefix) -> None:
        self.schema = schema
        numbers = [field for field in schema.fields if field.kind in NUMBERS]
        numbers.sort(key=lambda field: -struct.calcsize(NUMBERS[field.kind]))
        self.numbers = tuple(numbers)
        self.number_struct = struct.Struct(prefix + "".join([NUMBERS[field.kind] for field in numbers]))
        self.flags = tuple([field for field in schema.fields if field.kind == FieldKind.BOOLEAN])
        self.flags_at = self.number_struct.size
        self.flags_size = (len(self.flags) + 7) // 8
        self.fixed_size = self.flags_at + self.flags_size
        self.values = tuple(
            [f for f in schema.fields if f.kind not in NUMBERS and f.kind != FieldKind.BOOLEAN]
        )
        self.slots = _slots(self.numbers, self.flags, self.values)
        self.tables = OffsetTables(prefix)
        self.length_struct = struct.Struct(prefix + "i")
        self.nests = any(field.kind in NESTED for field in self.values)
        length_size = self.length_struct.size if self.values else 0
        self._head = struct.pack(prefix + "q", schema.schema_id) + bytes(length_size + self.fixed_size)

    def begin(self, buffer: bytearray) -> int:
        """Append what precedes the values, with an empty fixed section.

        Args:
            buffer: Buffer of the output.

        Returns:
            Offset at which the data starts.
        """
        buffer += self._head
        return len(buffer) - self.fixed_size

    def finish(
        self, buffer: bytearray, start: int, numbers: Sequence[Any], flags: int, offsets: Sequence[int]
    ) -> None:
        """Fill the fixed section, and append what follows the values.

        Args:
            buffer: Ends with the values.
            start: Offset at which the data starts.
            numbers: Values of `numbers`.
            flags: Values of `flags`.
            offsets: Offsets of `values`, `NULL` for None.

        Raises:
            HazelcastSerializationError: If a number does not fit.
        """
        try:
            self.number_struct.pack_into(buffer, start, *numbers)
        except PACK_ERRORS:
            self._refuse_number(numbers)
        if self.flags:
            at = start + self.flags_at
            buffer[at : at + self.flags_size] = flags.to_bytes(self.flags_size, "little")
        if self.values:
            length = len(buffer) - start
            self.length_struct.pack_into(buffer, start - self.length_struct.size, length)
            buffer += self.tables.pack(length, offsets)

    def _refuse_number(self, numbers: Sequence[Any]) -> NoReturn:
        for field, value in zip(self.numbers, numbers, strict=True):
            if value is MISSING:
                raise self.unwritten(field)
            try:
                struct.pack("=" + NUMBERS[field.kind], value)
            except PACK_ERRORS as error:
                raise unfit(self.describe(field), value, error) from error
        raise AssertionError("every number fits on its own")

    def describe(self, field: FieldDescriptor) -> str:
        """Name a field for a message."""
        return f"the {field.kind.name} field {field.field_name!r} of {self.schema.type_name!r}"

    def unwritten(self, field: FieldDescriptor) -> HazelcastSerializationError:
        """Build the error for an object that lacks a field."""
        return HazelcastSerializationError(
            f"{self.describe(field)} was not written: every object must write the fields that the first one"
            " of its class wrote; write None to a nullable kind for a value that may be absent"
        )


def _slots(*sections: Sequence[FieldDescriptor]) -> tuple[dict[str, int], ...]:
    slots: tuple[dict[str, int], ...] = tuple([{} for _ in range(KIND_COUNT)])
    for section in sections:
        for place, field in enumerate(section):
            slots[field.kind][field.field_name] = place
    return slots
