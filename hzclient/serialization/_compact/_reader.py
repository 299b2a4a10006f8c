"""What a `CompactSerializer` reads from: the fields of one record, in any order."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import Buffer, invalid, short
from hzclient.serialization._compact._kinds import (
    NULLABLE_OF,
    NUMBERS,
    PRIMITIVE_OF,
    PRIMITIVES,
    ItemArrays,
)
from hzclient.serialization._compact._layout import Layout
from hzclient.serialization._compact._writer import METHOD_KINDS
from hzclient.serialization._declare import implemented
from hzclient.serialization._extents import Extents
from hzclient.serialization._input import Input
from hzclient.serialization.api import CompactReader, FieldKind

_NO_OFFSETS: Sequence[int] = ()


class ValueReaders(Protocol):
    """What a record reader asks of the format."""

    @property
    def unpacks(self) -> Sequence[Callable[[Buffer, int], tuple[Any, int]]]:
        """For each kind outside the fixed section, the function that reads the value at a position."""
        ...

    @property
    def arrays(self) -> ItemArrays:
        """Reads arrays of records."""
        ...

    def read_nested(self, inp: Input, position: int) -> tuple[Any, int]:
        """Return the object of the record at a position, and its end."""
        ...


class RecordReader(CompactReader):
    """Fields of the record at the position of an input. Building one moves the input behind the record.

    Args:
        values: The format.
        layout: Layout of the schema of the record.
        inp: Stream at the record, after its schema id.

    Raises:
        HazelcastSerializationError: If the input does not hold such a record.
    """

    __slots__ = (
        "buffer",
        "end",
        "extents",
        "flags",
        "format",
        "inp",
        "layout",
        "null",
        "numbers",
        "offsets",
        "slots",
        "start",
    )

    def __init__(self, values: ValueReaders, layout: Layout, inp: Input) -> None:
        self.format = values
        self.layout = layout
        self.slots = layout.slots
        self.inp = inp
        self.buffer = buffer = inp.buffer
        start = inp.pos
        left = len(buffer) - start
        # The length of the data, which precedes it if there is more than the fixed section.
        size = layout.fixed_size
        if layout.values:
            if left < 4:
                raise short(buffer, start, "length of a record", 4)
            (size,) = layout.length_struct.unpack_from(buffer, start)
            start += 4
            left -= 4
        if not layout.fixed_size <= size <= left:
            raise invalid(start, f"record of {layout.schema.type_name!r}", f"{size} bytes, {left} are left")
        self.start = start
        self.end = end = start + size
        self.numbers = layout.number_struct.unpack_from(buffer, start)
        flags_at = start + layout.flags_at
        self.flags = int.from_bytes(buffer[flags_at : flags_at + layout.flags_size], "little")
        self.extents: Extents | None = None
        self.offsets = _NO_OFFSETS
        self.null = 0
        if layout.values:
            self.offsets, self.null, end = layout.tables.unpack(size, buffer, end, len(layout.values))
            # Without a limit for each value, bytes that nest or are many could be read without end.
            if layout.nests or size >= 0xFFFF:
                self.extents = Extents([offset for offset in self.offsets if offset != self.null], size)
        inp.pos = end

    def get_field_kind(self, field_name: str) -> FieldKind:
        """Return the kind of a field in the data."""
        return self.layout.schema.kinds.get(field_name, FieldKind.NOT_AVAILABLE)

    def locate(self, slot: int) -> int:
        """Return the offset of the value of a slot outside the fixed section, -1 if it is null."""
        offset = self.offsets[slot]
        if offset == self.null:
            return -1
        if offset < self.layout.fixed_size:
            raise invalid(self.start, self.describe(slot), f"its offset {offset} is not among the values")
        return self.start + offset

    def limit(self, position: int) -> int:
        """Return the offset at which a value must end at the latest."""
        return self.end if self.extents is None else self.start + self.extents.end(position - self.start)

    def describe(self, slot: int) -> str:
        """Name the field of a slot outside the fixed section."""
        return self.layout.describe(self.layout.values[slot])

    def convert(self, kind: FieldKind, field_name: str) -> Any:
        """Read a field whose kind in the data is not the requested one, if nothing gets lost by it."""
        schema = self.layout.schema
        actual = schema.kinds.get(field_name)
        if actual is None:
            raise HazelcastSerializationError(
                f"{schema.type_name!r} in the schema {schema.schema_id} has no field {field_name!r}"
            )
        if actual not in (NULLABLE_OF.get(kind), PRIMITIVE_OF.get(kind)):
            raise HazelcastSerializationError(
                f"the field {field_name!r} of {schema.type_name!r} is {actual.name},"
                f" and cannot be read as {kind.name}"
            )
        value = GETTERS[actual](self, self.layout.slots[actual][field_name])
        if kind in NULLABLE_OF and holds_none(kind, value):
            raise HazelcastSerializationError(
                f"the {actual.name} field {field_name!r} of {schema.type_name!r} holds None,"
                f" which cannot be read as {kind.name}; read it as {actual.name}"
            )
        return value


def holds_none(kind: FieldKind, value: Any) -> bool:
    """Return whether a value lacks what the kind, primitive or an array of a primitive one, demands."""
    if kind in PRIMITIVES:
        return value is None
    return value is not None and None in value


def _get_number(reader: RecordReader, slot: int) -> Any:
    return reader.numbers[slot]


def _get_flag(reader: RecordReader, slot: int) -> bool:
    return bool(reader.flags >> slot & 1)


def _get_record(reader: RecordReader, slot: int) -> Any:
    position = reader.locate(slot)
    if position < 0:
        return None
    value, end = reader.format.read_nested(reader.inp, position)
    _check_end(reader, slot, position, end)
    return value


def _get_records(reader: RecordReader, slot: int) -> Any:
    position = reader.locate(slot)
    if position < 0:
        return None

    def read_item(buffer: Buffer, at: int) -> tuple[Any, int]:
        return reader.format.read_nested(reader.inp, at)

    value, end = reader.format.arrays.read(reader.buffer, position, reader.describe(slot), read_item)
    _check_end(reader, slot, position, end)
    return value


def _value_getter(kind: FieldKind) -> Callable[[RecordReader, int], Any]:
    index = int(kind)

    def get(reader: RecordReader, slot: int) -> Any:
        position = reader.locate(slot)
        if position < 0:
            return None
        try:
            value, end = reader.format.unpacks[index](reader.buffer, position)
        except HazelcastSerializationError as error:
            raise HazelcastSerializationError(f"{reader.describe(slot)} cannot be read: {error}") from error
        if end > reader.end or reader.extents is not None:
            _check_end(reader, slot, position, end)
        return value

    return get


def _check_end(reader: RecordReader, slot: int, position: int, end: int) -> None:
    limit = reader.limit(position)
    if end > limit:
        raise invalid(position, reader.describe(slot), f"it ends at {end}, in bytes that are not its own")


def _getter(kind: FieldKind) -> Callable[[RecordReader, int], Any]:
    if kind in NUMBERS:
        return _get_number
    special = {
        FieldKind.BOOLEAN: _get_flag,
        FieldKind.COMPACT: _get_record,
        FieldKind.ARRAY_OF_COMPACT: _get_records,
    }
    return special.get(kind) or _value_getter(kind)


GETTERS = {kind: _getter(kind) for kind in METHOD_KINDS.values()}
"""For each kind, what gives the value of a slot of a record."""


def _reading(kind: FieldKind) -> Callable[[RecordReader, str], Any]:
    get = GETTERS[kind]
    index = int(kind)  # a plain int is a much faster index than a member of an enum

    def read(self: RecordReader, field_name: str) -> Any:
        try:
            slot = self.slots[index][field_name]
        except KeyError:
            return self.convert(kind, field_name)
        return get(self, slot)

    return read


def _reading_number(kind: FieldKind) -> Callable[[RecordReader, str], Any]:
    index = int(kind)

    def read(self: RecordReader, field_name: str) -> Any:
        try:
            return self.numbers[self.slots[index][field_name]]
        except KeyError:
            return self.convert(kind, field_name)

    return read


def _reading_or_default(kind: FieldKind) -> Callable[[RecordReader, str, Any], Any]:
    get = GETTERS[kind]

    def read(self: RecordReader, field_name: str, default: Any) -> Any:
        slot = self.slots[kind].get(field_name)
        return default if slot is None else get(self, slot)

    return read


implemented(
    {
        f"read_{name}": _reading_number(kind) if kind in NUMBERS else _reading(kind)
        for name, kind in METHOD_KINDS.items()
    }
)(RecordReader)

for _name, _kind in METHOD_KINDS.items():
    setattr(RecordReader, f"read_{_name}_or_default", _reading_or_default(_kind))
