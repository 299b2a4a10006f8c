"""What a `Portable` reads from: the fields of one object, in any order."""

import functools
import struct
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import Buffer, invalid, short
from hzclient.serialization._declare import implemented
from hzclient.serialization._extents import Extents
from hzclient.serialization._input import Input
from hzclient.serialization._portable._layout import FIXED_TYPES, FieldIndex, Layout
from hzclient.serialization._portable._types import (
    METHOD_TYPES,
    POSITIONED_TYPES,
    PositionedArrays,
)
from hzclient.serialization._portable._widening import DEFAULTS, WIDENINGS
from hzclient.serialization.api import PortableReader
from hzclient.serialization.portable.classdef import FieldDefinition, FieldType, type_name

ClassIds = tuple[int, int]

_LARGE = 64 * 1024
_NO_FIELDS: tuple[FieldIndex, ...] = tuple([{} for _ in range(30)])


class Header:
    """What the body of a portable object starts with.

    Args:
        inp: Input at the start of a body.
        prefix: Byte order.

    Raises:
        HazelcastSerializationError: If no body can start like that.

    Attributes:
        version: Version of the class.
        start: Lowest offset that a field can have.
        end: Offset after the body.
        positions: Offset of each field, 0 for one that was not written.
        raw_position: Offset of the raw data, 0 if there is none.
    """

    __slots__ = ("end", "positions", "raw_position", "start", "version")

    def __init__(self, inp: Input, prefix: str) -> None:
        buffer, at = inp.buffer, inp.pos
        if len(buffer) - at < 16:
            raise short(buffer, at, "portable object", 16)
        self.version: int
        self.end: int
        count: int
        self.version, self.end, count = _ints(prefix, 3).unpack_from(buffer, at)
        self.start = at + 16 + 4 * count
        if count < 0 or not self.start <= self.end <= len(buffer):
            raise invalid(
                at, "portable object", f"{count} fields up to {self.end} of {len(buffer)} bytes do not fit"
            )
        places: tuple[int, ...] = _ints(prefix, count + 1).unpack_from(buffer, at + 12)
        self.positions: Sequence[int] = places[:count]
        self.raw_position: int = places[count]
        # 0 means that there is nothing. A header without a 0 is checked by min() and max() alone.
        if count and (min(self.positions) < self.start or max(self.positions) > self.end):
            self._check(at, *self.positions)
        if self.raw_position:
            self._check(at, self.raw_position)

    def _check(self, at: int, *places: int) -> None:
        for place in places:
            if place and not self.start <= place <= self.end:
                raise invalid(at, "portable object", f"{place} is not among its fields")


@functools.lru_cache(maxsize=256)
def _ints(prefix: str, count: int) -> struct.Struct:
    return struct.Struct(f"{prefix}{count}i")


class ValueReaders(Protocol):
    """What a body reader asks of the format."""

    @property
    def unpacks(self) -> Sequence[Callable[[Buffer, int], tuple[Any, int]]]:
        """For each type, the function that reads a value at a position (of arrays of positions, an item)."""
        ...

    @property
    def arrays(self) -> PositionedArrays:
        """Reads arrays that hold positions."""
        ...

    def read_ids(self, buffer: Buffer, position: int) -> ClassIds:
        """Return the factory and class id at a position."""
        ...

    def reader(self, inp: Input, ids: ClassIds) -> "BodyReader":
        """Return a reader of the body at the position of an input."""
        ...

    def read_nested(self, inp: Input, position: int, ids: ClassIds) -> tuple[Any, int]:
        """Return the object whose body is at a position, and its end."""
        ...


class BodyReader(PortableReader):
    """Fields of a portable object.

    Args:
        values: The format.
        layout: Layout of the class definition.
        header: What the body starts with.
        inp: Stream at the body.

    Attributes:
        class_version: Version of the class here; that of the data unless set.
    """

    __slots__ = (
        "_extents",
        "_raw_taken",
        "buffer",
        "by_type",
        "class_version",
        "end",
        "fixed",
        "format",
        "header",
        "inp",
        "layout",
        "positions",
    )

    def __init__(self, values: ValueReaders, layout: Layout, header: Header, inp: Input) -> None:
        if len(header.positions) != len(layout.fields):
            raise HazelcastSerializationError(
                f"the data has {len(header.positions)} fields for {layout.definition.describe()},"
                f" whose definition has {len(layout.fields)}"
            )
        self.format = values
        self.layout = layout
        self.by_type = layout.by_type
        self.header = header
        self.end = header.end
        self.inp = inp
        self.buffer = inp.buffer
        self.positions = header.positions
        self.fixed: list[Any] = [None] * len(layout.fields)
        self.class_version = header.version
        self._raw_taken = False
        self._extents: Extents | None = None
        # Without a limit for each value, bytes that nest or are many could be read without end.
        if layout.nests or header.end - header.start >= _LARGE:
            starts = [position for position in (*header.positions, header.raw_position) if position]
            self._extents = Extents(starts, header.end)

    def get_version(self) -> int:
        """Return the class version of the data."""
        return self.header.version

    def has_field(self, field_name: str) -> bool:
        """Return whether the data has a field of this name."""
        return self.layout.definition.has_field(field_name)

    def get_field_names(self) -> set[str]:
        """Return the names of the fields in the data."""
        return set(self.layout.definition.field_defs)

    def get_field_type(self, field_name: str) -> int:
        """Return the type of a field in the data."""
        return self.layout.definition.get_field_type(field_name)

    def get_field_class_id(self, field_name: str) -> int:
        """Return the class number of a field that holds portable objects."""
        return self.layout.definition.get_field_class_id(field_name)

    def get_raw_data_input(self) -> Input:
        """Return the input at the raw data, and refuse named fields from now on."""
        if not self.header.raw_position:
            raise HazelcastSerializationError(
                f"{self.layout.definition.describe()} was written without raw data"
            )
        if not self._raw_taken:
            self._raw_taken = True
            self.by_type = _NO_FIELDS
            self.inp.pos = self.header.raw_position
        return self.inp

    def read_field(self, field: FieldDefinition) -> Any:
        """Read a field by its own type."""
        return _READERS[FieldType(field.field_type)](self, field.field_name)

    def read_run(self, index: int) -> None:
        """Read a field into `fixed`, with its neighbours, if they are neighbours in the data too."""
        run = self.layout.runs[index]
        assert run is not None, "a field of a fixed size"
        start = self.positions[run.first]
        if start and start + run.items.size <= self.end:
            items = run.items.unpack_from(self.buffer, start)
            if items[::2] == run.heads:
                self.fixed[run.first : run.first + len(run.heads)] = items[1::2]

    def read_value(self, field: FieldDefinition, unpack: Callable[[Buffer, int], tuple[Any, int]]) -> Any:
        """Read the value of a field that may be large."""
        index = field.index
        head = self.layout.heads[index]
        position = self.positions[index]
        start = position + len(head)
        if self.buffer[position:start] != head:
            raise self.misplaced(index)
        try:
            value, end = unpack(self.buffer, start)
        except HazelcastSerializationError as error:
            raise HazelcastSerializationError(
                f"{self.layout.describe(field)} cannot be read: {error}"
            ) from error
        limit = self.end if self._extents is None else self._extents.end(position)
        if end > limit:
            raise invalid(
                start, self.layout.describe(field), f"it ends at {end}, in bytes that are not its own"
            )
        return value

    def other(self, field_type: FieldType, field_name: str) -> Any:
        """Read a field that the data does not have under this name and type."""
        if self._raw_taken:
            raise HazelcastSerializationError(
                f"the field {field_name!r} of {self._class_name()} cannot be read after the raw data"
            )
        field = self.layout.definition.get_field(field_name)
        evolved = self.class_version != self.header.version
        if field is None and "." in field_name:
            return self._read_path(field_type, field_name)
        if field is None and evolved:
            return DEFAULTS.get(field_type)
        if field is None:
            raise HazelcastSerializationError(
                f"{self.layout.definition.describe()} has no field {field_name!r}"
            )
        widen = WIDENINGS.get((FieldType(field.field_type), field_type)) if evolved else None
        if widen is None:
            raise HazelcastSerializationError(
                f"{self.layout.describe(field)} cannot be read as {field_type.name}"
                + (f" by version {self.class_version} of the class" if evolved else "")
            )
        return widen(self.read_field(field))

    def _class_name(self) -> str:
        return self.layout.definition.describe()

    def _read_path(self, field_type: FieldType, path: str) -> Any:
        parent, _, rest = path.partition(".")
        known = self.by_type[FieldType.PORTABLE].get(parent)
        if known is None:
            raise HazelcastSerializationError(
                f"{self._class_name()} has no portable field {parent!r}, as the path {path!r} needs"
            )

        def unpack(buffer: Buffer, position: int) -> tuple[Any, int]:
            ids, start = self.nested_ids(buffer, position)
            if ids is None:
                raise HazelcastSerializationError(f"the path {path!r} goes through a null object")
            before = self.inp.pos
            self.inp.pos = start
            try:
                nested = self.format.reader(self.inp, ids)
                # The difference in versions applies to nested objects too.
                nested.class_version += self.class_version - self.header.version
                return _READERS[field_type](nested, rest), nested.header.end
            finally:
                self.inp.pos = before

        return self.read_value(self.layout.fields[known[0]], unpack)

    def nested_ids(self, buffer: Buffer, position: int) -> tuple[ClassIds | None, int]:
        """Return the ids of a nested object, None for a null one, and the offset of its body."""
        if len(buffer) - position < 9:
            raise short(buffer, position, "nested portable object", 9)
        end = position + 9
        return (None, end) if buffer[position] else (self.format.read_ids(buffer, position + 1), end)

    def misplaced(self, index: int) -> HazelcastSerializationError:
        """Build the error for a field that is not where the header says it is."""
        what, position = self.layout.describe(self.layout.fields[index]), self.positions[index]
        if not position:
            return HazelcastSerializationError(f"{what} was not written")
        return HazelcastSerializationError(
            f"{what} is not at offset {position}: another definition of the same version wrote the data"
        )


_Method = Callable[[BodyReader, str], Any]


def _fixed_method(field_type: FieldType) -> _Method:
    code = int(field_type)  # a plain int is a much faster index than a member of an enum

    def read(self: BodyReader, field_name: str) -> Any:
        try:
            index = self.by_type[code][field_name][0]
        except KeyError:
            return self.other(field_type, field_name)
        value = self.fixed[index]
        if value is None:
            self.read_run(index)
            value = self.fixed[index]
        return (
            self.read_value(self.layout.fields[index], self.format.unpacks[code]) if value is None else value
        )

    return read


def _value_method(field_type: FieldType) -> _Method:
    code = int(field_type)

    def read(self: BodyReader, field_name: str) -> Any:
        try:
            index = self.by_type[code][field_name][0]
        except KeyError:
            return self.other(field_type, field_name)
        return self.read_value(self.layout.fields[index], self.format.unpacks[code])

    return read


def _array_method(field_type: FieldType) -> _Method:
    kind = type_name(field_type)

    def read(self: BodyReader, field_name: str) -> Any:
        known = self.by_type[field_type].get(field_name)
        if known is None:
            return self.other(field_type, field_name)
        unpack_item = self.format.unpacks[field_type]

        def unpack(buffer: Buffer, position: int) -> tuple[list[Any] | None, int]:
            return self.format.arrays.read(buffer, position, kind, unpack_item)

        return self.read_value(self.layout.fields[known[0]], unpack)

    return read


def _read_portable(self: BodyReader, field_name: str) -> Any:
    known = self.by_type[FieldType.PORTABLE].get(field_name)
    if known is None:
        return self.other(FieldType.PORTABLE, field_name)

    def unpack(buffer: Buffer, position: int) -> tuple[Any, int]:
        ids, start = self.nested_ids(buffer, position)
        return (None, start) if ids is None else self.format.read_nested(self.inp, start, ids)

    return self.read_value(self.layout.fields[known[0]], unpack)


def _read_portables(self: BodyReader, field_name: str) -> Any:
    known = self.by_type[FieldType.PORTABLE_ARRAY].get(field_name)
    if known is None:
        return self.other(FieldType.PORTABLE_ARRAY, field_name)

    def unpack(buffer: Buffer, position: int) -> tuple[list[Any] | None, int]:
        if len(buffer) - position < 12:
            raise short(buffer, position, "portable array", 12)
        ids = self.format.read_ids(buffer, position + 4)

        def read_item(_: Buffer, at: int) -> tuple[Any, int]:
            return self.format.read_nested(self.inp, at, ids)

        return self.format.arrays.read(buffer, position, "portable array", read_item, head_size=8)

    return self.read_value(self.layout.fields[known[0]], unpack)


def _method(field_type: FieldType) -> _Method:
    if field_type in POSITIONED_TYPES:
        return _array_method(field_type)
    return _fixed_method(field_type) if field_type in FIXED_TYPES else _value_method(field_type)


_METHODS: dict[str, tuple[FieldType, _Method]] = {
    **{name: (field_type, _method(field_type)) for name, field_type in METHOD_TYPES.items()},
    "portable": (FieldType.PORTABLE, _read_portable),
    "portable_array": (FieldType.PORTABLE_ARRAY, _read_portables),
}
_READERS = dict(_METHODS.values())

implemented({f"read_{name}": method for name, (_, method) in _METHODS.items()})(BodyReader)
