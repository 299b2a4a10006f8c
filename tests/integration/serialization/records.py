"""Python twins of the classes of `tests/java/comparison`."""

import datetime
import decimal
import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hzclient.serialization.api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput
from hzclient.serialization.compact import Float32, Int8, Int16, Int32, Timestamp, compact
from tests.integration.serialization.describe import describe
from tests.integration.serialization.values import Values


class Color(enum.Enum):
    """An enum whose names are those of a Java enum."""

    RED = 1
    GREEN = 2
    BLUE = 3


@compact(type_name="comparison.Point")
@dataclass(frozen=True)
class Point:
    """A record within a record."""

    x: Int32
    y: int
    label: str | None

    @classmethod
    def drawn(cls, values: Values) -> "Point":
        return cls(values.integer(32), values.integer(64), values.maybe(values.text))


@compact(type_name="comparison.Ord")
@dataclass(frozen=True)
class Ord:
    """A record whose fields are not declared in the order of their names."""

    z: str | None
    a: str
    m: decimal.Decimal | None


@dataclass(frozen=True)
class Base:
    """The first base of `Derived`."""

    x: str
    n: int
    c: str


@dataclass(frozen=True)
class Middle(Base):
    """The base between the two."""

    w: str
    d: str


@compact(type_name="comparison.Derived")
@dataclass(frozen=True)
class Derived(Middle):
    """A class with fields of its own and of two bases."""

    y: str
    b: decimal.Decimal


@compact(type_name="comparison.Everything")
@dataclass
class Everything:
    """A dataclass with a field of each type that Java writes without a serializer."""

    flag: bool
    int8: Int8
    int16: Int16
    int32: Int32
    int64: int
    float32: Float32
    float64: float
    maybeFlag: bool | None
    maybeInt8: Int8 | None
    maybeInt32: Int32 | None
    maybeInt64: int | None
    maybeFloat64: float | None
    text: str | None
    decimal: decimal.Decimal | None
    date: datetime.date | None
    time: datetime.time | None
    timestamp: Timestamp | None
    offsetTimestamp: datetime.datetime | None
    color: Color | None
    bytes: bytes | None
    ints: list[Int32] | None
    longs: list[int] | None
    doubles: list[float] | None
    flags: list[bool] | None
    texts: list[str] | None
    colors: list[Color] | None
    point: Point | None
    points: list[Point] | None
    pointList: list[Point] | None
    textList: list[str] | None
    longList: list[int | None] | None
    textSet: set[str] | None
    longSet: set[int] | None
    scores: dict[str, Int32] | None
    places: dict[int, Point] | None

    @classmethod
    def drawn(cls, values: Values) -> "Everything":
        def color() -> Color:
            return values.random.choice(list(Color))

        def point() -> Point:
            return Point.drawn(values)

        def long() -> int:
            return values.integer(64)

        def integer() -> int:
            return values.integer(32)

        def some(item: Callable[[], Any]) -> Any:
            return values.maybe(lambda: values.items(item))

        return cls(
            flag=values.flag(),
            int8=values.integer(8),
            int16=values.integer(16),
            int32=integer(),
            int64=long(),
            float32=values.narrow_floating(),
            float64=values.floating(),
            maybeFlag=values.maybe(values.flag),
            maybeInt8=values.maybe(lambda: values.integer(8)),
            maybeInt32=values.maybe(integer),
            maybeInt64=values.maybe(long),
            maybeFloat64=values.maybe(values.floating),
            text=values.maybe(values.text),
            decimal=values.maybe(values.decimal),
            date=values.maybe(values.date),
            time=values.maybe(values.time),
            timestamp=values.maybe(values.timestamp),
            offsetTimestamp=values.maybe(values.offset_timestamp),
            color=values.maybe(color),
            bytes=values.maybe(values.bytes),
            ints=some(integer),
            longs=some(long),
            doubles=some(values.floating),
            flags=some(values.flag),
            texts=some(values.text),
            colors=some(color),
            point=values.maybe(point),
            points=some(point),
            pointList=some(point),
            textList=some(values.text),
            longList=some(lambda: values.maybe(long)),
            textSet=values.maybe(lambda: set(values.items(values.text))),
            longSet=values.maybe(lambda: set(values.items(long))),
            scores=values.maybe(lambda: {values.text(): integer() for _ in range(values.length())}),
            places=values.maybe(lambda: {long(): point() for _ in range(values.length())}),
        )


@compact(type_name="comparison.Evolving")
@dataclass
class Evolving:
    """A class that lacks fields of its Java twin, and has one that this lacks."""

    name: str
    age: Int32
    numbers: list[int]
    boxes: list[int]
    legacy: bool = field(default=True)


class Thing(IdentifiedDataSerializable):
    """An identified object that uses every method of the streams."""

    FACTORY_ID = 67
    CLASS_ID = 1
    METHODS = (
        *("boolean", "byte", "char", "short", "int", "long", "float", "double", "string"),
        *(
            "byte_array",
            "boolean_array",
            "char_array",
            "short_array",
            "int_array",
            "long_array",
            "float_array",
        ),
        *("double_array", "string_array", "object"),
    )

    def __init__(self, *values: Any) -> None:
        self.values = values

    @classmethod
    def drawn(cls, values: Values, depth: int) -> "Thing":
        def some(item: Callable[[], Any]) -> Any:
            return values.maybe(lambda: values.items(item))

        return cls(
            values.flag(),
            values.integer(8),
            values.letter(),
            values.integer(16),
            values.integer(32),
            values.integer(64),
            values.narrow_floating(),
            values.floating(),
            values.maybe(values.text),
            values.maybe(values.bytes),
            some(values.flag),
            some(values.letter),
            some(lambda: values.integer(16)),
            some(lambda: values.integer(32)),
            some(lambda: values.integer(64)),
            some(values.narrow_floating),
            some(values.floating),
            some(lambda: values.maybe(values.text)),
            cls.drawn(values, depth - 1) if depth else values.maybe(values.text),
        )

    def described(self) -> str:
        return f"Thing {describe(self.values)}"

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        for method, value in zip(self.METHODS, self.values, strict=True):
            getattr(object_data_output, f"write_{method}")(value)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.values = tuple(getattr(object_data_input, f"read_{method}")() for method in self.METHODS)

    def get_factory_id(self) -> int:
        return self.FACTORY_ID

    def get_class_id(self) -> int:
        return self.CLASS_ID


class Owned(IdentifiedDataSerializable):
    """A key that is placed with its owner; the twin of the Java class."""

    def __init__(self, owner: Any, number: int) -> None:
        self.owner = owner
        self.number = number

    def get_partition_key(self) -> Any:
        return self.owner

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_object(self.owner)
        object_data_output.write_int(self.number)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        raise NotImplementedError

    def get_factory_id(self) -> int:
        return Thing.FACTORY_ID

    def get_class_id(self) -> int:
        return 2
