"""What a value is, in words that the Java side of the comparison uses as well (`Describe.java`)."""

import dataclasses
import datetime
import decimal
import enum
import math
import struct
import uuid
from collections import deque
from collections.abc import Iterable, Mapping, Set
from typing import Any

from hzclient.core import HazelcastJsonValue, MapEntry
from hzclient.serialization.api import FieldKind
from hzclient.serialization.generic_record import GenericRecord
from hzclient.serialization.portable.classdef import FieldType

_KIND_OF_TYPE = {"BYTE": "INT8", "SHORT": "INT16", "INT": "INT32", "LONG": "INT64", "FLOAT": "FLOAT32"}
_KIND_OF_TYPE |= {"DOUBLE": "FLOAT64"}


def describe(value: Any) -> str:
    """Return the words for a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, enum.Enum):
        return _text(value.name)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return "f" + struct.pack(">d", math.nan if math.isnan(value) else value).hex()
    if isinstance(value, decimal.Decimal):
        _, _, exponent = value.as_tuple()
        return f"{int(value.scaleb(-int(exponent), _EXACT))}e{exponent}"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, uuid.UUID):
        return f"uuid {value}"
    if isinstance(value, HazelcastJsonValue):
        return "json " + _text(value.to_string())
    return _structure(value) or _time(value)


def describe_instant(value: datetime.datetime) -> str:
    """Return the words for a `java.util.Date`, which is read as a datetime like others."""
    millis = (value - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(
        milliseconds=1
    )
    return f"instant {millis}"


def describe_record(fields: Iterable[tuple[str, int, Any]]) -> str:
    """Return the words for a record without a class."""
    words = [f"{_text(name)}:{kind_of(kind).name}={describe(value)}" for name, kind, value in fields]
    return f"record {_list(sorted(words))}"


def describe_object(name: str, components: Mapping[str, Any]) -> str:
    """Return the words for an object of a Java record class."""
    return f"{name} {_list(sorted(f'{key}={describe(value)}' for key, value in components.items()))}"


def kind_of(field_type: int) -> FieldKind:
    """Return the kind that Java has for a kind or a portable field type."""
    if isinstance(field_type, FieldKind):
        return field_type
    type_name = FieldType(field_type).name
    name = type_name.removesuffix("_ARRAY")
    prefix = "" if name == type_name else "ARRAY_OF_"
    return FieldKind[prefix + _KIND_OF_TYPE.get(name, name)]


_EXACT = decimal.Context(prec=1000)


def _structure(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return _list(str(byte - 256 if byte > 127 else byte) for byte in value)
    if isinstance(value, list | tuple | deque):
        return _list(map(describe, value))
    if isinstance(value, Set):
        return f"set {_list(sorted(map(describe, value)))}"
    if isinstance(value, GenericRecord):
        return describe_record((name, value.kinds[name], value[name]) for name in value)
    if isinstance(value, Mapping):
        return f"map {_list(sorted(f'{describe(key)}={describe(item)}' for key, item in value.items()))}"
    if isinstance(value, MapEntry):
        return f"{describe(value.key)}={describe(value.value)}"
    if dataclasses.is_dataclass(value):
        components = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return describe_object(type(value).__name__, components)
    if hasattr(value, "described"):
        return str(value.described())
    return ""


def _time(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        words = f"{_time(value.date())} {_time(value.time())}"
        offset = value.utcoffset()
        return words if offset is None else f"{words} {int(offset.total_seconds())}"
    if isinstance(value, datetime.date):
        return f"date {value.year} {value.month} {value.day}"
    if isinstance(value, datetime.time):
        return f"time {value.hour} {value.minute} {value.second} {value.microsecond * 1000}"
    raise TypeError(f"no words for a {type(value)}")


def _list(words: Iterable[str]) -> str:
    return f"[{', '.join(words)}]"


def _text(value: str) -> str:
    units = value.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    plain = (chr(code) if 32 < code < 127 and chr(code) not in "\\'" else f"\\{code:04x}" for code in codes)
    return f"'{''.join(plain)}'"
