"""Many compact records at once, column by column, for data frames. Needs numpy.

A loop over the records would read each field by a call of a Python function. Here numpy reads a field of all
records in one step: the schema says where it is, or where its offset is.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy
from numpy.typing import NDArray

from hzclient.serialization._compact._kinds import NESTED, NUMBERS, PRIMITIVE_OF
from hzclient.serialization._compact._layout import Layout
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import FieldKind
from hzclient.serialization.serialization_const import TYPE_COMPACT

__all__ = ["Column", "read_columns"]

_Array: TypeAlias = NDArray[Any]

_SCHEMA_AT: Final = 8
_RECORD_AT: Final = 16
"""Offsets in a serialized value: the hash and the type id are before the id of the schema."""

_WIDE: Final = 0xFFFF
"""Size from which the offsets in a record have four bytes. Such large records are read one by one."""

_DAYS_OF_MONTH: Final = numpy.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one field of many records.

    Attributes:
        name: Name of the field.
        kind: Its kind; None if the values have no common one.
        values: The values. Numbers and booleans are an array, timestamps an array of `datetime64[us]`, in UTC
            if the kind has a time zone; all others a list, with None for missing ones.
        present: For an array, which of the values are not missing; None if all are there.
    """

    name: str
    kind: FieldKind | None
    values: Any
    present: NDArray[numpy.bool_] | None = None


class _NotColumnar(Exception):
    """The records are broken, or not of one schema: they have to be read one by one."""


def read_columns(service: SerializationService, datas: Sequence[bytes]) -> list[Column] | None:
    """Read compact records of one schema which the client reads as generic records.

    Args:
        service: Knows the schemas.
        datas: The serialized records.

    Returns:
        A column for each field, sorted by name; None if the data must be deserialized one by one.

    Raises:
        SchemaNotFoundError: If the schema is not known here.
    """
    if not datas or min(map(len, datas)) < _RECORD_AT:
        return None
    try:
        return _Records(service, datas).columns()
    except _NotColumnar:
        return None


class _Records:
    """Places of the records in their joined bytes.

    Args:
        service: Knows the schemas.
        datas: The serialized records, each of at least 16 bytes.
    """

    def __init__(self, service: SerializationService, datas: Sequence[bytes]) -> None:
        self._data = data = b"".join(datas)
        lengths = numpy.fromiter(map(len, datas), numpy.int64, len(datas))
        ends = lengths.cumsum()
        starts = ends - lengths
        head = self._read("V12", starts + (_SCHEMA_AT - 4))
        _demand((head == head[0]).all() and data[4:8] == TYPE_COMPACT.to_bytes(4, "big", signed=True))
        self._unpacks = service.compact.unpacks
        self._order = service.compact.prefix
        (schema_id,) = struct.unpack_from(f"{self._order}q", data, _SCHEMA_AT)
        self._layout = layout = _layout(service, schema_id)
        self._starts = starts + _RECORD_AT
        sizes: _Array = numpy.full(len(datas), layout.fixed_size)
        if layout.values:
            _demand((self._starts + 4 <= ends).all())
            sizes = self._numbers("i4", self._starts).astype(numpy.int64)
            self._starts += 4
            _demand((sizes < _WIDE).all())
        self._ends = self._starts + sizes
        self._narrow = sizes < 0xFF
        tables = len(layout.values) * numpy.where(self._narrow, 1, 2)
        _demand((sizes >= layout.fixed_size).all() and (self._ends + tables <= ends).all())

    def columns(self) -> list[Column]:
        """Return a column for each field."""
        layout = self._layout
        slots = {name: (slot, kind) for slot, (name, kind) in enumerate(layout.values)}
        fixed = self._fixed()
        return [
            Column(name, kind, fixed[name]) if name in fixed else self._variable(name, *slots[name])
            for name, kind in layout.schema.fields
        ]

    def _fixed(self) -> dict[str, _Array]:
        """Return numbers and booleans."""
        layout = self._layout
        if not layout.fixed_size:
            return {}
        codes = [f"{self._order}{NUMBERS[field.kind]}" for field in layout.numbers]
        names = [f"f{place}" for place in range(len(codes))]
        rows = self._read(
            numpy.dtype([*zip(names, codes, strict=True), ("flags", "u1", (layout.flags_size,))]),
            self._starts,
        )
        numbers = {
            field.field_name: _native(rows[name]) for field, name in zip(layout.numbers, names, strict=True)
        }
        flags = {
            field.field_name: (rows["flags"][:, bit // 8] >> bit % 8 & 1).astype(numpy.bool_)
            for bit, field in enumerate(layout.flags)
        }
        return {**numbers, **flags}

    def _variable(self, name: str, slot: int, kind: FieldKind) -> Column:
        offsets = self._offsets(slot)
        present = offsets >= 0
        _demand((offsets[present] >= self._layout.fixed_size).all())
        at = (self._starts + offsets)[present]
        ends = self._ends[present]
        everything = bool(present.all())
        if kind == FieldKind.STRING:
            return Column(name, kind, _spread(self._texts(at, ends), present, everything))
        read = _VECTORS.get(kind)
        if read is None:
            return Column(name, kind, _spread(self._items(kind, at, ends), present, everything))
        values = read(self, at, ends)
        if everything:
            return Column(name, kind, values)
        spread = numpy.zeros(len(present), values.dtype)
        spread[present] = values
        return Column(name, kind, spread, present)

    def _offsets(self, slot: int) -> _Array:
        """Return the offsets of the values of a slot, -1 for missing ones."""
        offsets: _Array = numpy.empty(len(self._starts), numpy.int64)
        for rows, code, width in ((self._narrow, "u1", 1), (~self._narrow, "u2", 2)):
            if rows.any():
                found = self._numbers(code, self._ends[rows] + slot * width).astype(numpy.int64)
                found[found == (1 << 8 * width) - 1] = -1
                offsets[rows] = found
        return offsets

    def _texts(self, at: _Array, ends: _Array) -> list[str]:
        _demand((at + 4 <= ends).all())
        starts = at + 4
        sizes = self._numbers("i4", at).astype(numpy.int64)
        _demand((sizes >= 0).all() and (starts + sizes <= ends).all())
        data = self._data
        try:
            return [
                data[start:end].decode()
                for start, end in zip(starts.tolist(), (starts + sizes).tolist(), strict=True)
            ]
        except UnicodeDecodeError:
            raise _NotColumnar from None

    def _items(self, kind: FieldKind, at: _Array, ends: _Array) -> list[Any]:
        """Return values that have to be read one by one."""
        unpack, data = self._unpacks[kind], self._data
        try:
            read = [unpack(data, position) for position in at.tolist()]
        except Exception:
            raise _NotColumnar from None
        _demand(all(end <= limit for (_, end), limit in zip(read, ends.tolist(), strict=True)))
        return [value for value, _ in read]

    def nullable(self, code: str, at: _Array, ends: _Array) -> _Array:
        """Return numbers at offsets."""
        _demand((at + numpy.dtype(code).itemsize <= ends).all())
        return _native(self._numbers(code, at))

    def booleans(self, at: _Array, ends: _Array) -> _Array:
        """Return booleans at offsets."""
        values = self.nullable("u1", at, ends)
        _demand((values <= 1).all())
        return values.astype(numpy.bool_)

    def timestamps(self, at: _Array, ends: _Array) -> _Array:
        """Return timestamps without a time zone."""
        return self._moments(at, ends, zoned=False)

    def instants(self, at: _Array, ends: _Array) -> _Array:
        """Return timestamps in UTC."""
        return self._moments(at, ends, zoned=True)

    def _moments(self, at: _Array, ends: _Array, zoned: bool) -> _Array:
        codes = ["i4", "i1", "i1", "i1", "i1", "i1", "i4", *(["i4"] if zoned else [])]
        dtype = numpy.dtype([(f"f{place}", f"{self._order}{code}") for place, code in enumerate(codes)])
        _demand((at + dtype.itemsize <= ends).all())
        rows = self._read(dtype, at)
        year, month, day, hour, minute, second, nanos, *offset = (
            rows[name].astype(numpy.int64) for name in dtype.names or ()
        )
        limits = ((year, 1, 9999), (month, 1, 12), (day, 1, 31), (hour, 0, 23), (minute, 0, 59))
        for part, least, most in (*limits, (second, 0, 59), (nanos, 0, 999_999_999)):
            _demand(((part >= least) & (part <= most)).all())
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        _demand((day <= _DAYS_OF_MONTH[month] - ((month == 2) & ~leap)).all())
        months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
        days = months.astype("datetime64[D]").astype(numpy.int64) + day - 1
        seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        if zoned:
            _demand((abs(offset[0]) < 86_400).all())
            seconds -= offset[0]
        return (seconds * 1_000_000 + nanos // 1000).astype("datetime64[us]")

    def _numbers(self, code: str, at: _Array) -> _Array:
        return self._read(f"{self._order}{code}", at)

    def _read(self, dtype: Any, at: _Array) -> _Array:
        """Return the items at offsets, which the caller has checked."""
        dtype = numpy.dtype(dtype)
        windows: _Array = numpy.ndarray(
            (max(len(self._data) - dtype.itemsize + 1, 0),), dtype, buffer=self._data, strides=(1,)
        )
        return windows[at]


_Vector: TypeAlias = Callable[[_Records, _Array, _Array], _Array]

_VECTORS: Final[dict[FieldKind, _Vector]] = {
    FieldKind.TIMESTAMP: _Records.timestamps,
    FieldKind.TIMESTAMP_WITH_TIMEZONE: _Records.instants,
    FieldKind.NULLABLE_BOOLEAN: _Records.booleans,
}
"""What reads the present values of a kind in one step."""


def _nullable_reader(code: str) -> _Vector:
    def read(records: _Records, at: _Array, ends: _Array) -> _Array:
        return records.nullable(code, at, ends)

    return read


_VECTORS.update(
    {
        kind: _nullable_reader(NUMBERS[primitive])
        for kind, primitive in PRIMITIVE_OF.items()
        if primitive in NUMBERS
    }
)


def _layout(service: SerializationService, schema_id: int) -> Layout:
    layout = service.compact.layout_of_records(schema_id)
    _demand(layout is not None and not any(field.kind in NESTED for field in layout.values))
    assert layout is not None
    return layout


def _demand(condition: object) -> None:
    if not condition:
        raise _NotColumnar


def _native(values: _Array) -> _Array:
    return values.astype(values.dtype.newbyteorder("="))


def _spread(values: list[Any], present: _Array, everything: bool) -> list[Any]:
    """Return values with None in place of missing ones."""
    if everything:
        return values
    left = iter(values)
    return [next(left) if there else None for there in present.tolist()]
