"""Dataclasses as compact data, without a serializer."""

import dataclasses
import datetime
import decimal
import enum
import logging
import pickle
import sys
import traceback
import typing
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.core import Address
from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._compact._names import type_name_of
from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._schema import Schema
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import (
    CompactReader,
    CompactSerializer,
    CompactWriter,
    FieldKind,
    ObjectDataInput,
    ObjectDataOutput,
    StreamSerializer,
)
from hzclient.serialization.compact import (
    Float32,
    Float64,
    Int8,
    Int16,
    Int32,
    Timestamp,
    compact,
)
from hzclient.serialization.generic_record import GenericRecord, compact_record

from .compact_fields import SCALARS, Anything, AnythingSerializer

K = FieldKind
COMPACT = (-55).to_bytes(4, "big", signed=True)
PICKLE = (-120).to_bytes(4, "big", signed=True)
MODULE = __name__


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Permission(enum.Flag):
    READ = 1
    WRITE = 2


class Shape(enum.StrEnum):
    ROUND = "r"


class Level(int, enum.Enum):
    LOW = 1


UserId = NewType("UserId", int)


@dataclass
class Point:
    x: int
    y: int


@dataclass
class Everything:
    boolean: bool
    integer: int
    int8: Int8
    int16: Int16
    int32: Annotated[int, Int32]
    int64: Annotated[int, FieldKind.INT64]
    number: float
    float32: Float32
    float64: Float64
    text: str
    dec: decimal.Decimal
    day: datetime.date
    clock: datetime.time
    instant: datetime.datetime
    local: Timestamp
    color: Color
    key: uuid.UUID
    raw: bytes
    raws: bytearray
    user: UserId
    point: Point
    integers: list[int]
    shorts: list[Int16]
    optionals: list[int | None]
    texts: tuple[str, ...]
    colors: set[Color]
    keys: frozenset[uuid.UUID]
    primes: set[int]
    queue: deque[float]
    points: Sequence[Point]
    scores: dict[str, Int32]
    places: Mapping[Color, Point]
    maybe_bool: bool | None = None
    maybe_int: Int32 | None = None
    maybe_text: str | None = None
    maybe_point: Point | None = None
    maybe_scores: dict[str, int] | None = None
    maybe_integers: list[int] | None = None


KINDS = {
    "boolean": K.BOOLEAN,
    "integer": K.INT64,
    "int8": K.INT8,
    "int16": K.INT16,
    "int32": K.INT32,
    "int64": K.INT64,
    "number": K.FLOAT64,
    "float32": K.FLOAT32,
    "float64": K.FLOAT64,
    "text": K.STRING,
    "dec": K.DECIMAL,
    "day": K.DATE,
    "clock": K.TIME,
    "instant": K.TIMESTAMP_WITH_TIMEZONE,
    "local": K.TIMESTAMP,
    "color": K.STRING,
    "key": K.STRING,
    "raw": K.ARRAY_OF_INT8,
    "raws": K.ARRAY_OF_INT8,
    "user": K.INT64,
    "point": K.COMPACT,
    "integers": K.ARRAY_OF_INT64,
    "shorts": K.ARRAY_OF_INT16,
    "optionals": K.ARRAY_OF_NULLABLE_INT64,
    "texts": K.ARRAY_OF_STRING,
    "colors": K.ARRAY_OF_STRING,
    "keys": K.ARRAY_OF_STRING,
    "primes": K.ARRAY_OF_NULLABLE_INT64,
    "queue": K.ARRAY_OF_FLOAT64,
    "points": K.ARRAY_OF_COMPACT,
    "scores!keys": K.ARRAY_OF_STRING,
    "scores!values": K.ARRAY_OF_NULLABLE_INT32,
    "places!keys": K.ARRAY_OF_STRING,
    "places!values": K.ARRAY_OF_COMPACT,
    "maybe_bool": K.NULLABLE_BOOLEAN,
    "maybe_int": K.NULLABLE_INT32,
    "maybe_text": K.STRING,
    "maybe_point": K.COMPACT,
    "maybe_scores!keys": K.ARRAY_OF_STRING,
    "maybe_scores!values": K.ARRAY_OF_NULLABLE_INT64,
    "maybe_integers": K.ARRAY_OF_INT64,
}

_int64 = SCALARS[K.INT64]
_points = st.builds(Point, _int64, _int64)
_colors = st.sampled_from(Color)
_texts = SCALARS[K.STRING]
EVERYTHING = st.builds(
    Everything,
    boolean=SCALARS[K.BOOLEAN],
    integer=_int64,
    int8=SCALARS[K.INT8],
    int16=SCALARS[K.INT16],
    int32=SCALARS[K.INT32],
    int64=_int64,
    number=SCALARS[K.FLOAT64],
    float32=SCALARS[K.FLOAT32],
    float64=SCALARS[K.FLOAT64],
    text=_texts,
    dec=SCALARS[K.DECIMAL],
    day=SCALARS[K.DATE],
    clock=SCALARS[K.TIME],
    instant=SCALARS[K.TIMESTAMP_WITH_TIMEZONE],
    local=SCALARS[K.TIMESTAMP],
    color=_colors,
    key=st.uuids(),
    raw=st.binary(max_size=9),
    raws=st.binary(max_size=9).map(bytearray),
    user=_int64.map(UserId),
    point=_points,
    integers=st.lists(_int64, max_size=3),
    shorts=st.lists(SCALARS[K.INT16], max_size=3),
    optionals=st.lists(st.none() | _int64, max_size=3),
    texts=st.lists(_texts, max_size=3).map(tuple),
    colors=st.sets(_colors),
    keys=st.frozensets(st.uuids(), max_size=2),
    primes=st.sets(_int64, max_size=3),
    queue=st.lists(SCALARS[K.FLOAT64], max_size=3).map(deque),
    points=st.lists(_points, max_size=3),
    scores=st.dictionaries(_texts, SCALARS[K.INT32], max_size=3),
    places=st.dictionaries(_colors, _points),
    maybe_bool=st.none() | SCALARS[K.BOOLEAN],
    maybe_int=st.none() | SCALARS[K.INT32],
    maybe_text=st.none() | _texts,
    maybe_point=st.none() | _points,
    maybe_scores=st.none() | st.dictionaries(_texts, _int64, max_size=3),
    maybe_integers=st.none() | st.lists(_int64, max_size=3),
)


def made(name: str, hint: Any, module: str = MODULE, namespace: dict[str, Any] | None = None) -> Any:
    """Return a dataclass with one field."""
    cls = dataclasses.make_dataclass(name, [("a", hint)], namespace=namespace)
    cls.__module__ = module
    return cls


def schema_of(obj: object) -> Schema:
    service = SerializationService()
    assert service.encode(obj)[4:8] == COMPACT
    (schema,) = [s for s in service.schemas.unreplicated.values() if s.type_name.endswith(type(obj).__name__)]
    return schema


def round_trip(obj: Any) -> Any:
    service = SerializationService()
    data = service.encode(obj)
    assert data[4:8] == COMPACT
    return service.decode(data)


def is_pickled(obj: object) -> bool:
    return SerializationService().encode(obj)[4:8] == PICKLE


class TestRoundTrip:
    @given(EVERYTHING)
    def test_everything(self, obj: Everything) -> None:
        assert round_trip(obj) == obj

    @given(EVERYTHING)
    def test_kinds(self, obj: Everything) -> None:
        assert schema_of(obj) == Schema(f"{MODULE}.Everything", list(KINDS.items()))

    def test_by_hand(self) -> None:
        """The same as a record that names the kinds itself: no byte more or less."""
        record = compact_record(f"{MODULE}.Point", {"x": (K.INT64, 1), "y": (K.INT64, 2)})
        assert SerializationService().encode(Point(1, 2)) == SerializationService().encode(record)

    def test_a_class_that_refers_to_itself(self) -> None:
        tree = Tree(1, [Tree(2, []), Tree(3, [Tree(4, [])])])
        assert round_trip(tree) == tree

    def test_frozen_with_slots(self) -> None:
        @dataclass(frozen=True, slots=True)
        class Frozen:
            a: int
            b: str = "x"

        assert round_trip(Frozen(1)) == Frozen(1)

    def test_one_of_this_package(self) -> None:
        assert round_trip(Address("a", 1)) == Address("a", 1)

    def test_without_fields(self) -> None:
        @dataclass
        class Empty:
            pass

        assert round_trip(Empty()) == Empty()

    def test_a_field_that_init_does_not_take(self) -> None:
        @dataclass(frozen=True)
        class Derived:
            a: int
            double: int = field(init=False)

            def __post_init__(self) -> None:
                object.__setattr__(self, "double", self.a * 2)

        obj = Derived(2)
        object.__setattr__(obj, "double", 5)
        assert round_trip(obj) == obj

    def test_attributes_of_post_init_come_back(self) -> None:
        @dataclass
        class Cached:
            a: int

            def __post_init__(self) -> None:
                self.cache = {self.a: "cached"}

        assert round_trip(Cached(3)).cache == {3: "cached"}

    @pytest.mark.parametrize("member", [Shape.ROUND, Level.LOW], ids=repr)
    def test_members_that_are_values_too(self, member: enum.Enum) -> None:
        cls = made("OfMembers", type(member))
        assert round_trip(cls(member)).a is member

    def test_an_init_of_its_own(self) -> None:
        @dataclass(init=False)
        class Own:
            a: int

            def __init__(self, text: str) -> None:
                self.a = len(text)

        assert round_trip(Own("four")).a == 4

    def test_inherited_fields(self) -> None:
        @dataclass
        class Point3(Point):
            z: int = 0

        assert round_trip(Point3(1, 2, 3)) == Point3(1, 2, 3)

    def test_in_a_list_and_with_others(self) -> None:
        service = SerializationService()
        values = [Point(1, 2), "x", Point(3, 4)]
        assert service.decode(service.encode(values)) == values

    def test_a_subclass_in_the_place_of_a_nested_object(self) -> None:
        @dataclass
        class Point3(Point):
            z: int = 0

        @dataclass
        class Holder:
            point: Point

        assert round_trip(Holder(Point3(1, 2, 3))) == Holder(Point3(1, 2, 3))


@dataclass
class Tree:
    value: int
    children: "list[Tree]"
    parent: "Tree | None" = None


class TestNames:
    def test_a_class_of_a_module(self) -> None:
        assert schema_of(Point(1, 2)).type_name == f"{MODULE}.Point"

    def test_a_nested_class(self) -> None:
        assert schema_of(Outer.Inner(1)).type_name == f"{MODULE}.Outer$Inner"

    def test_a_class_of_the_main_script_has_no_package(self) -> None:
        cls = made("Script", int, "__main__")
        assert schema_of(cls(1)).type_name == "Script"

    def test_a_chosen_name(self) -> None:
        assert schema_of(Declared(1)).type_name == "com.acme.Declared"

    def test_a_name_as_attribute(self) -> None:
        @dataclass
        class Named:
            a: int
            __compact_type_name__ = "com.acme.Named"

        assert schema_of_name(Named(1), "com.acme.Named")
        assert round_trip(Named(1)) == Named(1)

    def test_no_name_means_no_compact_data(self) -> None:
        assert is_pickled(OptedOut(1))

    def test_a_name_is_not_inherited(self) -> None:
        @dataclass
        class Child(Declared):
            b: int = 0

        assert schema_of(Child(1)).type_name.startswith(MODULE)

    def test_a_name_of_two_classes(self) -> None:
        with pytest.raises(ValueError, match="'com.acme.Declared' of .*Rival belongs to .*Declared"):

            @compact(type_name="com.acme.Declared")
            @dataclass
            class Rival:
                a: int

    def test_a_name_that_a_serializer_has(self) -> None:
        service = SerializationService(
            SerializationOptions(compact_serializers=[AnythingSerializer(type_name="com.acme.Declared")])
        )
        with pytest.raises(HazelcastSerializationError, match="'com.acme.Declared' .* belongs to Anything"):
            service.encode(Declared(1))


def schema_of_name(obj: object, name: str) -> bool:
    service = SerializationService()
    service.encode(obj)
    return [schema.type_name for schema in service.schemas.unreplicated.values()] == [name]


class Outer:
    @dataclass
    class Inner:
        a: int


@compact(type_name="com.acme.Declared")
@dataclass
class Declared:
    a: Int32


@dataclass
class OptedOut:
    a: int
    __compact_type_name__ = None


class TestReadingElsewhere:
    """By a service that never wrote an object of the class."""

    @pytest.mark.parametrize("obj", [Point(1, 2), Outer.Inner(3), Declared(4)], ids=repr)
    def test_the_class_is_found(self, obj: object) -> None:
        assert read_elsewhere(obj) == obj

    def test_a_class_that_no_module_has(self) -> None:
        @dataclass
        class Local:
            a: int

        record = read_elsewhere(Local(5))
        assert isinstance(record, GenericRecord)
        assert dict(record) == {"a": 5}

    @pytest.mark.parametrize(
        "name", ["os.path", "builtins.print", f"{MODULE}.Color", f"{MODULE}.Outer", "no.where"]
    )
    def test_names_of_other_things(self, name: str) -> None:
        record = read_elsewhere(compact_record(name, {"a": (K.INT32, 1)}))
        assert isinstance(record, GenericRecord)

    def test_modules_are_not_imported(self) -> None:
        name = "antigravity"
        assert name not in sys.modules
        read_elsewhere(compact_record(f"{name}.Thing", {"a": (K.INT32, 1)}))
        assert name not in sys.modules


def read_elsewhere(obj: object) -> Any:
    writer, reader = SerializationService(), SerializationService()
    data = writer.encode(obj)
    for schema in writer.schemas.unreplicated.values():
        reader.schemas.mark_replicated(schema)
    return reader.decode(data)


@compact(type_name="Evolving")
@dataclass
class Evolving:
    a: int
    b: str = "default"
    c: list[int] = field(default_factory=lambda: [7])
    d: float | None = None
    e: bool = field(default=True, init=False)


class TestEvolution:
    def read(self, **fields: tuple[FieldKind, Any]) -> Any:
        return read_elsewhere(compact_record("Evolving", fields))

    def test_absent_fields_get_their_defaults(self) -> None:
        assert self.read(a=(K.INT64, 1)) == Evolving(1)

    def test_absent_fields_without_default(self) -> None:
        assert self.read().a == 0

    def test_absent_fields_that_the_class_fills_itself(self) -> None:
        record = compact_record(f"{MODULE}.Computing", {"a": (K.INT64, 2)})
        obj: Any = read_elsewhere(record)
        assert (obj.double, obj.kept, obj.rest) == (4, [2], 0)

    def test_unknown_fields_are_ignored(self) -> None:
        assert self.read(a=(K.INT64, 1), z=(K.STRING, "new")) == Evolving(1)

    @pytest.mark.parametrize("kind", [K.INT8, K.INT16, K.INT32, K.INT64, K.NULLABLE_INT8, K.NULLABLE_INT64])
    def test_an_int_takes_every_integer(self, kind: FieldKind) -> None:
        assert self.read(a=(kind, 5)) == Evolving(5)

    def test_a_float_takes_every_float(self) -> None:
        assert self.read(a=(K.INT8, 5), d=(K.FLOAT32, 1.5)) == Evolving(5, d=1.5)

    def test_arrays(self) -> None:
        assert self.read(a=(K.INT8, 5), c=(K.ARRAY_OF_NULLABLE_INT16, [1, 2])).c == [1, 2]

    @pytest.mark.parametrize(
        ("name", "kind", "value"),
        [
            ("a", K.STRING, "1"),
            ("a", K.FLOAT64, 1.0),
            ("a", K.NULLABLE_INT64, None),
            ("c", K.INT64, 1),
            ("c", K.ARRAY_OF_NULLABLE_INT64, [None]),
        ],
    )
    def test_what_the_hint_does_not_allow(self, name: str, kind: FieldKind, value: Any) -> None:
        with pytest.raises(HazelcastSerializationError, match=f"{name!r} of 'Evolving'"):
            self.read(**{name: (kind, value)})

    def test_an_unknown_member_of_an_enum(self) -> None:
        data = compact_record(f"{MODULE}.Colored", {"color": (K.STRING, "GREEN")})
        with pytest.raises(HazelcastSerializationError, match="'color' of .*Colored' cannot be read .*GREEN"):
            read_elsewhere(data)


@dataclass
class Computing:
    a: int
    double: int = field(init=False)
    kept: list[int] = field(init=False, default_factory=list)
    rest: int = field(init=False)

    def __post_init__(self) -> None:
        self.double = self.a * 2
        self.kept.append(self.a)


@dataclass
class Colored:
    color: Color


@dataclass
class Loose:
    """Class whose hints mean nothing to the application."""

    integer: int = 0
    text: str = ""
    day: datetime.date = datetime.date(2024, 1, 1)
    instant: datetime.datetime = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    items: list[int] = field(default_factory=list)
    flag: bool = False
    color: Color = Color.RED


UNFIT: list[dict[str, Any]] = [
    {"integer": 1 << 63},
    {"integer": None},
    {"integer": 1.5},
    {"integer": "1"},
    {"text": 5},
    {"text": "\ud800"},
    {"day": datetime.datetime(2024, 1, 1)},
    {"instant": datetime.datetime(2024, 1, 1)},
    {"items": (1, 2)},
    {"items": [None]},
    {"items": ["x"]},
    {"flag": 1},
    {"color": "RED"},
]


class TestFallback:
    """What the official client pickles still works, in one form or the other."""

    @pytest.mark.parametrize("values", UNFIT, ids=repr)
    def test_values_that_are_not_what_the_hints_say(
        self, values: dict[str, Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        service = SerializationService()
        obj = Loose(**values)
        with caplog.at_level(logging.WARNING):
            data = service.encode(["before", obj, "after"])
            service.encode(obj)
        assert service.encode(obj)[4:8] == PICKLE
        assert service.decode(data) == ["before", obj, "after"]
        (record,) = caplog.records
        assert f"some objects of {MODULE}.Loose are pickled" in record.message
        assert f"field '{next(iter(values))}'" in record.message

    @pytest.mark.parametrize("values", UNFIT, ids=repr)
    def test_they_are_errors_without_pickle(self, values: dict[str, Any]) -> None:
        service = SerializationService(SerializationOptions(pickle_enabled=False))
        assert service.encode(Loose())[4:8] == COMPACT
        with pytest.raises(HazelcastSerializationError, match=f"'{next(iter(values))}' of '.*Loose'"):
            service.encode(Loose(**values))

    def test_they_are_errors_of_a_class_that_was_declared_compact(self) -> None:
        with pytest.raises(HazelcastSerializationError, match="the INT32 field 'a' of 'com.acme.Declared'"):
            SerializationService().encode(Declared(1 << 31))

    def test_a_nested_object_takes_all_with_it(self) -> None:
        tree = Tree(1, [Tree("x", [])])  # type: ignore[arg-type]
        assert is_pickled(tree)

    def test_but_no_class_that_was_declared_compact(self) -> None:
        @compact(type_name="com.acme.Forest")
        @dataclass
        class Forest:
            tree: Tree

        with pytest.raises(HazelcastSerializationError, match="the INT64 field 'value' of '.*Tree'"):
            SerializationService().encode(Forest(Tree("x", [])))  # type: ignore[arg-type]

    def test_a_cycle_is_pickled(self) -> None:
        tree = Tree(1, [])
        tree.children.append(Tree(2, [], parent=tree))
        service = SerializationService()
        read = service.decode(service.encode(tree))
        assert read.children[0].parent is read

    @pytest.mark.parametrize(
        "hint",
        [
            Any,
            object,
            int | str,
            list,
            tuple[int, str],
            list[list[int]],
            dict[str, list[int]],
            complex,
            range,
            "NoSuchName",
            Annotated[str, FieldKind.INT32],
            Annotated[int, FieldKind.COMPACT],
            typing.Callable[[], int],
        ],
        ids=str,
    )
    def test_hints_without_a_kind(self, hint: Any) -> None:
        cls = made("Unmapped", hint)
        globals()["Unmapped"] = cls
        try:
            assert is_pickled(cls(1))
            declared: Any = compact(type_name="com.acme.Unmapped")(cls)
            with pytest.raises(
                HazelcastSerializationError, match="Unmapped cannot be written as compact data"
            ):
                SerializationService().encode(declared(1))
        finally:
            del globals()["Unmapped"]

    def test_errors_do_not_pile_up(self) -> None:
        """One that is raised again would hold on to the frames of all who asked before."""
        service = SerializationService()
        cls: Any = compact(type_name="com.acme.Mixed")(made("Mixed", tuple[int, str]))
        depths: list[int] = []
        for _ in range(3):
            with pytest.raises(HazelcastSerializationError) as raised:
                service.encode(cls((1, "x")))
            assert raised.value.__cause__ is not None
            depths.append(len(traceback.extract_tb(raised.value.__cause__.__traceback__)))
        assert depths[1:] == depths[:1] * 2

    def test_combined_flags(self) -> None:
        assert round_trip(Permitted(Permission.READ)) == Permitted(Permission.READ)
        assert is_pickled(Permitted(Permission.READ | Permission.WRITE))

    @pytest.mark.parametrize("method", ["__reduce__", "__getstate__", "__setstate__", "__getnewargs__"])
    def test_a_class_with_a_way_of_its_own(self, method: str) -> None:
        cls = made("OwnWay", int)
        assert SerializationService().compact.handles_by_default(cls)
        cls = made("OwnWay", int, namespace={method: lambda self, *args: None})
        assert not SerializationService().compact.handles_by_default(cls)

    def test_a_class_with_a_state_beside_its_fields(self) -> None:
        assert is_pickled(Numbered([("a", 1)]))
        assert is_pickled(Failure("x"))

    def test_a_subclass_that_is_no_dataclass_itself(self) -> None:
        assert is_pickled(PlainPoint(1, 2))

    def test_earlier_pickles_are_read(self) -> None:
        text = pickle.dumps(Point(1, 2), 0)
        data = bytes(4) + PICKLE + len(text).to_bytes(4, "big") + text
        assert SerializationService().decode(data) == Point(1, 2)


@dataclass
class Permitted:
    permission: Permission


@dataclass
class Numbered(dict[str, int]):
    content: Any = None

    def __init__(self, items: Any) -> None:
        super().__init__(items)


@dataclass
class Failure(Exception):
    a: str


class PlainPoint(Point):
    pass


@dataclass
class Holding:
    held: Anything


class TestRank:
    class PointSerializer(StreamSerializer):
        def get_type_id(self) -> int:
            return 10

        def write(self, out: ObjectDataOutput, obj: Any) -> None:
            out.write_long(obj.x)
            out.write_long(obj.y)

        def read(self, inp: ObjectDataInput) -> Point:
            return Point(inp.read_long(), inp.read_long())

    @pytest.mark.parametrize(
        "options",
        [
            SerializationOptions(custom_serializers={Point: PointSerializer}),
            SerializationOptions(custom_serializers={object: PointSerializer}),
            SerializationOptions(global_serializer=PointSerializer),
        ],
        ids=["class", "base", "global"],
    )
    def test_serializers_of_the_application_come_first(self, options: SerializationOptions) -> None:
        service = SerializationService(options)
        data = service.encode(Point(1, 2))
        assert data[4:8] == (10).to_bytes(4, "big")
        assert service.decode(data) == Point(1, 2)

    def test_a_dataclass_in_a_compact_serializer(self) -> None:
        service = SerializationService(SerializationOptions(compact_serializers=[AnythingSerializer()]))
        obj = Anything([("p", K.COMPACT, Point(1, 2)), ("ps", K.ARRAY_OF_COMPACT, [Point(3, 4)])])
        assert service.decode(service.encode(obj)) == obj

    def test_a_class_with_a_compact_serializer_in_a_dataclass(self) -> None:
        service = SerializationService(SerializationOptions(compact_serializers=[AnythingSerializer()]))
        obj = Holding(Anything([("a", K.STRING, "x")]))
        data = service.encode(obj)
        assert data[4:8] == COMPACT
        assert service.decode(data) == obj


@dataclass
class Oldest:
    z: str
    n: Int32
    c: str


@dataclass(slots=True)
class Older(Oldest):
    w: decimal.Decimal
    d: dict[str, str]


@dataclass
class Mixin:
    q: str


@dataclass
class Youngest(Older, Mixin):
    c: str  # declared again: a field of the youngest class
    a: list[str] | None
    y: str


class YoungestSerializer(CompactSerializer[Youngest]):
    """Writes the fields as Java's reflection does: those of the class, then those of each base."""

    def get_type_name(self) -> str:
        return type_name_of(Youngest) or ""

    def get_class(self) -> type[Youngest]:
        return Youngest

    def write(self, writer: CompactWriter, obj: Youngest) -> None:
        writer.write_string("c", obj.c)
        writer.write_array_of_string("a", obj.a)
        writer.write_string("y", obj.y)
        writer.write_decimal("w", obj.w)
        writer.write_array_of_string("d!keys", list(obj.d))
        writer.write_array_of_string("d!values", list(obj.d.values()))
        writer.write_string("z", obj.z)
        writer.write_int32("n", obj.n)
        writer.write_string("q", obj.q)

    def read(self, reader: CompactReader) -> Youngest:
        raise AssertionError("only written")


@pytest.mark.parametrize("a", [None, ["one", "two"]])
def test_values_are_written_in_the_order_in_which_java_declares_them(a: list[str] | None) -> None:
    obj = Youngest(q="q", z="z", n=1, c="c", w=decimal.Decimal("1.5"), d={"k": "v"}, a=a, y="y")
    explicit = SerializationService(SerializationOptions(compact_serializers=[YoungestSerializer()]))
    plain = SerializationService()
    assert plain.encode(obj) == explicit.encode(obj)
    assert plain.decode(plain.encode(obj)) == obj
