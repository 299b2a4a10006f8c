"""Compact data: the format, its limits, evolution, and what is refused."""

import datetime
import decimal
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.errors import HazelcastSerializationError, IllegalArgumentError
from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._schema import Schema
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import CompactReader, CompactWriter, FieldKind
from hzclient.serialization.compact import SchemaNotFoundError
from hzclient.serialization.generic_record import compact_record

from .compact_fields import KINDS, NEVER_NONE, Anything, AnythingSerializer, Field, Nested, World, fields

K = FieldKind


class TestRoundTrip:
    @given(fields(), st.booleans())
    def test_any_fields(self, written: list[Field], big_endian: bool) -> None:
        world = World(big_endian)
        obj = Anything(written)
        assert world.service.decode(world.service.encode(obj)) == obj

    @pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
    def test_every_kind_has_methods(self, kind: FieldKind) -> None:
        name = kind.name.lower()
        assert hasattr(CompactWriter, f"write_{name}")
        assert hasattr(CompactReader, f"read_{name}")

    @pytest.mark.parametrize("length", [*range(244, 262), *range(65524, 65542)])
    def test_around_the_widths_of_offsets(self, length: int) -> None:
        world = World()
        obj = Anything([("a", K.STRING, "x" * length), ("b", K.STRING, None), ("c", K.NULLABLE_INT8, 7)])
        data = world.service.encode(obj)
        assert world.service.decode(data) == obj
        # The string has a length of its own, and the byte follows it.
        data_length = 4 + length + 1
        width = 1 if data_length < 255 else 2 if data_length < 65535 else 4
        assert len(data) == 8 + 8 + 4 + data_length + 3 * width

    @pytest.mark.parametrize("count", [49, 50, 51, 13105, 13106, 13107, 13108])
    def test_around_the_widths_of_item_offsets(self, count: int) -> None:
        world = World()
        items = [None if index % 10 == 0 else "x" for index in range(count)]
        obj = Anything([("a", K.ARRAY_OF_STRING, items)])
        assert world.service.decode(world.service.encode(obj)) == obj

    @given(st.lists(st.booleans(), max_size=40))
    def test_bits(self, values: list[bool]) -> None:
        world = World()
        obj = Anything(
            [(f"b{index:02}", K.BOOLEAN, value) for index, value in enumerate(values)]
            + [("array", K.ARRAY_OF_BOOLEAN, values)]
        )
        assert world.service.decode(world.service.encode(obj)) == obj

    @pytest.mark.parametrize("kind", [K.FLOAT32, K.FLOAT64, K.NULLABLE_FLOAT32, K.ARRAY_OF_FLOAT64])
    def test_there_is_one_nan(self, kind: FieldKind) -> None:
        def encode(value: float) -> bytes:
            return World().encode(("a", kind, [value] if kind == K.ARRAY_OF_FLOAT64 else value))

        assert encode(math.nan) == encode(math.copysign(math.nan, -1))

    def test_zero_keeps_its_sign(self) -> None:
        world = World()
        value = world.read_as(world.encode(("a", K.FLOAT64, -0.0)), lambda r: r.read_float64("a"))
        assert math.copysign(1, value) == -1

    def test_decimals_keep_their_exponents(self) -> None:
        world = World()
        for text in ("1E+3", "0E-10", "-12.3400"):
            data = world.encode(("a", K.DECIMAL, decimal.Decimal(text)))
            assert (
                world.read_as(data, lambda r: r.read_decimal("a")).as_tuple()
                == decimal.Decimal(text).as_tuple()
            )

    def test_compact_objects_in_lists(self) -> None:
        world = World()
        objects = [Anything([("a", K.INT32, 1)]), "between", Anything([("a", K.INT32, 2)])]
        assert world.service.decode(world.service.encode(objects)) == objects

    def test_deep_nesting(self) -> None:
        world = World()
        obj: Any = None
        for _ in range(50):
            obj = Anything([("a", K.COMPACT, obj)])
        assert world.service.decode(world.service.encode(obj)) == obj


class TestSchema:
    @given(fields(), st.randoms())
    def test_the_order_of_writing_does_not_matter(self, written: list[Field], random: Any) -> None:
        shuffled = random.sample(written, len(written))
        first, second = (Schema("t", [(n, k) for n, k, _ in order]) for order in (written, shuffled))
        assert first == second
        assert first.schema_id == second.schema_id

    def test_names_are_in_the_order_of_utf_16(self) -> None:
        schema = Schema("t", [("\uff41", K.INT32), ("\U0001f600", K.INT32)])
        assert [field.field_name for field in schema.fields] == ["\U0001f600", "\uff41"]

    @pytest.mark.parametrize("kind", [K.NOT_AVAILABLE, K.CHAR, K.ARRAY_OF_PORTABLE, 47, -1])
    def test_kinds_that_compact_data_has_not(self, kind: int) -> None:
        with pytest.raises(HazelcastSerializationError, match="'f' of 't' has the kind"):
            Schema("t", [("f", kind)])

    def test_a_name_twice(self) -> None:
        with pytest.raises(HazelcastSerializationError, match="'f' of 't' comes twice"):
            Schema("t", [("f", K.INT8), ("f", K.INT16)])


class TestReplication:
    def test_a_new_schema_awaits_replication(self) -> None:
        world = World()
        assert not world.service.schemas.unreplicated
        world.encode(("a", K.INT32, 1))
        world.encode(("a", K.INT32, 2))
        assert world.schema() == Schema("anything", [("a", K.INT32)])

    def test_a_value_of_several_new_schemas_leaves_them_all(self) -> None:
        world = World()
        world.encode(("a", K.COMPACT, Nested([("n", K.INT8, 1)])))
        names = {schema.type_name for schema in world.service.schemas.unreplicated.values()}
        assert names == {"anything", "nested"}

    def test_an_unknown_schema_is_named(self) -> None:
        world = World()
        data = world.encode(("a", K.INT32, 1))
        with pytest.raises(SchemaNotFoundError) as caught:
            SerializationService().decode(data)
        assert caught.value.schema_id == world.schema().schema_id


class TestReading:
    def test_another_kind(self) -> None:
        world = World()
        data = world.encode(("a", K.INT8, 1))
        with pytest.raises(
            HazelcastSerializationError, match="'a' of 'anything' is INT8, and cannot be read as INT32"
        ):
            world.read_as(data, lambda r: r.read_int32("a"))

    def test_an_absent_field(self) -> None:
        world = World()
        data = world.encode(("a", K.INT8, 1))
        with pytest.raises(HazelcastSerializationError, match="'anything' in the schema .* has no field 'b'"):
            world.read_as(data, lambda r: r.read_int32("b"))

    def test_field_kinds(self) -> None:
        world = World()
        data = world.encode(("a", K.INT8, 1))
        kinds = world.read_as(data, lambda r: (r.get_field_kind("a"), r.get_field_kind("b")))
        assert kinds == (K.INT8, K.NOT_AVAILABLE)

    @pytest.mark.parametrize("kind", sorted(NEVER_NONE), ids=lambda kind: kind.name)
    def test_nullable_and_not(self, kind: FieldKind) -> None:
        world = World()
        name, value = kind.name.lower(), True if kind == K.BOOLEAN else 1
        written = [
            ("plain", kind, value),
            ("nullable", FieldKind[f"NULLABLE_{kind.name}"], value),
            ("none", FieldKind[f"NULLABLE_{kind.name}"], None),
            ("plains", FieldKind[f"ARRAY_OF_{kind.name}"], [value]),
            ("nullables", FieldKind[f"ARRAY_OF_NULLABLE_{kind.name}"], [value]),
            ("nones", FieldKind[f"ARRAY_OF_NULLABLE_{kind.name}"], [None, value]),
            ("no_array", FieldKind[f"ARRAY_OF_NULLABLE_{kind.name}"], None),
        ]
        data = world.encode(*written)

        def read(method: str, field: str) -> Any:
            return world.read_as(data, lambda r: getattr(r, f"read_{method}")(field))

        assert read(name, "nullable") == value
        assert read(f"nullable_{name}", "plain") == value
        assert read(f"array_of_{name}", "nullables") == [value]
        assert read(f"array_of_{name}", "no_array") is None
        assert read(f"array_of_nullable_{name}", "plains") == [value]
        for method, field in ((name, "none"), (f"array_of_{name}", "nones")):
            with pytest.raises(HazelcastSerializationError, match=f"{field!r} of 'anything' holds None"):
                read(method, field)

    @pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
    def test_defaults(self, kind: FieldKind) -> None:
        world = World()
        default = object()
        data = world.encode(("other", K.STRING if kind != K.STRING else K.DATE, None))
        read = f"read_{kind.name.lower()}_or_default"

        def read_both(reader: Any) -> list[Any]:
            return [getattr(reader, read)(name, default) for name in ("absent", "other")]

        assert world.read_as(data, read_both) == [default, default]

    def test_no_default_for_what_is_there(self) -> None:
        world = World()
        data = world.encode(("a", K.INT8, 1), ("b", K.STRING, None))
        assert world.read_as(data, lambda r: r.read_int8_or_default("a", 5)) == 1
        assert world.read_as(data, lambda r: r.read_string_or_default("b", "x")) is None


class TestWriting:
    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (K.BOOLEAN, None),
            (K.INT8, 128),
            (K.INT8, -129),
            (K.INT16, 1 << 15),
            (K.INT32, 1 << 31),
            (K.INT64, 1 << 63),
            (K.INT32, None),
            (K.INT32, "1"),
            (K.INT32, 1.5),
            (K.FLOAT32, 1e39),
            (K.FLOAT64, "1"),
            (K.NULLABLE_INT8, 128),
            (K.ARRAY_OF_INT8, [128]),
            (K.ARRAY_OF_INT32, [None]),
            (K.ARRAY_OF_INT32, [1.5]),
            (K.ARRAY_OF_BOOLEAN, [None]),
            (K.ARRAY_OF_NULLABLE_INT16, [1, 1 << 15]),
            (K.STRING, 5),
            (K.STRING, "\ud800"),
            (K.ARRAY_OF_STRING, ["a", 5]),
            (K.DECIMAL, decimal.Decimal("NaN")),
            (K.DATE, "2024-01-01"),
            (K.TIME, datetime.date(2024, 1, 1)),
        ],
        ids=repr,
    )
    def test_what_does_not_fit(self, kind: FieldKind, value: Any) -> None:
        with pytest.raises(HazelcastSerializationError, match=f"the {kind.name} field 'a' of 'anything'"):
            World().encode(("first", K.INT32, 0), ("a", kind, value))

    def test_a_field_that_only_some_objects_write(self) -> None:
        world = World()
        world.encode(("a", K.INT32, 1), ("b", K.STRING, "x"), ("c", K.BOOLEAN, True))
        rest: list[list[Field]] = [
            [("b", K.STRING, "x"), ("c", K.BOOLEAN, True)],
            [("a", K.INT32, 1), ("c", K.BOOLEAN, True)],
            [("a", K.INT32, 1), ("b", K.STRING, "x")],
        ]
        for name, written in zip("abc", rest, strict=True):
            with pytest.raises(HazelcastSerializationError, match=f"{name!r} of 'anything' was not written"):
                world.encode(*written)

    def test_a_field_that_the_first_object_did_not_write(self) -> None:
        world = World()
        world.encode(("a", K.INT32, 1))
        with pytest.raises(HazelcastSerializationError, match="'b' .* written as INT8, .* did not write it"):
            world.encode(("a", K.INT32, 1), ("b", K.INT8, 1))
        with pytest.raises(HazelcastSerializationError, match="'a' .* written as INT8, .* wrote it as INT32"):
            world.encode(("a", K.INT8, 1))

    @pytest.mark.parametrize("kind", [K.INT32, K.BOOLEAN, K.STRING, K.COMPACT, K.ARRAY_OF_COMPACT])
    def test_a_field_twice(self, kind: FieldKind) -> None:
        world = World()
        value = {K.INT32: 1, K.BOOLEAN: True}.get(kind)
        world.encode(("a", kind, value), ("b", kind, value))
        with pytest.raises(HazelcastSerializationError, match="'a' of 'anything' is written twice"):
            world.encode(("a", kind, value), ("a", kind, value))

    def test_an_array_of_several_classes(self) -> None:
        mixed = [Nested([("n", K.INT8, 1)]), compact_record("other", {"n": (K.INT8, 1)})]
        with pytest.raises(HazelcastSerializationError, match="'a' of 'anything' holds objects of several"):
            World().encode(("a", K.ARRAY_OF_COMPACT, mixed))

    def test_a_nested_class_without_serializer(self) -> None:
        with pytest.raises(HazelcastSerializationError, match="complex cannot be written as compact data"):
            World().encode(("a", K.COMPACT, 1j))

    def test_a_cycle(self) -> None:
        obj = Anything([])
        obj.fields = [("a", K.COMPACT, obj)]
        with pytest.raises(HazelcastSerializationError):
            World().service.encode(obj)


class TestRegistration:
    def test_two_serializers_for_a_class(self) -> None:
        both = [AnythingSerializer(Anything, "a"), AnythingSerializer(Anything, "b")]
        with pytest.raises(IllegalArgumentError, match="two compact serializers for the class Anything"):
            SerializationService(SerializationOptions(compact_serializers=both))

    def test_two_serializers_for_a_type_name(self) -> None:
        both = [AnythingSerializer(Anything, "a"), AnythingSerializer(Nested, "a")]
        with pytest.raises(IllegalArgumentError, match="two compact serializers for the type name 'a'"):
            SerializationService(SerializationOptions(compact_serializers=both))


class TestHostileBytes:
    @pytest.fixture
    def record(self) -> tuple[World, bytearray]:
        world = World()
        inner = Nested([("n", K.INT32, 7), ("s", K.STRING, "inner")])
        data = world.encode(
            ("i", K.INT32, 1),
            ("s", K.STRING, "text"),
            ("bits", K.ARRAY_OF_BOOLEAN, [True] * 9),
            ("names", K.ARRAY_OF_STRING, ["a", None, "b"]),
            ("one", K.COMPACT, inner),
            ("many", K.ARRAY_OF_COMPACT, [inner, None, inner]),
        )
        return world, bytearray(data)

    def test_every_cut(self, record: tuple[World, bytearray]) -> None:
        world, data = record
        for length in range(8, len(data)):
            with pytest.raises((HazelcastSerializationError, SchemaNotFoundError)):
                world.service.decode(bytes(data[:length]))

    def test_every_byte_changed(self, record: tuple[World, bytearray]) -> None:
        world, data = record
        for place in range(8, len(data)):
            for value in (0, 1, 0x7F, 0x80, 0xFF):
                changed = bytearray(data)
                changed[place] = value
                try:
                    world.service.decode(bytes(changed))
                except (HazelcastSerializationError, SchemaNotFoundError):
                    pass

    def test_records_that_share_bytes(self) -> None:
        """Each level refers to the next one twice: read naively, that takes 2 to the power of the depth."""
        world = World()
        depth = 16
        pair: Any = None
        for _ in range(depth):
            pair = Anything([("a", K.COMPACT, pair), ("b", K.COMPACT, None)])
        data = world.service.encode(pair)
        # The offset tables are all at the end, innermost first: two bytes each, the null of b last.
        tables = bytes([0xFF, 0xFF]) + bytes([0, 0xFF]) * (depth - 1)
        assert data.endswith(tables)
        shared = data[: -len(tables)] + tables[:2] + bytes(len(tables) - 2)
        with pytest.raises(HazelcastSerializationError, match="not its own"):
            world.service.decode(shared)

    def test_items_that_share_bytes(self) -> None:
        world = World()
        data = world.encode(("a", K.ARRAY_OF_STRING, ["text", None]))
        table = data.index(bytes([0, 0xFF]), 8)
        with pytest.raises(HazelcastSerializationError, match="ARRAY_OF_STRING"):
            world.service.decode(data[:table] + bytes([0, 0]) + data[table + 2 :])

    @pytest.mark.parametrize("kind", [K.ARRAY_OF_INT64, K.ARRAY_OF_BOOLEAN, K.ARRAY_OF_STRING, K.STRING])
    def test_lengths_are_checked_before_anything_is_allocated(self, kind: FieldKind) -> None:
        world = World()
        data = bytearray(world.encode(("a", kind, "" if kind == K.STRING else [])))
        # The first number of the value: a length.
        data[20:24] = (0x7FFFFFFF).to_bytes(4, "big")
        with pytest.raises(HazelcastSerializationError, match="field 'a' of 'anything' cannot be read"):
            world.service.decode(bytes(data))

    def test_an_offset_into_the_fixed_section(self) -> None:
        """The official client leaves 0 for a field that an object did not write."""
        world = World()
        data = bytearray(world.encode(("a", K.STRING, "x"), ("n", K.INT64, 1)))
        data[-1] = 0
        with pytest.raises(HazelcastSerializationError, match="its offset 0 is not among the values"):
            world.service.decode(bytes(data))
