"""Keys and values: from the words of a command line, to text and JSON, and to and from export files."""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import uuid
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from hzclient.cli._exit import USAGE, Stop
from hzclient.core import HazelcastJsonValue
from hzclient.serialization import java
from hzclient.serialization.api import FieldKind
from hzclient.serialization.data import Data
from hzclient.serialization.generic_record import GenericRecord, compact_record


class ValueType(StrEnum):
    """Types that words of the command line can be read as."""

    text = "text"
    int = "int"
    long = "long"
    short = "short"
    byte = "byte"
    float = "float"
    double = "double"
    bool = "bool"
    decimal = "decimal"
    uuid = "uuid"
    date = "date"
    time = "time"
    datetime = "datetime"
    json = "json"


def _boolean(word: str) -> bool:
    if word.lower() not in ("true", "false"):
        raise ValueError
    return word.lower() == "true"


def _json(word: str) -> HazelcastJsonValue:
    json.loads(word)
    return HazelcastJsonValue(word)


_READERS: Final[Mapping[ValueType, Callable[[str], Any]]] = {
    ValueType.text: str,
    ValueType.int: lambda word: java.integer(int(word)),
    ValueType.long: lambda word: java.long(int(word)),
    ValueType.short: lambda word: java.short(int(word)),
    ValueType.byte: lambda word: java.byte(int(word)),
    ValueType.float: lambda word: java.float32(float(word)),
    ValueType.double: float,
    ValueType.bool: _boolean,
    ValueType.decimal: decimal.Decimal,
    ValueType.uuid: uuid.UUID,
    ValueType.date: datetime.date.fromisoformat,
    ValueType.time: datetime.time.fromisoformat,
    ValueType.datetime: lambda word: _moment(word),
    ValueType.json: _json,
}


def parse(word: str, kind: ValueType, what: str) -> Any:
    """Read a word of the command line.

    Args:
        word: The word.
        kind: Type to read it as.
        what: "key", "value" or "item", for messages.

    Returns:
        A value that is written as that Java type.

    Raises:
        Stop: The word is not of that type.
    """
    try:
        return _READERS[kind](word)
    except (ValueError, OverflowError, decimal.InvalidOperation):
        raise Stop(USAGE, f"The {what} {word!r} is not of the type {kind.value}.") from None


# ------------------------------------------------------------------------------------------ to people


def plain(value: Any) -> Any:
    """Return a value as what JSON can hold. Records become objects; this does not keep every type."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case HazelcastJsonValue():
            return value.loads()
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case Data():
            return {"unreadable": f"type {value.get_type()}, {value.total_size()} bytes"}
        case Mapping():
            entries: Mapping[Any, Any] = known(value)
            return {key if isinstance(key, str) else text(key): plain(entries[key]) for key in entries}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in known(value)]
        case _:
            return str(value)


def text(value: Any) -> str:
    """Return a value as one line for people. Records begin with the name of their class, if it is known."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    reduced = plain(value)
    shown = reduced if isinstance(reduced, str) else json.dumps(reduced, ensure_ascii=False)
    name = _compact_name(value)
    return f"{name} {shown}" if name else shown


def known(value: Any) -> Any:
    """Return the value without what a check of its class says, which knows nothing about the items."""
    return value


def _compact_name(value: object) -> str | None:
    """Return the name of the type if the value is a compact record; portable records have numbers."""
    return getattr(value, "type_name", None) if isinstance(value, GenericRecord) else None


# ------------------------------------------------------------------------------------ to and from files


def _moment(word: str) -> Any:
    """Read a date with a time: an OffsetDateTime with a time zone, a LocalDateTime without one."""
    moment = datetime.datetime.fromisoformat(word)
    return java.local_date_time(moment) if moment.tzinfo is None else moment


_TAGGED: Final[Mapping[str, tuple[type[Any], Callable[[Any], Any], Callable[[Any], Any]]]] = {
    "@json": (HazelcastJsonValue, HazelcastJsonValue.to_string, HazelcastJsonValue),
    "@bytes": (bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "@uuid": (uuid.UUID, str, uuid.UUID),
    "@decimal": (decimal.Decimal, str, decimal.Decimal),
    "@datetime": (datetime.datetime, datetime.datetime.isoformat, _moment),
    "@date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "@time": (datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
}
"""Values that JSON has no form for: their class, how they are written, and how they are read."""


def tagged(value: Any) -> Any:
    """Return a value as JSON from which `untagged()` makes an equal value.

    Args:
        value: Value of a structure.

    Returns:
        What `json.dumps` accepts.

    Raises:
        ValueError: There is no such form for values of this kind.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    for tag, (kind, write, _) in _TAGGED.items():
        if isinstance(value, kind):
            return {tag: write(known(value))}
    if isinstance(value, GenericRecord) and (name := _compact_name(value)) is not None:
        kinds = value.kinds
        fields = {field: [FieldKind(kinds[field]).name, tagged(value[field])] for field in value}
        return {"@compact": name, "fields": fields}
    if isinstance(value, list):
        return [tagged(item) for item in known(value)]
    if isinstance(value, dict):
        entries: dict[Any, Any] = known(value)
        return {"@map": [[tagged(key), tagged(item)] for key, item in entries.items()]}
    raise ValueError(f"a {type(value).__name__} cannot be exported")


def untagged(value: Any) -> Any:
    """Return the value that `tagged()` was given.

    Args:
        value: As read from JSON.

    Returns:
        The value. Integers are written as Java's `Integer` if they fit, and as `Long` otherwise.

    Raises:
        ValueError: The value is an object without a known tag.
    """
    if isinstance(value, list):
        return [untagged(item) for item in known(value)]
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -(2**31) <= value < 2**31 else java.long(value)
    if not isinstance(value, dict):
        return value
    given: dict[str, Any] = known(value)
    if given.keys() == {"@compact", "fields"}:
        fields = {name: _field(kind, item) for name, (kind, item) in given["fields"].items()}
        return compact_record(given["@compact"], fields)
    if given.keys() == {"@map"}:
        return java.hash_map({untagged(key): untagged(item) for key, item in given["@map"]})
    for tag, (_, _, read) in _TAGGED.items():
        if given.keys() == {tag}:
            return read(given[tag])
    raise ValueError(f'an object must have a tag such as {{"@json": "..."}}, not the keys {sorted(given)}')


def _field(kind: str, item: Any) -> tuple[FieldKind, Any]:
    if isinstance(item, int):
        return FieldKind[kind], item  # the kind of the field decides about its size
    return FieldKind[kind], untagged(item)
