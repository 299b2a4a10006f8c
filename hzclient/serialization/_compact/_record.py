"""Compact records without a class."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, Self

from hzclient.serialization._compact._kinds import NESTED
from hzclient.serialization._compact._layout import Layout
from hzclient.serialization._compact._reader import GETTERS, RecordReader
from hzclient.serialization._compact._writer import METHOD_KINDS, RecordWriter, ValueWriters
from hzclient.serialization._extents import Extents
from hzclient.serialization._generic import GenericRecord
from hzclient.serialization._output import Output
from hzclient.serialization._primitives import Prefix
from hzclient.serialization._schema import Schema
from hzclient.serialization.api import FieldKind

_WRITERS: Final = {kind: getattr(RecordWriter, f"write_{name}") for name, kind in METHOD_KINDS.items()}


class Format(ValueWriters, Protocol):
    """What records ask of the format."""

    @property
    def origin(self) -> object:
        """Identifies the format in the records that it read. It can be copied and pickled."""
        ...


class Source(NamedTuple):
    """The bytes that a record was read from, and the origin of the format that read them."""

    origin: object
    prefix: Prefix
    data: bytes
    offsets: Sequence[int]
    null: int

    def slices(self) -> dict[int, bytes]:
        """Return the bytes of each value that is not null, by its slot, in the order of the data."""
        slots = [slot for slot, offset in enumerate(self.offsets) if offset != self.null]
        extents = Extents([self.offsets[slot] for slot in slots], len(self.data))
        slots.sort(key=self.offsets.__getitem__)
        return {slot: self.data[self.offsets[slot] : extents.end(self.offsets[slot])] for slot in slots}


class CompactRecord(GenericRecord):
    """Values for the fields of a schema.

    Args:
        schema: The schema.
        values: Values by field name, one for each field.
        source: The bytes that they were read from.
        changed: Names of the fields whose values are not those of the source.
    """

    __slots__ = ("changed", "schema", "source")

    def __init__(
        self,
        schema: Schema,
        values: dict[str, Any],
        source: Source | None = None,
        changed: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(values)
        self.schema: Final = schema
        self.source: Final = source
        self.changed: Final = changed

    @property
    def kinds(self) -> Mapping[str, FieldKind]:
        """Kind of each field."""
        return self.schema.kinds

    @property
    def type_name(self) -> str:
        """Name of the compact type."""
        return self.schema.type_name

    def replace(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with other values."""
        values = self._merged(changes, repr(self.type_name))
        return type(self)(self.schema, values, self.source, self.changed | changes.keys())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompactRecord):
            return NotImplemented
        return self.schema == other.schema and self._values == other._values

    def __repr__(self) -> str:
        return f"<GenericRecord {self.type_name!r} {self._values!r}>"


def read_record(reader: RecordReader, prefix: Prefix, origin: object) -> CompactRecord:
    """Read all fields of a record."""
    schema = reader.layout.schema
    slots = reader.layout.slots
    values = {name: GETTERS[kind](reader, slots[kind][name]) for name, kind in schema.fields}
    data = bytes(reader.buffer[reader.start : reader.end])
    source = Source(origin, prefix, data, reader.offsets, reader.null)
    return CompactRecord(schema, values, source)


def write_record(record: CompactRecord, values: Format, layout: Layout, out: Output) -> None:
    """Append a record: what comes from its source as it is there, the rest in the order of the names."""
    writer = RecordWriter(values, layout, out)
    source = record.source
    written: set[str] = set()
    if source is not None and source.prefix == layout.tables.prefix:
        # Another cluster may lack the schemas of records in there: it gets them when these are written.
        elsewhere = source.origin is not values.origin
        for slot, content in source.slices().items():
            name, kind = layout.values[slot]
            if name in record.changed or (elsewhere and kind in NESTED):
                # It stays in its old place, so only its own bytes differ.
                _WRITERS[kind](writer, name, record[name])
            else:
                writer.place(kind, name)
                writer.buffer += content
            written.add(name)
    for name, kind in layout.schema.fields:
        if name not in written:
            _WRITERS[kind](writer, name, record[name])
    writer.finish()
