"""Portable objects that write whatever fields they are given, and values of all types for them."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import FieldKind, Portable, PortableReader, PortableWriter
from hzclient.serialization.portable.classdef import FieldType

from . import compact_fields

Field = tuple[str, FieldType, Any]


class AnyPortable(Portable):
    """Object with any fields, in the order in which they are written."""

    FACTORY_ID = 1
    CLASS_ID = 1

    def __init__(self, fields: Sequence[Field] = ()) -> None:
        self.fields = list(fields)

    def get_factory_id(self) -> int:
        return self.FACTORY_ID

    def get_class_id(self) -> int:
        return self.CLASS_ID

    def write_portable(self, writer: PortableWriter) -> None:
        for name, field_type, value in self.fields:
            getattr(writer, f"write_{field_type.name.lower()}")(name, value)

    def read_portable(self, reader: PortableReader) -> None:
        names = sorted(reader.get_field_names())
        types = [(name, FieldType(reader.get_field_type(name))) for name in names]
        self.fields = [(n, t, getattr(reader, f"read_{t.name.lower()}")(n)) for n, t in types]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AnyPortable):
            return NotImplemented
        return sorted(self.fields, key=_name) == sorted(other.fields, key=_name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.fields!r})"

    __hash__ = None  # type: ignore[assignment]


class NestedPortable(AnyPortable):
    """The same as another class."""

    CLASS_ID = 2


class OtherPortable(AnyPortable):
    """The same as a third class."""

    CLASS_ID = 3


_CLASSES = (AnyPortable, NestedPortable, OtherPortable)


def _name(field: Field) -> str:
    return field[0]


class Reading(AnyPortable):
    """Object that reads what a function reads."""

    read: Callable[[Any], Any]
    value: Any = None

    def read_portable(self, reader: PortableReader) -> None:
        self.value = type(self).read(reader)


def options(**chosen: Any) -> SerializationOptions:
    """Return options that know none of the classes."""
    return SerializationOptions(**chosen)


def service(**chosen: Any) -> SerializationService:
    """Return a service that knows the classes of this module."""
    return SerializationService(
        options(portable_factories={1: {cls.CLASS_ID: cls for cls in _CLASSES}}, **chosen)
    )


def read_as(data: bytes, read: Callable[[Any], Any], version: int | None = None, **chosen: Any) -> Any:
    """Decode with a class that reads what a function reads.

    Args:
        data: The data.
        read: Gets the reader.
        version: Version of the class.
        chosen: Options of the service.
    """
    members: dict[str, Any] = {"read": staticmethod(read)}
    if version is not None:
        members["get_class_version"] = lambda self: version
    cls = type("Reading", (Reading,), members)
    classes = {**{other.CLASS_ID: other for other in _CLASSES}, AnyPortable.CLASS_ID: cls}
    decoder = SerializationService(options(portable_factories={1: classes}, **chosen))
    return decoder.decode(data).value


def _nested(number: int, text: str) -> NestedPortable:
    return NestedPortable([("n", FieldType.INT, number), ("s", FieldType.STRING, text)])


_VALUES = compact_fields.SCALARS
_KIND = FieldKind
_CHARS = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
# Years are two bytes here, which no Python date exceeds.
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "BYTE": _VALUES[_KIND.INT8],
    "BOOLEAN": _VALUES[_KIND.BOOLEAN],
    "CHAR": _CHARS,
    "SHORT": _VALUES[_KIND.INT16],
    "INT": _VALUES[_KIND.INT32],
    "LONG": _VALUES[_KIND.INT64],
    "FLOAT": _VALUES[_KIND.FLOAT32],
    "DOUBLE": _VALUES[_KIND.FLOAT64],
}
_OBJECTS: dict[str, st.SearchStrategy[Any]] = {
    "STRING": _VALUES[_KIND.STRING],
    "DECIMAL": _VALUES[_KIND.DECIMAL],
    "TIME": _VALUES[_KIND.TIME],
    "DATE": _VALUES[_KIND.DATE],
    "TIMESTAMP": _VALUES[_KIND.TIMESTAMP],
    "TIMESTAMP_WITH_TIMEZONE": _VALUES[_KIND.TIMESTAMP_WITH_TIMEZONE],
}
_NESTED = st.builds(_nested, _VALUES[_KIND.INT32], _VALUES[_KIND.STRING])


def _lists(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(values, max_size=10)


TYPES: dict[FieldType, st.SearchStrategy[Any]] = {
    **{FieldType[name]: values for name, values in _SCALARS.items()},
    **{FieldType[name]: st.none() | values for name, values in _OBJECTS.items()},
    **{FieldType[f"{name}_ARRAY"]: _lists(values) for name, values in {**_SCALARS, **_OBJECTS}.items()},
    FieldType.BYTE_ARRAY: st.none() | st.binary(max_size=20).map(bytearray),
    FieldType.STRING_ARRAY: _lists(st.none() | _OBJECTS["STRING"]),
    FieldType.PORTABLE: _NESTED,
    FieldType.PORTABLE_ARRAY: st.lists(_NESTED, min_size=1, max_size=5),
}
"""Values of each type. Nested objects are never None, since their class would be unknown."""

SAMPLES: dict[FieldType, Any] = {
    FieldType.BYTE: -5,
    FieldType.BOOLEAN: True,
    FieldType.CHAR: "A",
    FieldType.SHORT: -500,
    FieldType.INT: 70000,
    FieldType.LONG: 1 << 40,
    FieldType.FLOAT: 1.5,
    FieldType.DOUBLE: 2.5,
    FieldType.STRING: "text",
    FieldType.DATE: datetime.date(2024, 2, 29),
}


@st.composite
def fields(draw: st.DrawFn) -> list[Field]:
    """Fields of any types with any values, in any order."""
    names = draw(st.lists(st.text(st.characters(max_codepoint=0xFF), max_size=10), unique=True, max_size=12))
    chosen = [(name, draw(st.sampled_from(sorted(TYPES)))) for name in names]
    return [(name, field_type, draw(TYPES[field_type])) for name, field_type in chosen]
