"""Definitions for tests: strategies, values of golden messages, and comparison.

This module interprets the definitions independently of the templates, to reveal their errors.
"""

import struct
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import definitions as generator
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from naming import attribute, constant, snake
from wiretypes import PUBLIC

from hzclient._codec import custom
from hzclient._protocol.message import Method
from hzclient._protocol.sql_page import SqlPage
from tests.member.scripted import member_method

ROOT = Path(__file__).parents[3]
DEFINITIONS = generator.load(ROOT / "protocol-definitions")
CUSTOM = {each.name: each for each in DEFINITIONS.custom_types}
METHODS = {method.full_name: method for service in DEFINITIONS.services for method in service.methods}


@cache
def codec_module(service: str) -> Any:
    """Return the generated module of a service."""
    return import_module(f"hzclient._codec.{snake(service)}")


def codec(full_name: str) -> Method[..., Any]:
    """Return the generated method."""
    service, name = full_name.split(".")
    method: Method[..., Any] = getattr(codec_module(service), constant(name))
    return method


def side(full_name: str) -> Any:
    """Return the member's side of a method."""
    found = member_method(METHODS[full_name].request_type)
    assert found is not None
    assert found.name == full_name
    return found


def record(service: str, name: str) -> Any:
    """Return a generated class of a service."""
    return getattr(codec_module(service), name)


def plain(value: Any) -> Any:
    """Convert a value to plain tuples, because some classes have no equality."""
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(plain(item) for item in value)
    if isinstance(value, float):
        return struct.pack("<d", value)
    slots = getattr(type(value), "__slots__", None)
    if isinstance(value, (UUID, Decimal, str, bytes, int, set, type(None))):
        return value
    names = slots if slots else sorted(vars(value))
    return (type(value).__name__, *(plain(getattr(value, name)) for name in names))


# ------------------------------------------------------------------------------------------ strategies

INT = st.integers(-(2**31), 2**31 - 1)
LONG = st.integers(-(2**63), 2**63 - 1)
FLOAT = st.floats(width=32, allow_nan=False)
TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
BYTES = st.binary(max_size=5)

_SIMPLE: dict[str, SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "byte": st.integers(-128, 127),
    "int": INT,
    "long": LONG,
    "float": FLOAT,
    "UUID": st.uuids(),
    "String": TEXT,
    "Data": BYTES,
    "byteArray": BYTES,
}
_PAIRED = {"Integer": INT, "Long": LONG}
_ARRAYS = {"longArray": LONG, "floatArray": FLOAT}

_COLUMNS: dict[int, SearchStrategy[Any]] = {
    0: TEXT,
    1: st.booleans(),
    2: st.integers(-128, 127),
    3: st.integers(-(2**15), 2**15 - 1),
    4: INT,
    5: LONG,
    6: st.decimals(allow_nan=False, allow_infinity=False),
    7: FLOAT,
    8: st.floats(allow_nan=False),
    9: st.tuples(INT, st.integers(1, 12), st.integers(1, 31)),
    10: st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999_999_999)),
    13: BYTES,
    14: st.none(),
    15: TEXT,
    16: TEXT,
}
_COLUMNS[11] = st.builds(lambda day, clock: day + clock, _COLUMNS[9], _COLUMNS[10])
_COLUMNS[12] = st.builds(lambda stamp, offset: (*stamp, offset), _COLUMNS[11], st.integers(-86400, 86400))


@st.composite
def sql_pages(draw: Any) -> SqlPage:
    """Generate pages of all column types."""
    rows = draw(st.integers(0, 20))
    types = draw(st.lists(st.sampled_from(sorted(_COLUMNS)), max_size=4))
    columns = [draw(st.lists(st.none() | _COLUMNS[each], min_size=rows, max_size=rows)) for each in types]
    return SqlPage(types, columns, draw(st.booleans()))


@cache
def strategy(name: str) -> SearchStrategy[Any]:
    """Return a strategy for the values of a wire type."""
    if name in _SIMPLE:
        return _SIMPLE[name]
    if name in _PAIRED:
        return _PAIRED[name]
    if name in _ARRAYS:
        return st.lists(_ARRAYS[name], max_size=3)
    if name == "SqlPage":
        return sql_pages()
    if name in CUSTOM:
        return composites(name)
    kind, _, rest = name.partition("_")
    if kind == "List":
        return st.lists(strategy(rest), max_size=2)
    if kind == "ListCN":
        return st.lists(st.none() | strategy(rest), max_size=3)
    if kind == "Set":
        return st.sets(strategy(rest), max_size=2)
    key, _, value = rest.partition("_")
    if kind == "Map":
        return st.lists(st.tuples(strategy(key), strategy(value)), max_size=2).map(dict)
    assert kind == "EntryList", name
    return st.lists(st.tuples(strategy(key), strategy(value)), max_size=2)


def field(param: Any) -> SearchStrategy[Any]:
    """Return a strategy for the values of a parameter."""
    values = strategy(param.type)
    can_be_null = param.nullable and (param.type == "UUID" or param.type not in _SIMPLE)
    text_or_data = param.nullable and param.type in ("String", "Data", "byteArray")
    return st.none() | values if can_be_null or text_or_data else values


def fields(params: Any) -> SearchStrategy[tuple[Any, ...]]:
    """Return a strategy for the values of all parameters, in order."""
    return st.tuples(*map(field, params))


def composites(name: str) -> SearchStrategy[Any]:
    """Return a strategy for the values of a composite type."""
    params = CUSTOM[name].fields
    return fields(params).map(
        lambda values: composite(name, dict(zip((each.name for each in params), values, strict=True)))
    )


def composite(name: str, values: dict[str, Any]) -> Any:
    """Create a composite from its fields, given by their names in the definition."""
    kind = getattr(custom, name)
    if name in PUBLIC:
        return kind(*(None if each is None else values[each] for each in PUBLIC[name].arguments))
    return kind(**{attribute(each): value for each, value in values.items()})


# -------------------------------------------------------------------------------------- golden messages


def from_json(name: str, value: Any) -> Any:
    """Convert a value of a golden message, which has hex texts for bytes and lists of pairs for maps."""
    if value is None or name in ("boolean", "byte", "int", "long", "Integer", "Long", "float", "String"):
        return value
    if name == "UUID":
        return UUID(value)
    if name in ("Data", "byteArray"):
        return bytes.fromhex(value)
    if name in _ARRAYS:
        return value
    if name == "SqlPage":
        return _page(value)
    if name in CUSTOM:
        known = {each.name: each for each in CUSTOM[name].fields}
        given = {each: from_json(known[each].type, item) for each, item in value.items()}
        return composite(name, given)
    kind, _, rest = name.partition("_")
    if kind in ("List", "ListCN", "Set"):
        items = [from_json(rest, item) for item in value]
        return set(items) if kind == "Set" else items
    key, _, item = rest.partition("_")
    pairs = [(from_json(key, one), from_json(item, other)) for one, other in value]
    return dict(pairs) if kind == "Map" else pairs


def _page(value: Any) -> SqlPage:
    columns = [
        [None if cell is None else _cell(column_type, cell) for cell in column]
        for column_type, column in zip(value["columnTypes"], value["columns"], strict=True)
    ]
    return SqlPage(value["columnTypes"], columns, value["last"])


def _cell(column_type: int, cell: Any) -> Any:
    match column_type:
        case 6:
            return Decimal(cell)
        case 9:
            return date.fromisoformat(cell).timetuple()[:3]
        case 10:
            return _clock(time.fromisoformat(cell))
        case 11 | 12:
            stamp = datetime.fromisoformat(cell)
            offset = stamp.utcoffset()
            zone = () if offset is None else (int(offset.total_seconds()),)
            return (*stamp.timetuple()[:3], *_clock(stamp.time()), *zone)
        case 13:
            return bytes.fromhex(cell)
        case _:
            return cell


def _clock(value: time) -> tuple[int, int, int, int]:
    return value.hour, value.minute, value.second, value.microsecond * 1000
