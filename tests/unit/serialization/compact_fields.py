"""Compact objects that write whatever fields they are given, and values of all kinds for them."""

import datetime
import decimal
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._schema import Schema
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import CompactReader, CompactSerializer, CompactWriter, FieldKind

Field = tuple[str, FieldKind, Any]


class Anything:
    """Object with any fields, in the order in which they are written."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = list(fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Anything) and sorted(other.fields, key=_name) == sorted(
            self.fields, key=_name
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.fields!r})"

    __hash__ = None  # type: ignore[assignment]


class Nested(Anything):
    """The same as another class: arrays of records hold one schema."""


def _name(field: Field) -> str:
    return field[0]


class AnythingSerializer(CompactSerializer[Anything]):
    """Writes the fields of the object; reads those in `names`, or all with `kinds`."""

    def __init__(self, cls: type[Anything] = Anything, type_name: str = "anything") -> None:
        self.cls = cls
        self.type_name = type_name
        self.kinds: dict[str, FieldKind] = {}
        self.read_as: Callable[[CompactReader], Any] | None = None

    def get_class(self) -> type[Anything]:
        return self.cls

    def get_type_name(self) -> str:
        return self.type_name

    def write(self, writer: CompactWriter, obj: Anything) -> None:
        for name, kind, value in obj.fields:
            getattr(writer, f"write_{kind.name.lower()}")(name, value)
        self.kinds = {name: kind for name, kind, _ in obj.fields}

    def read(self, reader: CompactReader) -> Any:
        if self.read_as is not None:
            return self.read_as(reader)
        return self.cls(
            [
                (name, kind, getattr(reader, f"read_{kind.name.lower()}")(name))
                for name, kind in self.kinds.items()
            ]
        )


class World:
    """A service, the serializer of `Anything`, and that of `Nested`."""

    def __init__(self, big_endian: bool = True) -> None:
        self.serializer = AnythingSerializer()
        self.nested = AnythingSerializer(Nested, "nested")
        self.service = SerializationService(
            SerializationOptions(is_big_endian=big_endian, compact_serializers=[self.serializer, self.nested])
        )

    def encode(self, *fields: Field) -> bytes:
        return self.service.encode(Anything(fields))

    def read_as(self, data: bytes, read: Callable[[Any], Any]) -> Any:
        """Decode with a serializer that reads what the function reads."""
        self.serializer.read_as = read
        return self.service.decode(data)

    def schema(self) -> Schema:
        """Return the only schema that was written."""
        (schema,) = self.service.schemas.unreplicated.values()
        return schema


def stranger_to(world: World) -> SerializationService:
    """Return a service that knows the schemas of another one, and none of its classes."""
    options = SerializationOptions(is_big_endian=world.service.options.is_big_endian)
    service = SerializationService(options)
    for schema in world.service.schemas.unreplicated.values():
        service.schemas.mark_replicated(schema)
    return service


def _integers(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_DECIMALS = st.builds(
    lambda digits, exponent: decimal.Decimal(digits).scaleb(exponent), st.integers(), st.integers(-50, 50)
)
_ZONES = st.integers(-18 * 3600, 18 * 3600).map(lambda s: datetime.timezone(datetime.timedelta(seconds=s)))
# Java's offset is counted from the local time, so no offset may lead out of the years that Python has.
_AWARE = st.datetimes(datetime.datetime(2, 1, 1), datetime.datetime(9998, 1, 1), timezones=_ZONES)
_FLOATS32 = st.floats(width=32, allow_nan=False)


def _nested(number: int, text: str) -> Nested:
    return Nested([("n", FieldKind.INT32, number), ("s", FieldKind.STRING, text)])


SCALARS: dict[FieldKind, st.SearchStrategy[Any]] = {
    FieldKind.BOOLEAN: st.booleans(),
    FieldKind.INT8: _integers(8),
    FieldKind.INT16: _integers(16),
    FieldKind.INT32: _integers(32),
    FieldKind.INT64: _integers(64),
    FieldKind.FLOAT32: _FLOATS32,
    FieldKind.FLOAT64: st.floats(allow_nan=False),
    FieldKind.STRING: _TEXT,
    FieldKind.DECIMAL: _DECIMALS,
    FieldKind.TIME: st.times(),
    FieldKind.DATE: st.dates(),
    FieldKind.TIMESTAMP: st.datetimes(),
    FieldKind.TIMESTAMP_WITH_TIMEZONE: _AWARE,
    FieldKind.COMPACT: st.builds(_nested, _integers(32), _TEXT),
}
NEVER_NONE = {kind for kind in SCALARS if f"NULLABLE_{kind.name}" in FieldKind.__members__}


def _lists(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(values, max_size=20)


def _all_kinds() -> dict[FieldKind, st.SearchStrategy[Any]]:
    kinds: dict[FieldKind, st.SearchStrategy[Any]] = {}
    for kind, values in SCALARS.items():
        array = FieldKind[f"ARRAY_OF_{kind.name}"]
        optional = st.none() | values
        if kind in NEVER_NONE:
            kinds[kind] = values
            kinds[array] = _lists(values)
            kinds[FieldKind[f"NULLABLE_{kind.name}"]] = optional
            kinds[FieldKind[f"ARRAY_OF_NULLABLE_{kind.name}"]] = _lists(optional)
        else:
            kinds[kind] = optional
            kinds[array] = _lists(optional)
    return kinds


KINDS = _all_kinds()
"""Values of each kind that compact data holds."""


@st.composite
def fields(draw: st.DrawFn, max_size: int = 12) -> list[Field]:
    """Fields of any kinds with any values, in any order."""
    names = draw(st.lists(_TEXT, unique=True, max_size=max_size))
    kinds = st.sampled_from(sorted(KINDS))
    chosen = [(name, draw(kinds)) for name in names]
    return [(name, kind, draw(KINDS[kind])) for name, kind in chosen]
