"""Records without a class: read, made, changed, and written back."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import FieldKind, PortableWriter
from hzclient.serialization.generic_record import GenericRecord, compact_record, portable_record
from hzclient.serialization.portable.classdef import ClassDefinitionBuilder, FieldType

from . import compact_fields, portable_fields
from .compact_fields import Anything, Nested, World, stranger_to
from .portable_fields import AnyPortable, NestedPortable

K, T = FieldKind, FieldType


class TestCompact:
    @given(compact_fields.fields(), st.booleans())
    def test_written_back_it_has_the_same_bytes(
        self, written: list[compact_fields.Field], big_endian: bool
    ) -> None:
        world = World(big_endian)
        data = world.service.encode(Anything(written))
        stranger = stranger_to(world)
        record = stranger.decode(data)
        assert isinstance(record, GenericRecord)
        assert record.kinds == {name: kind for name, kind, _ in written}
        assert stranger.encode(record) == data

    @given(compact_fields.fields())
    def test_values(self, written: list[compact_fields.Field]) -> None:
        flat = [field for field in written if field[1] not in (K.COMPACT, K.ARRAY_OF_COMPACT)]
        world = World()
        data = world.service.encode(Anything(flat))
        record = stranger_to(world).decode(data)
        assert dict(record) == {name: value for name, _, value in flat}

    @given(compact_fields.fields(), st.data())
    def test_a_change_gives_what_the_class_would_have_written(
        self, written: list[compact_fields.Field], data: st.DataObject
    ) -> None:
        world = World()
        original = world.service.encode(Anything(written))
        stranger = stranger_to(world)
        record = stranger.decode(original)
        changed: list[compact_fields.Field] = []
        for name, kind, value in written:
            # What was None has no place in the data; a new value gets the last one (see below).
            keep = kind in (K.COMPACT, K.ARRAY_OF_COMPACT) or value is None or data.draw(st.booleans())
            changed.append((name, kind, value if keep else data.draw(compact_fields.KINDS[kind])))
        changes = {
            name: new for (name, _, new), (_, _, old) in zip(changed, written, strict=True) if new is not old
        }
        assert stranger.encode(record.replace(changes)) == world.service.encode(Anything(changed))

    def test_a_value_in_the_place_of_none(self) -> None:
        service = SerializationService()
        record = compact_record("t", {"a": (K.STRING, None), "b": (K.STRING, "b"), "c": (K.INT8, 1)})
        changed = service.decode(service.encode(record)).replace({"a": "a", "b": None})
        assert dict(service.decode(service.encode(changed))) == {"a": "a", "b": None, "c": 1}

    def test_it_keeps_what_python_cannot_hold(self) -> None:
        """Java has nanoseconds."""
        service = SerializationService()
        record = compact_record("t", {"n": (K.INT32, 1), "t": (K.TIME, None), "u": (K.TIME, None)})
        head = service.encode(record)[:16]
        nanos = bytes([1, 2, 3]) + (999_999_999).to_bytes(4, "big")
        body = (1).to_bytes(4, "big") + nanos + nanos
        data = head + len(body).to_bytes(4, "big") + body + bytes([4, 11])
        read = service.decode(data)
        assert service.encode(read) == data
        changed = service.encode(read.replace({"n": 2}))
        assert changed == data.replace((1).to_bytes(4, "big") + nanos, (2).to_bytes(4, "big") + nanos)

    def test_made(self) -> None:
        service = SerializationService()
        inner = compact_record("inner", {"x": (K.STRING, "y")})
        record = compact_record("outer", {"b": (K.COMPACT, inner), "a": (K.ARRAY_OF_COMPACT, [inner, None])})
        read = service.decode(service.encode(record))
        assert read == record
        assert read["a"][0]["x"] == "y"
        assert len(read) == 2
        assert "a" in read
        assert "c" not in read

    def test_it_is_what_the_class_writes_in_the_order_of_names(self) -> None:
        world = World()
        fields = [("a", K.STRING, "x"), ("b", K.INT8, 1), ("c", K.STRING, "y")]
        record = compact_record("anything", {name: (kind, value) for name, kind, value in reversed(fields)})
        assert SerializationService().encode(record) == world.encode(*fields)

    def test_known_classes_in_it_are_read_as_such(self) -> None:
        world = World()
        nested = Nested([("n", K.INT8, 1)])
        record = compact_record("unknown", {"x": (K.COMPACT, nested)})
        assert world.service.decode(world.service.encode(record))["x"] == nested

    def test_it_takes_the_schemas_of_records_in_it_to_another_cluster(self) -> None:
        here, there = SerializationService(), SerializationService()
        leaf = compact_record("leaf", {"s": (K.STRING, "x")})
        inner = compact_record("inner", {"leaf": (K.COMPACT, leaf)})
        record = compact_record("outer", {"a": (K.ARRAY_OF_COMPACT, [leaf]), "b": (K.COMPACT, inner)})
        data = here.encode(record)
        assert there.encode(here.decode(data)) == data
        assert there.schemas.unreplicated.keys() == here.schemas.unreplicated.keys()
        assert there.decode(data) == record

    def test_a_copy(self) -> None:
        world = World()
        record = compact_record("outer", {"n": (K.COMPACT, compact_record("inner", {"s": (K.STRING, "x")}))})
        data = world.service.encode(record)
        for copied in (copy.deepcopy(world.service.decode(data)), pickle.loads(pickle.dumps(record))):
            assert copied == record
            assert world.service.encode(copied) == data

    def test_another_byte_order(self) -> None:
        big, little = World(True), World(False)
        fields = [("a", K.INT32, 1), ("l", K.ARRAY_OF_INT16, [1, 2]), ("s", K.STRING, "x")]
        data = big.encode(*fields)
        record = stranger_to(big).decode(data)
        expected = little.encode(*fields)
        assert stranger_to(little).encode(record) == expected

    def test_values_are_checked_when_it_is_written(self) -> None:
        record = compact_record("t", {"a": (K.INT8, 1)})
        with pytest.raises(HazelcastSerializationError, match="the INT8 field 'a' of 't'"):
            SerializationService().encode(record.replace({"a": 128}))

    def test_unknown_names(self) -> None:
        record = compact_record("t", {"a": (K.INT8, 1)})
        with pytest.raises(HazelcastSerializationError, match="'t' has no field 'b'"):
            record.replace({"b": 1})

    def test_kinds_that_compact_data_has_not(self) -> None:
        with pytest.raises(HazelcastSerializationError, match="'a' of 't' has the kind"):
            compact_record("t", {"a": (K.CHAR, "x")})

    def test_it_cannot_be_changed_in_place(self) -> None:
        record: Any = compact_record("t", {"a": (K.INT8, 1)})
        with pytest.raises(TypeError):
            record["a"] = 2


class TestPortable:
    @given(portable_fields.fields(), st.booleans())
    def test_written_back_it_has_the_same_bytes(
        self, written: list[portable_fields.Field], big_endian: bool
    ) -> None:
        data = portable_fields.service(is_big_endian=big_endian).encode(AnyPortable(written))
        stranger = SerializationService(portable_fields.options(is_big_endian=big_endian))
        record = stranger.decode(data)
        assert isinstance(record, GenericRecord)
        assert record.kinds == {name: field_type for name, field_type, _ in written}
        assert stranger.encode(record) == data

    @given(portable_fields.fields())
    def test_at_another_place(self, written: list[portable_fields.Field]) -> None:
        """Positions in the data count from its start, so they move with the record."""
        obj = AnyPortable(written)
        service = portable_fields.service()
        stranger = SerializationService()
        record = stranger.decode(service.encode(obj))
        moved = service.encode(["first", [obj], obj])
        assert stranger.encode(["first", [record], record]) == moved
        assert service.decode(moved) == ["first", [obj], obj]

    @given(portable_fields.fields(), st.data())
    def test_a_change_gives_what_the_class_would_have_written(
        self, written: list[portable_fields.Field], data: st.DataObject
    ) -> None:
        service = portable_fields.service()
        stranger = SerializationService()
        record = stranger.decode(service.encode(AnyPortable(written)))
        changed: list[portable_fields.Field] = []
        for name, field_type, value in written:
            nests = field_type in (T.PORTABLE, T.PORTABLE_ARRAY)
            keep = nests or data.draw(st.booleans())
            changed.append(
                (name, field_type, value if keep else data.draw(portable_fields.TYPES[field_type]))
            )
        changes = {
            name: new for (name, _, new), (_, _, old) in zip(changed, written, strict=True) if new is not old
        }
        assert stranger.encode(record.replace(changes)) == service.encode(AnyPortable(changed))

    def test_made(self) -> None:
        nested = ClassDefinitionBuilder(1, 2).add_int_field("n").add_string_field("s").build()
        definition = (
            ClassDefinitionBuilder(1, 1).add_portable_field("p", nested).add_date_array_field("d").build()
        )
        dates = [portable_fields.SAMPLES[T.DATE]]
        inner = portable_record(nested, {"s": "x", "n": 1})
        record = portable_record(definition, {"p": inner, "d": dates})
        obj = AnyPortable(
            [
                ("p", T.PORTABLE, NestedPortable([("n", T.INT, 1), ("s", T.STRING, "x")])),
                ("d", T.DATE_ARRAY, dates),
            ]
        )
        data = SerializationService().encode(record)
        assert data == portable_fields.service().encode(obj)
        assert SerializationService().decode(data) == record

    def test_raw_data_stays(self) -> None:
        class Raw(AnyPortable):
            def write_portable(self, writer: PortableWriter) -> None:
                writer.write_int("a", 5)
                writer.get_raw_data_output().write_string("raw")

        data = portable_fields.service().encode(Raw())
        service = SerializationService()
        changed = service.encode(service.decode(data).replace({"a": 6}))
        read = portable_fields.read_as(
            changed, lambda r: (r.read_int("a"), r.get_raw_data_input().read_string())
        )
        assert read == (6, "raw")

    def test_a_field_that_was_not_written_is_not_there(self) -> None:
        service = portable_fields.service()
        service.encode(AnyPortable([("a", T.INT, 1), ("b", T.INT, 2)]))
        data = service.encode(AnyPortable([("a", T.INT, 1)]))
        # Its class unknown, but not its definition.
        definition = ClassDefinitionBuilder(1, 1).add_int_field("a").add_int_field("b").build()
        stranger = SerializationService(portable_fields.options(class_definitions=[definition]))
        record = stranger.decode(data)
        assert dict(record) == {"a": 1}
        assert stranger.encode(record) == data

    def test_names_that_are_not_those_of_the_definition(self) -> None:
        definition = ClassDefinitionBuilder(1, 1).add_int_field("a").build()
        with pytest.raises(HazelcastSerializationError, match="not those of .*: 'a', 'b'"):
            portable_record(definition, {"b": 1})

    def test_unknown_names(self) -> None:
        definition = ClassDefinitionBuilder(1, 1).add_int_field("a").build()
        with pytest.raises(HazelcastSerializationError, match="1/1 version 0 has no field 'b'"):
            portable_record(definition, {"a": 1}).replace({"b": 1})
