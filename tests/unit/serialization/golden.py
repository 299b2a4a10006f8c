"""Serialized values that the Java implementation made, and what builds the same values here.

A vector says in words what was written: a Python expression, or the calls of a writer. The classes of
this module play these definitions back.
"""

import ast
import datetime
import decimal
import hashlib
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hzclient import aggregator, predicate, projection
from hzclient.core import HazelcastJsonValue, MapEntry
from hzclient.serialization import java
from hzclient.serialization._options import IntType, SerializationOptions
from hzclient.serialization._schema import Schema
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import (
    CompactReader,
    CompactSerializer,
    CompactWriter,
    ObjectDataInput,
    ObjectDataOutput,
    Portable,
    PortableReader,
    PortableWriter,
)
from hzclient.serialization.data import Data
from hzclient.serialization.identified import LONG, STRING, Identified, Record, factory
from hzclient.serialization.objects import CanonicalizingHashSet, IdentifiedAddress, ReliableTopicMessage
from hzclient.serialization.portable.classdef import ClassDefinition, FieldDefinition

PATH = Path(__file__).parents[2] / "data" / "serialization-golden.json"
FACTS: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
Definition = dict[str, Any]


@dataclass(frozen=True)
class Vector:
    """A serialized value and how it came to be."""

    facts: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.facts["id"])

    @property
    def kind(self) -> str:
        return str(self.facts["kind"])

    @property
    def definition(self) -> Definition:
        return dict(self.facts["definition"])

    @property
    def data(self) -> bytes | None:
        """The bytes, None if there are too many to keep: then `matches` compares a digest."""
        text = self.facts.get("hex")
        return None if text is None else bytes.fromhex(text)

    def matches(self, data: bytes) -> bool:
        """Return whether these are the bytes that Java wrote."""
        if self.data is not None:
            return data == self.data
        return hashlib.sha256(data).hexdigest() == self.facts["sha256"]


VECTORS = [Vector(facts) for facts in FACTS["vectors"]]

_NAMES = {
    "uuid": uuid,
    "decimal": decimal,
    "datetime": datetime,
    "HazelcastJsonValue": HazelcastJsonValue,
    "predicate": predicate,
    "aggregator": aggregator,
    "projection": projection,
}


def evaluate(expression: str) -> Any:
    """Return the value of a Python expression of a vector."""
    return eval(expression, dict(_NAMES))


def in_order(expression: str) -> Any:
    """Return the value of an expression; that of a set as a list, since bytes have an order."""
    body = ast.parse(expression, mode="eval").body
    if isinstance(body, ast.Set):
        return [ast.literal_eval(item) for item in body.elts]
    return evaluate(expression)


class Calls(Identified):
    """Identified object that plays back calls of the output, and reads the same from the input."""

    FACTORY_ID = 7
    CALLS: list[dict[str, Any]] = []

    def __init__(self, values: list[Any] | None = None) -> None:
        self.values = values

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        write_calls(object_data_output, self.CALLS, self.values or [])

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.values = read_calls(object_data_input, self.CALLS)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Calls) and other.values == self.values

    __hash__ = None  # type: ignore[assignment]


def write_calls(out: ObjectDataOutput, calls: list[dict[str, Any]], values: list[Any]) -> None:
    """Write values by the calls of a definition."""
    for call, value in zip(calls, values, strict=True):
        getattr(out, call["call"])(value)


def read_calls(inp: ObjectDataInput, calls: list[dict[str, Any]]) -> list[Any]:
    """Read what `write_calls` wrote."""
    return [_read_call(inp, call) for call in calls]


def _read_call(inp: ObjectDataInput, call: dict[str, Any]) -> Any:
    name = call["call"]
    if name == "write_chars":
        return "".join(inp.read_char() for _ in evaluate(call["value"]))
    if name == "write_bytes":
        return inp.read_into(bytearray(len(evaluate(call["value"])))).decode("latin-1")
    if name == "write_from":
        return inp.read_into(bytearray(len(evaluate(call["value"]))))
    return getattr(inp, name.replace("write_", "read_", 1))()


class Fields:
    """Object with named fields, whose class says their names and kinds."""

    FIELDS: list[dict[str, Any]] = []

    def __init__(self, values: list[Any] | None = None) -> None:
        self.values = values or []

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Fields) and other.values == self.values

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.values!r})"

    __hash__ = None  # type: ignore[assignment]


class PortableFields(Fields, Portable):
    """Portable object that plays back the calls of the writer."""

    IDS = (0, 0)
    RAW: list[dict[str, Any]] = []

    def __init__(self, values: list[Any] | None = None, raw: list[Any] | None = None) -> None:
        super().__init__(values)
        self.raw = raw or []

    def get_factory_id(self) -> int:
        return self.IDS[0]

    def get_class_id(self) -> int:
        return self.IDS[1]

    def write_portable(self, writer: PortableWriter) -> None:
        for field, value in zip(self.FIELDS, self.values, strict=True):
            if isinstance(field["value"], dict) and "null_portable" in field["value"]:
                writer.write_null_portable(field["name"], **field["value"]["null_portable"])
            else:
                getattr(writer, f"write_{field['type'].lower()}")(field["name"], value)
        if self.RAW:
            write_calls(writer.get_raw_data_output(), self.RAW, self.raw)

    def read_portable(self, reader: PortableReader) -> None:
        self.values = [getattr(reader, f"read_{f['type'].lower()}")(f["name"]) for f in self.FIELDS]
        if self.RAW:
            self.raw = read_calls(reader.get_raw_data_input(), self.RAW)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PortableFields) and other.raw == self.raw and Fields.__eq__(self, other)

    __hash__ = None  # type: ignore[assignment]


class FieldsSerializer(CompactSerializer[Fields]):
    """Compact serializer that plays back the calls of the writer."""

    def __init__(self, type_name: str, cls: type[Fields]) -> None:
        self._type_name = type_name
        self._cls = cls

    def get_type_name(self) -> str:
        return self._type_name

    def get_class(self) -> type[Fields]:
        return self._cls

    def write(self, writer: CompactWriter, obj: Fields) -> None:
        for field, value in zip(self._cls.FIELDS, obj.values, strict=True):
            getattr(writer, f"write_{field['kind'].lower()}")(field["name"], value)

    def read(self, reader: CompactReader) -> Fields:
        return self._cls([getattr(reader, f"read_{f['kind'].lower()}")(f["name"]) for f in self._cls.FIELDS])


class RaftGroupId(Record):
    """CP group."""

    FACTORY_ID = -1002
    CLASS_ID = 1
    FIELDS = (STRING, LONG, LONG)


class IdentityFunction(Record):
    """Function that returns its argument."""

    FACTORY_ID = -44
    CLASS_ID = 1


class Builder:
    """Builds the value of a vector, and the service that knows all its classes."""

    def __init__(self, vector: Vector) -> None:
        self.vector = vector
        self._compact: dict[str, type[Fields]] = {}
        self._portable: dict[tuple[int, int], type[PortableFields]] = {}
        self._identified: dict[int, dict[int, type[Identified]]] = {
            predicate.Predicate.FACTORY_ID: dict(predicate.FACTORY),
            projection.Projection.FACTORY_ID: dict(projection.FACTORY),
            RaftGroupId.FACTORY_ID: factory([RaftGroupId]),
            IdentityFunction.FACTORY_ID: factory([IdentityFunction]),
        }
        if vector.kind == "aggregator":
            self._identified[aggregator.Aggregator.FACTORY_ID] = dict(aggregator.FACTORY)
        self.value = self._value()
        """The value, as a reader sees it."""
        self.service = SerializationService(self._options())
        for schema in vector.facts.get("schemas", ()):
            fields = [(field["name"], field["kind_id"]) for field in schema["fields_sorted"]]
            self.service.schemas.mark_replicated(Schema(schema["type_name"], fields))

    def _value(self) -> Any:
        facts = self.vector.facts
        special = _SPECIAL.get(self.vector.id)
        if special is not None:
            return special()
        if facts["python_value_repr"] is not None:
            return evaluate(facts["python_value_repr"])
        definition = self.vector.definition
        if self.vector.kind == "identified":
            return self._build({"identified": definition})
        if "list" in definition:
            return [self._build(item) for item in definition["list"]]
        return self._build({self.vector.kind: definition})

    def to_write(self) -> Any:
        """Return the value in the form that is written as Java's type."""
        facts = self.vector.facts
        if self.vector.kind != "constant":
            return self.value
        if self.vector.id in _WRITTEN_AS:
            return _WRITTEN_AS[self.vector.id]
        return java.JavaValue(facts["type_id"], in_order(facts["python_value_repr"]))

    def _build(self, value: Any) -> Any:
        """Return the value that a part of a definition describes."""
        if value is None:
            return None
        if isinstance(value, str):
            return evaluate(value)
        ((kind, definition),) = value.items()
        if kind.endswith("_array"):
            return [self._build(item) for item in definition]
        if kind == "null_portable":
            return None
        build = {
            "identified": self._calls,
            "portable": self._portable_fields,
            "compact": self._compact_fields,
        }
        return build[kind](definition)

    def _calls(self, definition: Definition) -> Calls:
        calls = definition["write_calls"]
        cls = type("Calls", (Calls,), {"CLASS_ID": definition["class_id"], "CALLS": calls})
        self._identified.setdefault(definition["factory_id"], {})[definition["class_id"]] = cls
        return cls([self._build(call["value"]) for call in calls])

    def _portable_fields(self, definition: Definition) -> PortableFields:
        key = (definition["factory_id"], definition["class_id"])
        fields, raw = definition["fields_in_write_order"], definition.get("raw_data_calls", [])
        members: dict[str, Any] = {"IDS": key, "FIELDS": fields, "RAW": raw}
        version = definition.get("class_version")
        if version is not None:
            members["get_class_version"] = lambda self: version
        cls = self._portable.setdefault(key, type("PortableFields", (PortableFields,), members))
        values = [self._build(field["value"]) for field in fields]
        return cls(values, [self._build(call["value"]) for call in raw])

    def _compact_fields(self, definition: Definition) -> Fields:
        fields = definition["fields_in_write_order"]
        name = definition["type_name"]
        cls = self._compact.setdefault(name, type(f"Fields_{name}", (Fields,), {"FIELDS": fields}))
        return cls([self._build(field["value"]) for field in fields])

    def _options(self) -> SerializationOptions:
        config = self.vector.facts["config"]
        portables: dict[int, dict[int, type[PortableFields]]] = {}
        for (factory_id, class_id), cls in self._portable.items():
            portables.setdefault(factory_id, {})[class_id] = cls
        return SerializationOptions(
            is_big_endian=config["byte_order"] == "BIG_ENDIAN",
            default_int_type=IntType[config.get("default_int_type", "INT")],
            portable_version=config.get("portable_version", 0),
            data_serializable_factories=self._identified,
            portable_factories=portables,
            compact_serializers=[FieldsSerializer(name, cls) for name, cls in self._compact.items()],
            class_definitions=[_class_definition(facts) for facts in config.get("class_definitions", ())],
        )


def _class_definition(facts: dict[str, Any]) -> ClassDefinition:
    definition = ClassDefinition(facts["factory_id"], facts["class_id"], facts["version"])
    for field in facts["fields"]:
        definition.add_field_def(
            FieldDefinition(
                field["index"],
                field["name"],
                field["type_id"],
                field["version"],
                field["factory_id"],
                field["class_id"],
            )
        )
    return definition


def _paging() -> predicate.PagingPredicate:
    paging = predicate.paging(predicate.true(), 5)
    paging.page = 2
    paging.iteration_type = 0
    paging.anchors = [predicate.Anchor(0, "k", 7)]
    return paging


def _reliable_topic_message() -> ReliableTopicMessage:
    return ReliableTopicMessage(1700000000.123, None, Data(SerializationService().encode("payload")))


_SPECIAL = {
    "predicate-paging-raw": _paging,
    "predicate-multi-partition": lambda: predicate.multi_partition(("p1", "p2"), predicate.true()),
    "aggregator-list-big-number-types": lambda: [
        aggregator.big_decimal_avg("x"),
        aggregator.big_decimal_sum("x"),
        aggregator.big_integer_avg("x"),
        aggregator.big_integer_sum("x"),
    ],
    "reliable-topic-message-from-client": _reliable_topic_message,
    "address-ipv6": lambda: IdentifiedAddress("::1", 5702),
    "canonicalizing-hash-set": lambda: CanonicalizingHashSet(["only"]),
    "cp-raft-group-id": lambda: RaftGroupId("default", 0, 3),
    "function-identity": IdentityFunction,
}

_WRITTEN_AS = {
    "object-array": java.object_array([1, None, "x", java.long(2), java.object_array([True])]),
}


def comparable(value: Any) -> Any:
    """Return a form of a value that is equal for equal values only: signs, NaN and exponents count."""
    if isinstance(value, float):
        return "NaN" if value != value else value.hex()
    if isinstance(value, decimal.Decimal):
        return value.as_tuple()
    if isinstance(value, MapEntry):
        return comparable(value.key), comparable(value.value)
    if isinstance(value, ReliableTopicMessage):
        return value.publish_time, value.publisher_address, value.payload
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value
