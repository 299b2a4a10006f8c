"""Portable records without a class."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Self

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._extents import Extents
from hzclient.serialization._generic import GenericRecord
from hzclient.serialization._output import Output
from hzclient.serialization._portable._layout import Layout
from hzclient.serialization._portable._reader import BodyReader
from hzclient.serialization._portable._relocation import relocate
from hzclient.serialization._portable._types import METHOD_TYPES
from hzclient.serialization._portable._writer import BodyWriter, ValueWriters
from hzclient.serialization._primitives import Prefix
from hzclient.serialization.portable.classdef import ClassDefinition, FieldType

_WRITERS: Final[dict[FieldType, Callable[..., None]]] = {
    **{field_type: getattr(BodyWriter, f"write_{name}") for name, field_type in METHOD_TYPES.items()},
    FieldType.PORTABLE: BodyWriter.write_portable,
    FieldType.PORTABLE_ARRAY: BodyWriter.write_portable_array,
}


class Source(NamedTuple):
    """The bytes that a record was read from.

    Attributes:
        prefix: Byte order.
        fields: By name, the offset of a field and its bytes, in the order of the data.
        raw: Offset of the raw data and its bytes, if there was some.
    """

    prefix: Prefix
    fields: dict[str, tuple[int, bytes]]
    raw: tuple[int, bytes] | None


class PortableRecord(GenericRecord):
    """Values for the fields of a class definition.

    Args:
        definition: The definition.
        values: Values by field name, one for each field.
        source: The bytes that they were read from.
        changed: Names of the fields whose values are not those of the source.
    """

    __slots__ = ("changed", "definition", "source")

    def __init__(
        self,
        definition: ClassDefinition,
        values: dict[str, Any],
        source: Source | None = None,
        changed: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(values)
        self.definition: Final = definition
        self.source: Final = source
        self.changed: Final = changed

    @property
    def kinds(self) -> Mapping[str, FieldType]:
        """Type of each field."""
        return {name: FieldType(field.field_type) for name, field in self.definition.field_defs.items()}

    def replace(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with other values."""
        values = self._merged(changes, self.definition.describe())
        return type(self)(self.definition, values, self.source, self.changed | changes.keys())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PortableRecord):
            return NotImplemented
        return self.definition == other.definition and self._values == other._values

    def __repr__(self) -> str:
        return f"<GenericRecord of {self.definition.describe()} {self._values!r}>"


def read_record(reader: BodyReader, prefix: Prefix) -> PortableRecord:
    """Read all fields of an object."""
    layout, header = reader.layout, reader.header
    written = [field for field in layout.fields if reader.positions[field.index]]
    values = {field.field_name: reader.read_field(field) for field in written}
    raw_position = header.raw_position
    starts = [reader.positions[field.index] for field in written]
    extents = Extents([*starts, raw_position] if raw_position else starts, header.end)

    def content(start: int) -> tuple[int, bytes]:
        return start, bytes(reader.buffer[start : extents.end(start)])

    written.sort(key=lambda field: reader.positions[field.index])
    fields = {field.field_name: content(reader.positions[field.index]) for field in written}
    return PortableRecord(
        layout.definition, values, Source(prefix, fields, content(raw_position) if raw_position else None)
    )


def write_record(record: PortableRecord, values: ValueWriters, layout: Layout, out: Output) -> None:
    """Append the body of a record: what comes from its source as it is there, the rest in order."""
    writer = BodyWriter(values, layout, out)
    source = record.source
    if source is not None and source.prefix != layout.prefix:
        if source.raw is not None:
            raise HazelcastSerializationError(
                f"raw data of {layout.definition.describe()} cannot change its byte order"
            )
        source = None
    names = list(record) if source is None else [*source.fields]
    for name in names:
        if source is None or name in record.changed:
            _WRITERS[FieldType(layout.definition.get_field_type(name))](writer, name, record[name])
        else:
            position, content = source.fields[name]
            writer.positions[layout.definition.field_defs[name].index] = len(out.buffer)
            out.buffer += relocate(content, position, len(out.buffer), source.prefix)
    if source is not None and source.raw is not None:
        writer.raw_position = len(out.buffer)
        # Only the class knows what the raw data means.
        out.buffer += source.raw[1]
    writer.finish()
