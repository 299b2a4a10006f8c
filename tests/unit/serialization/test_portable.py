"""Portable data: the format, class definitions, evolution, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import PortableReader, PortableWriter
from hzclient.serialization.portable.classdef import ClassDefinition, ClassDefinitionBuilder, FieldType

from .portable_fields import (
    SAMPLES,
    TYPES,
    AnyPortable,
    Field,
    NestedPortable,
    OtherPortable,
    fields,
    read_as,
    service,
)

T = FieldType
NESTED = NestedPortable([("n", T.INT, 1), ("s", T.STRING, "x")])


def encode(*written: Field, **options: Any) -> bytes:
    return service(**options).encode(AnyPortable(written))


class TestRoundTrip:
    @given(fields(), st.booleans())
    def test_any_fields(self, written: list[Field], big_endian: bool) -> None:
        serialization = service(is_big_endian=big_endian)
        obj = AnyPortable(written)
        assert serialization.decode(serialization.encode(obj)) == obj

    @given(fields(), st.booleans())
    def test_a_reader_that_never_wrote(self, written: list[Field], big_endian: bool) -> None:
        obj = AnyPortable(written)
        data = service(is_big_endian=big_endian).encode(obj)
        assert service(is_big_endian=big_endian).decode(data) == obj

    @given(fields(), fields())
    def test_positions_count_from_the_start_of_the_data(
        self, first: list[Field], second: list[Field]
    ) -> None:
        objects = ["before", AnyPortable(first), [OtherPortable(second), "after"]]
        serialization = service()
        assert serialization.decode(serialization.encode(objects)) == objects

    @pytest.mark.parametrize("field_type", TYPES, ids=lambda field_type: field_type.name)
    def test_every_type_has_methods(self, field_type: FieldType) -> None:
        name = field_type.name.lower()
        assert hasattr(PortableWriter, f"write_{name}")
        assert hasattr(PortableReader, f"read_{name}")

    def test_old_names_of_strings(self) -> None:
        class Old(AnyPortable):
            def write_portable(self, writer: PortableWriter) -> None:
                writer.write_utf("s", "text")
                writer.write_utf_array("a", ["x", None])

        data = service().encode(Old())
        assert data == encode(("s", T.STRING, "text"), ("a", T.STRING_ARRAY, ["x", None]))
        assert read_as(data, lambda r: (r.read_utf("s"), r.read_utf_array("a"))) == ("text", ["x", None])

    @pytest.mark.parametrize("name", ["", "ä", "€", "😀", "a.b"])
    def test_names_that_are_not_ascii(self, name: str) -> None:
        serialization = service()
        obj = AnyPortable([(name, T.INT, 1), ("last", T.STRING, "x")])
        assert serialization.decode(serialization.encode(obj)) == obj

    def test_fields_in_another_order_than_the_definition(self) -> None:
        serialization = service()
        written: list[Field] = [
            ("a", T.INT, 1),
            ("b", T.LONG, 2),
            ("c", T.STRING, "x"),
            ("d", T.BOOLEAN, True),
        ]
        serialization.encode(AnyPortable(written))
        backwards = AnyPortable(written[::-1])
        assert serialization.decode(serialization.encode(backwards)) == backwards

    def test_deep_nesting(self) -> None:
        class Node(AnyPortable):
            def __init__(self, next_node: "Node | None" = None) -> None:
                super().__init__()
                self.next = next_node

            def write_portable(self, writer: PortableWriter) -> None:
                if self.next is None:
                    writer.write_null_portable("next", 1, 1)
                else:
                    writer.write_portable("next", self.next)

            def read_portable(self, reader: PortableReader) -> None:
                self.next = reader.read_portable("next")

        serialization = SerializationService(SerializationOptions(portable_factories={1: {1: Node}}))
        node: Any = Node()
        for _ in range(30):
            node = Node(node)
        node = serialization.decode(serialization.encode(node))
        depth = 0
        while node.next is not None:
            node, depth = node.next, depth + 1
        assert depth == 30


class TestRawData:
    class Raw(AnyPortable):
        def write_portable(self, writer: PortableWriter) -> None:
            writer.write_int("a", 5)
            out = writer.get_raw_data_output()
            out.write_string("raw")
            out.write_object([NESTED, 7])

    def test_round_trip(self) -> None:
        def read(reader: PortableReader) -> Any:
            named = reader.read_int("a")
            inp = reader.get_raw_data_input()
            return named, inp.read_string(), inp.read_object()

        assert read_as(service().encode(self.Raw()), read) == (5, "raw", [NESTED, 7])

    def test_what_follows_is_found(self) -> None:
        serialization = service()
        _, after = serialization.decode(serialization.encode([self.Raw(), "after"]))
        assert after == "after"

    def test_named_fields_come_first(self) -> None:
        class Late(AnyPortable):
            def write_portable(self, writer: PortableWriter) -> None:
                writer.get_raw_data_output()
                writer.write_int("a", 5)

        with pytest.raises(
            HazelcastSerializationError, match="'a' of .* is written as INT, after the raw data"
        ):
            service().encode(Late())

        def read(reader: PortableReader) -> int:
            reader.get_raw_data_input()
            return reader.read_int("a")

        with pytest.raises(HazelcastSerializationError, match="'a' of .* cannot be read after the raw data"):
            read_as(service().encode(self.Raw()), read)

    def test_there_is_none(self) -> None:
        with pytest.raises(HazelcastSerializationError, match="without raw data"):
            read_as(encode(("a", T.INT, 1)), lambda r: r.get_raw_data_input())


class TestReading:
    def test_a_path(self) -> None:
        data = encode(
            ("x", T.INT, 0), ("p", T.PORTABLE, OtherPortable([("q", T.PORTABLE, NESTED)])), ("y", T.INT, 9)
        )
        read = read_as(data, lambda r: (r.read_string("p.q.s"), r.read_portable("p.q"), r.read_int("y")))
        assert read == ("x", NESTED, 9)

    def test_a_path_through_null(self) -> None:
        definition = ClassDefinitionBuilder(1, 1).add_portable_field("p", nested_definition()).build()
        data = encode(("p", T.PORTABLE, None), class_definitions=[definition, nested_definition()])
        with pytest.raises(HazelcastSerializationError, match="the path 'p.n' goes through a null object"):
            read_as(data, lambda r: r.read_int("p.n"))

    def test_a_path_to_nowhere(self) -> None:
        data = encode(("p", T.PORTABLE, NESTED))
        with pytest.raises(HazelcastSerializationError, match="has no portable field 'q'"):
            read_as(data, lambda r: r.read_int("q.n"))
        with pytest.raises(HazelcastSerializationError, match="has no field 'm'"):
            read_as(data, lambda r: r.read_int("p.m"))

    def test_about_the_fields(self) -> None:
        data = encode(("a", T.INT, 1), ("p", T.PORTABLE, NESTED))

        def read(reader: PortableReader) -> Any:
            return (
                reader.get_version(),
                reader.get_field_names(),
                reader.has_field("a"),
                reader.has_field("b"),
                reader.get_field_type("p"),
                reader.get_field_class_id("p"),
                reader.get_field_class_id("a"),
            )

        assert read_as(data, read) == (0, {"a", "p"}, True, False, T.PORTABLE, 2, 0)

    def test_a_field_that_was_not_written(self) -> None:
        serialization = service()
        serialization.encode(AnyPortable([("a", T.INT, 1), ("b", T.INT, 2)]))
        data = serialization.encode(AnyPortable([("a", T.INT, 1)]))
        with pytest.raises(HazelcastSerializationError, match="the INT field 'b' of .* was not written"):
            serialization.decode(data)


def nested_definition() -> ClassDefinition:
    return ClassDefinitionBuilder(1, 2).add_int_field("n").add_string_field("s").build()


# What may be read from what, when versions differ: the rows are the types in the data.
WIDENINGS = {
    T.BYTE: {T.BYTE, T.SHORT, T.INT, T.LONG, T.FLOAT, T.DOUBLE},
    T.BOOLEAN: {T.BOOLEAN},
    T.CHAR: {T.CHAR, T.INT, T.LONG, T.FLOAT, T.DOUBLE},
    T.SHORT: {T.SHORT, T.INT, T.LONG, T.FLOAT, T.DOUBLE},
    T.INT: {T.INT, T.LONG, T.FLOAT, T.DOUBLE},
    T.LONG: {T.LONG, T.DOUBLE},
    T.FLOAT: {T.FLOAT, T.DOUBLE},
    T.DOUBLE: {T.DOUBLE},
    T.STRING: {T.STRING},
    T.DATE: {T.DATE},
}
PYTHON_TYPE = {
    T.BOOLEAN: bool,
    T.CHAR: str,
    T.FLOAT: float,
    T.DOUBLE: float,
    T.STRING: str,
    T.DATE: type(SAMPLES[T.DATE]),
}


class TestEvolution:
    @pytest.mark.parametrize("wanted", SAMPLES, ids=lambda field_type: field_type.name)
    @pytest.mark.parametrize("stored", SAMPLES, ids=lambda field_type: field_type.name)
    def test_types(self, stored: FieldType, wanted: FieldType) -> None:
        data = encode(("a", stored, SAMPLES[stored]))

        def read(version: int) -> Any:
            return read_as(data, lambda r: getattr(r, f"read_{wanted.name.lower()}")("a"), version)

        if wanted in WIDENINGS[stored]:
            value = read(version=1)
            expected = ord("A") if stored == T.CHAR and wanted != T.CHAR else SAMPLES[stored]
            assert value == expected
            assert type(value) is PYTHON_TYPE.get(wanted, int)
        else:
            with pytest.raises(
                HazelcastSerializationError, match=f"the {stored.name} field 'a' .* as {wanted.name}"
            ):
                read(version=1)
        if stored != wanted:
            with pytest.raises(
                HazelcastSerializationError, match=f"the {stored.name} field 'a' .* as {wanted.name}"
            ):
                read(version=0)

    def test_an_int_is_rounded_to_a_float(self) -> None:
        data = encode(("a", T.INT, 16777217))
        assert read_as(data, lambda r: r.read_float("a"), version=1) == 16777216.0

    @pytest.mark.parametrize("field_type", TYPES, ids=lambda field_type: field_type.name)
    def test_absent_fields(self, field_type: FieldType) -> None:
        data = encode(("a", T.INT, 1))

        def read(version: int) -> Any:
            return read_as(data, lambda r: getattr(r, f"read_{field_type.name.lower()}")("b"), version)

        zeros = {T.BOOLEAN: False, T.CHAR: "\0", T.FLOAT: 0.0, T.DOUBLE: 0.0}
        zeros |= dict.fromkeys((T.BYTE, T.SHORT, T.INT, T.LONG), 0)
        assert read(version=1) == zeros.get(field_type)
        with pytest.raises(HazelcastSerializationError, match="has no field 'b'"):
            read(version=0)

    def test_versions(self) -> None:
        class Versioned(AnyPortable):
            def get_class_version(self) -> int:
                return 7

        for cls, version in ((AnyPortable, 3), (Versioned, 7)):
            data = service(portable_version=3).encode(cls([("a", T.INT, 1)]))
            assert read_as(data, lambda r: r.get_version()) == version

    def test_versions_of_one_class_have_definitions_of_their_own(self) -> None:
        old = encode(("a", T.INT, 1))
        new = encode(("a", T.STRING, "x"), ("b", T.INT, 2), portable_version=1)
        serialization = service()
        assert serialization.decode(old) == AnyPortable([("a", T.INT, 1)])
        assert serialization.decode(new).fields == [("a", T.STRING, "x"), ("b", T.INT, 2)]


class TestWriting:
    @pytest.mark.parametrize(
        ("field_type", "value"),
        [
            (T.BYTE, 256),
            (T.BYTE, -129),
            (T.SHORT, 1 << 15),
            (T.INT, None),
            (T.INT, "1"),
            (T.LONG, 1 << 63),
            (T.CHAR, "ab"),
            (T.STRING, 5),
            (T.DATE_ARRAY, [None]),
            (T.INT_ARRAY, [1 << 31]),
        ],
        ids=repr,
    )
    def test_what_does_not_fit(self, field_type: FieldType, value: Any) -> None:
        with pytest.raises(HazelcastSerializationError, match=f"the {field_type.name} field 'a' of"):
            encode(("a", field_type, value))

    def test_negative_bytes(self) -> None:
        assert read_as(encode(("a", T.BYTE, -1)), lambda r: r.read_byte("a")) == -1
        assert read_as(encode(("a", T.BYTE, 255)), lambda r: r.read_byte("a")) == -1

    def test_fields_that_the_definition_has_not(self) -> None:
        serialization = service()
        serialization.encode(AnyPortable([("a", T.INT, 1)]))
        for written, reason in (
            ([("b", T.INT, 1)], "has no such field"),
            ([("a", T.LONG, 1)], "has it as INT"),
            ([("a", T.INT, 1), ("a", T.INT, 1)], "a second time"),
        ):
            with pytest.raises(HazelcastSerializationError, match=reason):
                serialization.encode(AnyPortable(written))

    def test_a_class_number_of_0(self) -> None:
        class Zero(AnyPortable):
            CLASS_ID = 0

        with pytest.raises(HazelcastSerializationError, match="must not be 0"):
            service().encode(Zero())

    @pytest.mark.parametrize("value", [None, []])
    def test_an_array_whose_class_is_unknown(self, value: Any) -> None:
        with pytest.raises(HazelcastSerializationError, match="'a' of .* is not known"):
            encode(("a", T.PORTABLE_ARRAY, value))

    def test_a_null_object_whose_class_is_unknown(self) -> None:
        with pytest.raises(HazelcastSerializationError, match="'a' of .* is not known"):
            encode(("a", T.PORTABLE, None))

    @pytest.mark.parametrize("value", [None, []])
    def test_an_array_whose_class_is_defined(self, value: Any) -> None:
        definition = ClassDefinitionBuilder(1, 1).add_portable_array_field("a", nested_definition()).build()
        data = encode(("a", T.PORTABLE_ARRAY, value), class_definitions=[definition, nested_definition()])
        assert read_as(data, lambda r: r.read_portable_array("a")) == value

    def test_an_object_of_another_class(self) -> None:
        other = OtherPortable([("n", T.INT, 1)])
        with pytest.raises(
            HazelcastSerializationError, match="'a' of .* holds the class 1/2, and cannot hold 1/3"
        ):
            encode(("a", T.PORTABLE_ARRAY, [NESTED, other]))
        serialization = service()
        serialization.encode(AnyPortable([("a", T.PORTABLE, NESTED)]))
        with pytest.raises(HazelcastSerializationError, match="cannot hold 1/3"):
            serialization.encode(AnyPortable([("a", T.PORTABLE, other)]))

    def test_an_item_that_is_none(self) -> None:
        with pytest.raises(HazelcastSerializationError, match="an item is None"):
            encode(("a", T.PORTABLE_ARRAY, [NESTED, None]))

    def test_an_object_that_is_not_portable(self) -> None:
        with pytest.raises(HazelcastSerializationError, match="a .*str is not portable"):
            encode(("a", T.PORTABLE, "text"))


class TestDefinitions:
    def test_builder(self) -> None:
        builder = ClassDefinitionBuilder(1, 2, 3)
        for name in FieldType.__members__:
            if not name.startswith("PORTABLE"):
                assert getattr(builder, f"add_{name.lower()}_field")(name) is builder
        builder.add_portable_field("PORTABLE", nested_definition())
        builder.add_portable_array_field("PORTABLE_ARRAY", nested_definition())
        definition = builder.build()
        assert {name: definition.get_field_type(name) for name in definition.get_field_names()} == dict(
            FieldType.__members__
        )
        assert definition.get_field_class_id("PORTABLE") == 2
        assert [definition.get_field(index) for index in range(definition.get_field_count())] == [
            *definition.field_defs.values()
        ]

    def test_builder_refuses(self) -> None:
        builder = ClassDefinitionBuilder(1, 2).add_int_field("a")
        with pytest.raises(HazelcastSerializationError, match="has a field 'a' already"):
            builder.add_string_field("a")
        with pytest.raises(ValueError, match="must not be 0"):
            builder.add_portable_field("b", ClassDefinition(1, 0, 0))
        builder.build()
        with pytest.raises(HazelcastSerializationError, match="is built already"):
            builder.add_int_field("b")

    def test_types_count(self) -> None:
        ints = ClassDefinitionBuilder(1, 2).add_int_field("a").build()
        assert ints == ClassDefinitionBuilder(1, 2).add_int_field("a").build()
        assert ints != ClassDefinitionBuilder(1, 2).add_long_field("a").build()

    def test_a_definition_of_the_same_version_with_other_types(self) -> None:
        definition = ClassDefinitionBuilder(1, 1).add_long_field("a").build()
        serialization = service(class_definitions=[definition])
        with pytest.raises(HazelcastSerializationError, match="has it as LONG"):
            serialization.encode(AnyPortable([("a", T.INT, 1)]))

    def test_two_definitions_of_a_class(self) -> None:
        both = [ClassDefinitionBuilder(1, 1).build(), ClassDefinitionBuilder(1, 1).build()]
        with pytest.raises(HazelcastSerializationError, match="two definitions of the portable class 1/1"):
            service(class_definitions=both)

    def test_a_nested_class_without_definition(self) -> None:
        definition = ClassDefinitionBuilder(1, 1).add_portable_field("p", nested_definition()).build()
        with pytest.raises(HazelcastSerializationError, match="holds the class 1/2, which has no definition"):
            service(class_definitions=[definition])
        service(class_definitions=[definition], check_class_definition_errors=False)

    def test_a_definition_without_version_gets_that_of_the_client(self) -> None:
        definition = ClassDefinitionBuilder(1, 1, -1).add_int_field("a").build()
        service(class_definitions=[definition], portable_version=4)
        field = definition.get_field("a")
        assert (definition.version, field and field.version) == (4, 4)


class TestHostileBytes:
    @pytest.fixture
    def data(self) -> bytes:
        return encode(
            ("i", T.INT, 1),
            ("s", T.STRING, "text"),
            ("dates", T.DATE_ARRAY, [SAMPLES[T.DATE]] * 2),
            ("one", T.PORTABLE, NESTED),
            ("many", T.PORTABLE_ARRAY, [NESTED, NESTED]),
        )

    def test_every_cut(self, data: bytes) -> None:
        for length in range(8, len(data)):
            with pytest.raises(HazelcastSerializationError):
                service().decode(data[:length])

    def test_every_byte_changed(self, data: bytes) -> None:
        for place in range(8, len(data)):
            for value in (0, 1, 0x7F, 0x80, 0xFF):
                changed = bytearray(data)
                changed[place] = value
                try:
                    service().decode(bytes(changed))
                except HazelcastSerializationError:
                    pass

    def test_fields_that_share_bytes(self, data: bytes) -> None:
        serialization = service()
        both = AnyPortable([("a", T.PORTABLE, NESTED), ("b", T.PORTABLE, NESTED)])
        shared = bytearray(serialization.encode(both))
        # The second position becomes the first.
        shared[32:36] = shared[28:32]
        with pytest.raises(HazelcastSerializationError):
            serialization.decode(bytes(shared))

    def test_another_definition_of_the_same_version(self) -> None:
        serialization = service()
        serialization.encode(AnyPortable([("a", T.INT, 1)]))
        with pytest.raises(HazelcastSerializationError, match="another definition of the same version"):
            serialization.decode(encode(("b", T.INT, 1)))
        with pytest.raises(HazelcastSerializationError, match="the data has 2 fields"):
            serialization.decode(encode(("a", T.INT, 1), ("b", T.INT, 1)))
