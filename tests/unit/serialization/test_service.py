"""Which serializer takes which object, and what is refused."""

import collections
import datetime
import decimal
import enum
import fractions
import os
import pickle
import sys
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

import pytest

from hzclient.core import Address, HazelcastJsonValue
from hzclient.errors import (
    HazelcastInstanceNotActiveError,
    HazelcastSerializationError,
    IllegalArgumentError,
)
from hzclient.serialization import SerializationServiceV1, java
from hzclient.serialization._hash import partition_hash
from hzclient.serialization._options import BytesType, IntType, SerializationOptions
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import (
    CompactReader,
    CompactSerializer,
    CompactWriter,
    IdentifiedDataSerializable,
    ObjectDataInput,
    ObjectDataOutput,
    StreamSerializer,
)
from hzclient.serialization.data import Data
from hzclient.serialization.identified import INT, STRING, Record

ID = 500
OTHER_ID = 501


class Point:
    def __init__(self, x: int = 0) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Point) and other.x == self.x

    def __hash__(self) -> int:
        return hash(self.x)


class Pixel(Point):
    pass


class PointSerializer(StreamSerializer):
    destroyed = 0

    def write(self, out: ObjectDataOutput, obj: Any) -> None:
        out.write_int(obj.x)

    def read(self, inp: ObjectDataInput) -> Any:
        return Point(inp.read_int())

    def get_type_id(self) -> int:
        return ID

    def destroy(self) -> None:
        type(self).destroyed += 1


class ReprSerializer(StreamSerializer):
    def write(self, out: ObjectDataOutput, obj: Any) -> None:
        out.write_string(repr(obj))

    def read(self, inp: ObjectDataInput) -> Any:
        return ("repr", inp.read_string())

    def get_type_id(self) -> int:
        return OTHER_ID


class SameIdSerializer(ReprSerializer):
    def get_type_id(self) -> int:
        return ID


class BuiltinIdSerializer(ReprSerializer):
    def get_type_id(self) -> int:
        return -7


class PointCompactSerializer(CompactSerializer[Point]):
    def read(self, reader: CompactReader) -> Point:
        return Point(reader.read_int32("x"))

    def write(self, writer: CompactWriter, obj: Point) -> None:
        writer.write_int32("x", obj.x)

    def get_class(self) -> type[Point]:
        return Point

    def get_type_name(self) -> str:
        return "point"


class Employee(Record):
    FACTORY_ID = 3
    CLASS_ID = 4
    FIELDS = (STRING, INT)


class Color(enum.IntEnum):
    RED = 1


class Text(str):
    __slots__ = ()


def service(**options: Any) -> SerializationService:
    return SerializationService(SerializationOptions(**options))


def type_id(data: bytes) -> int:
    return Data(data).get_type()


# ------------------------------------------------------------------------------------- who writes what


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, -4),
        (1, -7),
        (1.5, -10),
        ("a", -11),
        (Text("a"), -11),
        (bytearray(b"a"), -12),
        ([1], -29),
        (datetime.date(2024, 1, 1), -51),
        (datetime.datetime(2024, 1, 1), -54),
        (HazelcastJsonValue("1"), -130),
        (Employee("Ada", 36), -2),
        (b"a", -120),
        ((1, 2), -120),
        ({"a": 1}, -120),
        ({1}, -120),
        (Color.RED, -120),
        (collections.OrderedDict(a=1), -120),
        (Point(1), -120),
        (java.short(1), -6),
    ],
    ids=repr,
)
def test_default_type(value: Any, expected: int) -> None:
    assert type_id(service().encode(value)) == expected
    assert type_id(service(is_big_endian=False).encode(value)) == expected


def test_order_of_serializers() -> None:
    custom = {Point: PointSerializer, bytes: ReprSerializer}
    assert type_id(service(custom_serializers=custom).encode(Point())) == ID
    assert type_id(service(custom_serializers=custom).encode(b"a")) == OTHER_ID
    both = service(custom_serializers=custom, compact_serializers=[PointCompactSerializer()])
    assert type_id(both.encode(Point())) == -55
    assert type_id(both.encode(Pixel())) == ID  # compact serializers take no subclasses


def test_custom_serializer_takes_subclasses() -> None:
    with_base = service(custom_serializers={Point: PointSerializer, object: ReprSerializer})
    assert with_base.decode(with_base.encode(Pixel(7))) == Point(7)
    assert with_base.decode(with_base.encode({1})) == ("repr", "{1}")
    assert with_base.decode(with_base.encode(5)) == 5


def test_global_serializer_takes_the_rest() -> None:
    with_global = service(global_serializer=ReprSerializer, custom_serializers={Point: PointSerializer})
    assert with_global.decode(with_global.encode((1,))) == ("repr", "(1,)")
    assert type_id(with_global.encode(Point())) == ID
    assert with_global.decode(with_global.encode("text")) == "text"


def test_global_serializer_reads_without_having_written() -> None:
    data = service(global_serializer=ReprSerializer).encode((1,))
    assert service(global_serializer=ReprSerializer).decode(data) == ("repr", "(1,)")


def test_nested_objects() -> None:
    with_all = service(
        custom_serializers={Point: PointSerializer}, data_serializable_factories={3: {4: Employee}}
    )
    value = [Point(1), [Employee("Ada", 36), None], {"pickled": True}]
    assert with_all.decode(with_all.encode(value)) == value


# ---------------------------------------------------------------------------------------- registration


@pytest.mark.parametrize("cls", [int, str, bool, list, float, datetime.date])
def test_builtin_types_keep_their_serializer(cls: type) -> None:
    with pytest.raises(ValueError, match=cls.__name__):
        service(custom_serializers={cls: ReprSerializer})

    class Serializer(PointCompactSerializer):
        def get_class(self) -> Any:
            return cls

    with pytest.raises(IllegalArgumentError, match=cls.__name__):
        service(compact_serializers=[Serializer()])


def test_type_ids_are_taken_once() -> None:
    with pytest.raises(ValueError, match="500.*SameIdSerializer.*PointSerializer"):
        service(custom_serializers={Point: PointSerializer, set: SameIdSerializer})
    with pytest.raises(ValueError, match="500"):
        service(custom_serializers={Point: PointSerializer}, global_serializer=SameIdSerializer)
    with pytest.raises(ValueError, match="-7"):
        service(global_serializer=BuiltinIdSerializer)
    shared = service(custom_serializers={set: ReprSerializer, dict: ReprSerializer})
    assert shared.decode(shared.encode({})) == ("repr", "{}")


@pytest.mark.parametrize("taken", [0, -7, -56, -102, -120, -130, -303, -310, -313, -326])
def test_type_ids_that_are_read_otherwise_are_refused(taken: int) -> None:
    class Serializer(ReprSerializer):
        def get_type_id(self) -> int:
            return taken

    with pytest.raises(ValueError, match=f"type id {taken} of .* belongs to Hazelcast"):
        service(custom_serializers={set: Serializer})


def test_destroy() -> None:
    PointSerializer.destroyed = 0
    with_custom = service(custom_serializers={Point: PointSerializer})
    with_custom.destroy()
    with_custom.destroy()
    assert PointSerializer.destroyed == 1
    with pytest.raises(HazelcastInstanceNotActiveError):
        with_custom.decode(bytes(4) + (12345).to_bytes(4, "big"))


def test_a_serializer_that_cannot_be_destroyed(caplog: pytest.LogCaptureFixture) -> None:
    class Stubborn(ReprSerializer):
        def destroy(self) -> None:
            raise RuntimeError("not me")

    PointSerializer.destroyed = 0
    service(custom_serializers={set: Stubborn, Point: PointSerializer}).destroy()
    assert PointSerializer.destroyed == 1
    (message,) = caplog.messages
    assert "Stubborn cannot be destroyed" in message
    assert "not me" in caplog.text


# ---------------------------------------------------------------------------------------------- errors


def test_unknown_types_are_named() -> None:
    for unknown, said in ((12345, "register"), (-100, "only Java"), (-110, "only .NET")):
        with pytest.raises(HazelcastSerializationError, match=f"{unknown}: .*{said}"):
            service().decode(bytes(4) + unknown.to_bytes(4, "big", signed=True) + b"1234")


def test_identified_needs_a_factory() -> None:
    data = service().encode(Employee("Ada", 36))
    with pytest.raises(HazelcastSerializationError, match="no factory 3"):
        service().decode(data)
    with pytest.raises(HazelcastSerializationError, match="factory 3 .* no class id 4"):
        service(data_serializable_factories={3: {5: Employee}}).decode(data)


def test_java_data_serializable_is_refused() -> None:
    with pytest.raises(HazelcastSerializationError, match="IdentifiedDataSerializable"):
        service().decode(bytes(4) + (-2).to_bytes(4, "big", signed=True) + b"\0" + bytes(20))


def test_versioned_identified() -> None:
    known = service(data_serializable_factories={3: {4: Employee}})
    plain = known.encode(Employee("Ada", 36))
    versioned = plain[:8] + b"\x03" + plain[9:17] + b"\x05\x07" + plain[17:]
    assert known.decode(versioned) == Employee("Ada", 36)


class Broken(IdentifiedDataSerializable):
    def get_factory_id(self) -> int:
        return 1

    def get_class_id(self) -> int:
        return 1

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        raise LookupError

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        raise KeyError("missing")


def test_errors_of_user_code_are_wrapped() -> None:
    with pytest.raises(HazelcastSerializationError, match="Broken: LookupError") as raised:
        service().encode(Broken())
    assert isinstance(raised.value.__cause__, LookupError)
    data = service().encode(Employee("Ada", 36))
    with pytest.raises(HazelcastSerializationError, match="KeyError: 'missing'") as raised:
        service(data_serializable_factories={3: {4: Broken}}).decode(data)
    assert isinstance(raised.value.__cause__, KeyError)


def test_none() -> None:
    assert service().encode_optional(None) is None
    assert service().decode(None) is None
    assert service().decode(b"") is None
    assert service().decode(bytes(8)) is None
    with pytest.raises(HazelcastSerializationError, match="None"):
        service().encode(None)


def test_cycles_are_refused() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(HazelcastSerializationError, match="nested"):
        service().encode(cycle)


def test_deep_nesting_is_refused() -> None:
    data = bytes(4) + (-29).to_bytes(4, "big", signed=True)
    one = (1).to_bytes(4, "big") + (-29).to_bytes(4, "big", signed=True)
    with pytest.raises(HazelcastSerializationError, match="nested"):
        service().decode(data + one * 100_000 + bytes(4))
    assert service().decode(data + one * 50 + bytes(4)) is not None


# ---------------------------------------------------------------------------------------------- pickle


@pytest.mark.parametrize(
    "value",
    [
        {"name": "José", "data": b"\xff\x00\xe9"},
        b"\xc3\xa9",
        {"Ã©"},
        (1, None),
        complex(1, 2),
        (HazelcastJsonValue("{}"), Address("a", 1)),
    ],
    ids=repr,
)
def test_pickles(value: Any) -> None:
    data = service().encode(value)
    assert service().decode(data) == value
    assert data[12:].decode()


def test_pickle_of_protocol_0_stays_as_it_is() -> None:
    """Clusters hold keys in this form, so the bytes must stay those of the official client."""
    value = {"k": (1, "Ã©")}
    assert service().encode(value)[12:] == pickle.dumps(value, 0)


def test_pickle_can_be_turned_off() -> None:
    data = service().encode({"a": 1})
    safe = service(pickle_enabled=False)
    with pytest.raises(HazelcastSerializationError, match=r"builtins\.dict.*pickle_enabled"):
        safe.encode({"a": 1})
    with pytest.raises(HazelcastSerializationError, match=r"builtins\.dict"):
        safe.encode([{"a": 1}])
    with pytest.raises(HazelcastSerializationError, match="pickle_enabled"):
        safe.decode(data)
    assert safe.decode(safe.encode("text")) == "text"


def test_what_cannot_be_pickled_is_named() -> None:
    with pytest.raises(HazelcastSerializationError, match="cannot pickle a builtins.function"):
        service().encode(lambda: None)
    broken = service().encode_optional({"a": 1}) or b""
    with pytest.raises(HazelcastSerializationError, match="cannot unpickle"):
        service().decode(broken[:12] + broken[12:].replace(b".", b"!"))


class Permitted:
    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Permitted) and other.x == self.x

    __hash__ = None  # type: ignore[assignment]


class Hostile:
    """Calls a function when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


PLAIN: list[Any] = [
    *(None, True, 7, 1 << 80, 1.5, 2j, "text", "é\u20ac", b"", b"\xff\x00", bytearray(b"x")),
    *((), (1, "a"), {"a": [1]}, {1, 2}, frozenset({3}), range(3), slice(1, 2)),
    *(OrderedDict(a=1), defaultdict(list, a=[1]), deque([1, 2]), Counter("aab")),
    datetime.datetime(2024, 5, 6, 7, 8, 9, 10, datetime.UTC),
    *(datetime.date(1, 1, 1), datetime.time(1), datetime.timedelta(1), datetime.UTC),
    *(decimal.Decimal("1.50"), fractions.Fraction(1, 3), uuid.UUID(int=5)),
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_allow_list_lets_plain_data_pass(value: Any) -> None:
    strict = service(pickle_allowed=frozenset())
    # In a tuple, which is pickled as a whole.
    data = strict.encode((value,))
    assert data == service().encode((value,))
    assert strict.decode(data) == (value,)


def test_allow_list_lets_its_classes_pass() -> None:
    strict = service(pickle_allowed=frozenset({f"{__name__}.Permitted"}))
    value = {"a": Permitted([Permitted(1)])}
    assert strict.encode(value) == service().encode(value)
    assert strict.decode(strict.encode(value)) == value


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Permitted(1), rf"{__name__}\.Permitted"),
        ([(Permitted(1),)], rf"{__name__}\.Permitted"),
        ((Hostile(print, "ran"),), r"builtins\.print"),
        ((Hostile(os.system, "true"),), rf"{os.system.__module__}\.system"),
        ((Hostile(eval, "1"),), r"builtins\.eval"),
        ((Hostile(getattr, Permitted, "__init__"),), "builtins.getattr"),
        ((print,), r"builtins\.print"),
        ((type(None),), r"builtins\.(type|NoneType)"),
    ],
)
def test_allow_list_refuses_the_rest(value: Any, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    strict = service(pickle_allowed=frozenset({"other.Name"}))
    data = service().encode(value)
    with pytest.raises(HazelcastSerializationError, match=f"{name}, which pickle_allowed does not list"):
        strict.decode(data)
    with pytest.raises(HazelcastSerializationError, match="pickle_allowed does not list"):
        strict.encode(value)
    assert capsys.readouterr().out == ""


def test_allow_list_does_not_import_what_it_refuses() -> None:
    pickled = b"cantigravity\ngeohash\n(tR."
    head = bytes(4) + (-120).to_bytes(4, "big", signed=True)
    with pytest.raises(HazelcastSerializationError, match=r"antigravity\.geohash"):
        service(pickle_allowed=frozenset()).decode(head + len(pickled).to_bytes(4, "big") + pickled)
    assert "antigravity" not in sys.modules


def test_pickle_that_is_off_stays_off_with_an_allow_list() -> None:
    strict = service(pickle_enabled=False, pickle_allowed=frozenset({f"{__name__}.Permitted"}))
    with pytest.raises(HazelcastSerializationError, match="pickle is turned off"):
        strict.encode(Permitted(1))


# ----------------------------------------------------------------------------------------------- bytes


@pytest.mark.parametrize("value", [b"", b"abc", bytes(range(256)) * 300])
def test_bytes_as_a_byte_array(value: bytes) -> None:
    arrays = service(bytes_type=BytesType.BYTE_ARRAY)
    data = arrays.encode(value)
    assert data == service().encode(bytearray(value))
    assert (arrays.decode(data), type(arrays.decode(data))) == (value, bytes)
    assert type(service().decode(data)) is bytearray
    # Within another value, which is written by a stream.
    assert arrays.decode(arrays.encode([value])) == [value]
    assert type(arrays.decode(arrays.encode([value]))[0]) is bytes


def test_bytes_are_pickled_by_default() -> None:
    assert type_id(service().encode(b"abc")) == -120


def test_serializer_for_bytes_takes_precedence() -> None:
    class BytesSerializer(PointSerializer):
        def write(self, out: ObjectDataOutput, obj: Any) -> None:
            out.write_string(obj.hex())

        def read(self, inp: ObjectDataInput) -> Any:
            return bytes.fromhex(inp.read_string() or "")

    own = service(bytes_type=BytesType.BYTE_ARRAY, custom_serializers={bytes: BytesSerializer})
    assert type_id(own.encode(b"abc")) == BytesSerializer().get_type_id()
    assert own.decode(own.encode(b"abc")) == b"abc"


# ------------------------------------------------------------------------------------------ partitions


class KeyWithGroup(Point):
    def __init__(self, x: int, group: Any) -> None:
        super().__init__(x)
        self.group = group

    def get_partition_key(self) -> Any:
        return self if self.group == "self" else self.group


@pytest.mark.parametrize("big", [True, False])
def test_partition_key(big: bool) -> None:
    grouped = service(custom_serializers={Point: PointSerializer}, is_big_endian=big)
    plain = grouped.encode(Point(1))
    assert plain[:4] == bytes(4)
    data = grouped.encode(KeyWithGroup(1, "group"))
    assert data[4:] == plain[4:]
    assert partition_hash(data) == partition_hash(grouped.encode("group"))
    for group in (None, "self"):
        assert grouped.encode(KeyWithGroup(1, group)) == plain
    # The key of a key is not looked at.
    assert grouped.encode(KeyWithGroup(1, KeyWithGroup(2, "x"))) == grouped.encode(KeyWithGroup(1, Point(2)))
    assert partition_hash(grouped.encode("a", lambda key: key + "b")) == partition_hash(grouped.encode("ab"))


# ---------------------------------------------------------------------------------- the public service


class Config:
    is_big_endian = True
    default_int_type = IntType.INT
    portable_version = 0
    data_serializable_factories: dict[int, Any] = {}
    portable_factories: dict[int, Any] = {}
    compact_serializers: list[Any] = []
    class_definitions: list[Any] = []
    check_class_definition_errors = True
    global_serializer = None
    custom_serializers: dict[type, Any] = {}
    pickle_enabled = True
    pickle_allowed = None
    bytes_type = 0


def test_public_service() -> None:
    public = SerializationServiceV1(Config())
    data = public.to_data("text")
    assert isinstance(data, Data)
    assert public.to_data(data) is data
    assert public.to_data(None) is None
    assert public.to_object(data) == "text"
    assert public.to_object("not data") == "not data"
    assert public.to_object(None) is None
    assert public.compact_stream_serializer is not None
    public.destroy()


def test_data_as_a_value() -> None:
    data = service().encode("text")
    assert service().encode(Data(data)) == data
    with pytest.raises(HazelcastSerializationError, match="serialized data"):
        service().encode([Data(data)])


def test_data() -> None:
    data = Data(service().encode("text"))
    assert (data.get_type(), len(data), data.total_size(), data.data_size()) == (-11, 16, 16, 8)
    assert data == Data(bytes(data.buffer))
    assert hash(data) == hash(Data(bytes(data.buffer))) == hash(data.hash_code())
    assert data != Data(service().encode("Text"))
    assert not data.is_portable()
    empty = Data(b"")
    assert (empty.get_type(), empty.data_size(), len(empty)) == (0, 0, 0)
