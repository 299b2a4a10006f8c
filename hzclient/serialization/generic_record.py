"""Records without a class, for compact and portable data whose class is unknown here.

record = employees.get("ann")                   # no class for "com.acme.Employee" here
record["name"], record.kinds["age"]             # ('Ann', FieldKind.INT32)
employees.put("ann", record.replace({"age": 31}))
"""

from collections.abc import Mapping
from typing import Any

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._compact._record import CompactRecord
from hzclient.serialization._generic import GenericRecord
from hzclient.serialization._portable._record import PortableRecord
from hzclient.serialization._schema import Schema
from hzclient.serialization.api import FieldKind
from hzclient.serialization.portable.classdef import ClassDefinition

__all__ = ["GenericRecord", "compact_record", "portable_record"]


def compact_record(type_name: str, fields: Mapping[str, tuple[FieldKind, Any]]) -> GenericRecord:
    """Make a compact record: `compact_record("employee", {"age": (FieldKind.INT32, 30)})`.

    Args:
        type_name: Name that all languages share for the type.
        fields: Kind and value of each field. The values are checked when the record is written.

    Returns:
        The record.

    Raises:
        HazelcastSerializationError: If a kind is not one of compact data.
    """
    schema = Schema(type_name, [(name, kind) for name, (kind, _) in fields.items()])
    return CompactRecord(schema, {name: fields[name][1] for name, _ in schema.fields})


def portable_record(definition: ClassDefinition, values: Mapping[str, Any]) -> GenericRecord:
    """Make a portable record.

    Args:
        definition: Definition of the class.
        values: Value of each field. They are checked when the record is written.

    Returns:
        The record.

    Raises:
        HazelcastSerializationError: If the names are not those of the definition.
    """
    if values.keys() != definition.field_defs.keys():
        names = ", ".join(sorted(map(repr, values.keys() ^ definition.field_defs.keys())))
        raise HazelcastSerializationError(f"the values are not those of {definition.describe()}: {names}")
    return PortableRecord(definition, {name: values[name] for name in definition.field_defs})
