"""What a `CompactSerializer` writes to: first to learn the schema, then for bytes."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import unfit
from hzclient.serialization._compact._kinds import FLOATS, NUMBERS, ItemArrays
from hzclient.serialization._compact._layout import MISSING, NULL, UNWRITTEN, Layout
from hzclient.serialization._declare import implemented
from hzclient.serialization._output import Output
from hzclient.serialization._primitives import PACK_ERRORS
from hzclient.serialization._schema import FieldDescriptor, Schema
from hzclient.serialization.api import CompactWriter, FieldKind

METHOD_KINDS: Final = {
    kind.name.lower(): kind for kind in FieldKind if hasattr(CompactWriter, f"write_{kind.name.lower()}")
}
"""Kind by the name that its reading and writing methods share."""


class ValueWriters(Protocol):
    """What a record writer asks of the format."""

    @property
    def packs(self) -> Sequence[Callable[[Any], bytes]]:
        """For each kind outside the fixed section, what packs a value that is not None."""
        ...

    @property
    def arrays(self) -> ItemArrays:
        """Writes arrays of records."""
        ...

    def write_nested(self, out: Output, obj: Any) -> Schema:
        """Append a record, and return its schema."""
        ...


def _collector(kind: FieldKind) -> Callable[..., None]:
    def write(self: "SchemaWriter", field_name: str, value: object) -> None:
        self.fields.append(FieldDescriptor(field_name, kind))

    return write


@implemented({f"write_{name}": _collector(kind) for name, kind in METHOD_KINDS.items()})
class SchemaWriter(CompactWriter):
    """Takes note of the fields, and ignores the values."""

    __slots__ = ("fields",)

    def __init__(self) -> None:
        self.fields: list[FieldDescriptor] = []


class RecordWriter(CompactWriter):
    """Appends a record to an output.

    Args:
        values: The format.
        layout: Layout of the schema of the record.
        out: Stream to append to.
    """

    __slots__ = (
        "buffer",
        "flags",
        "flags_written",
        "format",
        "layout",
        "numbers",
        "offsets",
        "out",
        "slots",
        "start",
    )

    def __init__(self, values: ValueWriters, layout: Layout, out: Output) -> None:
        self.format = values
        self.layout = layout
        self.slots = layout.slots
        self.out = out
        self.buffer = out.buffer
        self.numbers: list[Any] = [MISSING] * len(layout.numbers)
        self.flags = 0
        self.flags_written = 0
        self.offsets = [UNWRITTEN] * len(layout.values)
        self.start = layout.begin(self.buffer)

    def finish(self) -> None:
        """Complete the record after all fields were written.

        Raises:
            HazelcastSerializationError: If a field was not written, or a number does not fit its kind.
        """
        layout = self.layout
        if self.flags_written + 1 != 1 << len(layout.flags):
            missing = next(f for i, f in enumerate(layout.flags) if not self.flags_written >> i & 1)
            raise layout.unwritten(missing)
        if UNWRITTEN in self.offsets:
            raise layout.unwritten(layout.values[self.offsets.index(UNWRITTEN)])
        layout.finish(self.buffer, self.start, self.numbers, self.flags, self.offsets)

    def place(self, kind: FieldKind, field_name: str) -> int:
        """Return the slot for a value outside the fixed section, and record the offset at which it starts."""
        try:
            slot = self.slots[kind][field_name]
        except KeyError:
            raise self.unexpected(kind, field_name) from None
        if self.offsets[slot] != UNWRITTEN:
            raise self.twice(field_name)
        self.offsets[slot] = len(self.buffer) - self.start
        return slot

    def unexpected(self, kind: FieldKind, field_name: str) -> HazelcastSerializationError:
        """Build the error for a field that the schema does not have."""
        schema = self.layout.schema
        known = schema.kinds.get(field_name)
        had = "did not write it" if known is None else f"wrote it as {known.name}"
        return HazelcastSerializationError(
            f"the field {field_name!r} of {schema.type_name!r} is written as {kind.name}, but the first"
            f" object of its class {had}: every object must write the same fields"
        )

    def twice(self, field_name: str) -> HazelcastSerializationError:
        """Build the error for a field that an object wrote before."""
        return HazelcastSerializationError(
            f"the field {field_name!r} of {self.layout.schema.type_name!r} is written twice"
        )

    def unfit(
        self, kind: FieldKind, field_name: str, value: Any, reason: object
    ) -> HazelcastSerializationError:
        """Build the error for a value that its kind does not take."""
        return unfit(self.layout.describe(FieldDescriptor(field_name, kind)), value, reason)


def _number_writer(kind: FieldKind) -> Callable[..., None]:
    is_float = kind in FLOATS
    index = int(kind)  # a plain int is a much faster index than a member of an enum

    def write(self: RecordWriter, field_name: str, value: Any) -> None:
        try:
            slot = self.slots[index][field_name]
        except KeyError:
            raise self.unexpected(kind, field_name) from None
        if self.numbers[slot] is not MISSING:
            raise self.twice(field_name)
        # Java writes one NaN only.
        self.numbers[slot] = math.nan if is_float and value != value else value

    return write


def _flag_writer(kind: FieldKind) -> Callable[..., None]:
    index = int(kind)

    def write(self: RecordWriter, field_name: str, value: bool | None) -> None:
        try:
            flag = 1 << self.slots[index][field_name]
        except KeyError:
            raise self.unexpected(kind, field_name) from None
        if self.flags_written & flag:
            raise self.twice(field_name)
        if value is None:
            raise self.unfit(kind, field_name, value, "use a nullable kind for None")
        self.flags_written |= flag
        if value:
            self.flags |= flag

    return write


def _value_writer(kind: FieldKind) -> Callable[..., None]:
    index = int(kind)

    def write(self: RecordWriter, field_name: str, value: Any) -> None:
        try:
            slot = self.slots[index][field_name]
        except KeyError:
            raise self.unexpected(kind, field_name) from None
        if self.offsets[slot] != UNWRITTEN:
            raise self.twice(field_name)
        if value is None:
            self.offsets[slot] = NULL
            return
        buffer = self.buffer
        self.offsets[slot] = len(buffer) - self.start
        try:
            buffer += self.format.packs[index](value)
        except PACK_ERRORS as error:
            raise self.unfit(kind, field_name, value, error) from error

    return write


def _record_writer(kind: FieldKind) -> Callable[..., None]:
    def write(self: RecordWriter, field_name: str, value: Any) -> None:
        slot = self.place(kind, field_name)
        if value is None:
            self.offsets[slot] = NULL
        else:
            self.format.write_nested(self.out, value)

    return write


def _record_array_writer(kind: FieldKind) -> Callable[..., None]:
    def write(self: RecordWriter, field_name: str, value: Any) -> None:
        slot = self.place(kind, field_name)
        if value is None:
            self.offsets[slot] = NULL
        else:
            what = self.layout.describe(FieldDescriptor(field_name, kind))
            write_record_array(self.format, self.out, value, what)

    return write


def write_record_array(values: ValueWriters, out: Output, records: Sequence[Any], what: str) -> None:
    """Append an array of records.

    Args:
        values: The format.
        out: Stream to append to.
        records: The records, or None for null ones.
        what: Name of the field, for errors.

    Raises:
        HazelcastSerializationError: If the records are not all of one schema.
    """
    schemas: set[Schema] = set()

    def write_item(record: Any) -> None:
        schemas.add(values.write_nested(out, record))
        if len(schemas) > 1:
            names = sorted(f"{schema.type_name!r} {schema.schema_id}" for schema in schemas)
            raise HazelcastSerializationError(
                f"{what} holds objects of several schemas: {' and '.join(names)}"
            )

    values.arrays.write(out.buffer, records, write_item)


def _writer(kind: FieldKind) -> Callable[..., None]:
    if kind in NUMBERS:
        return _number_writer(kind)
    special = {
        FieldKind.BOOLEAN: _flag_writer,
        FieldKind.COMPACT: _record_writer,
        FieldKind.ARRAY_OF_COMPACT: _record_array_writer,
    }
    return special.get(kind, _value_writer)(kind)


implemented({f"write_{name}": _writer(kind) for name, kind in METHOD_KINDS.items()})(RecordWriter)
