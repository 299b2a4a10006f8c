"""The kinds of values that the tests send between languages, and how each looks as text.

Every program (this one, and those below `java`, `node` and `go`) makes the same value for the name of a kind,
and describes a value that it has read in the same words.
"""

from __future__ import annotations

import datetime
import decimal
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from hzclient.core import HazelcastJsonValue
from hzclient.serialization import java
from hzclient.serialization.api import Portable, PortableReader, PortableWriter
from hzclient.serialization.compact import Int32, compact

EVERYBODY = frozenset({"java", "node", "go"})


@compact(type_name="interop.Order")
@dataclass(frozen=True)
class Order:
    """A compact value. Its fields are not in the order of their names."""

    z: str
    a: str
    m: decimal.Decimal
    n: Int32


class Point(Portable):
    """A portable value."""

    FACTORY_ID = 7
    CLASS_ID = 1

    def __init__(self, x: int = 0, label: str | None = None) -> None:
        self.x = x
        self.label = label

    def get_factory_id(self) -> int:
        return self.FACTORY_ID

    def get_class_id(self) -> int:
        return self.CLASS_ID

    def write_portable(self, writer: PortableWriter) -> None:
        writer.write_int("x", self.x)
        writer.write_string("label", self.label)

    def read_portable(self, reader: PortableReader) -> None:
        self.x = reader.read_int("x")
        self.label = reader.read_string("label")

    def __str__(self) -> str:
        return f"Point(x={self.x}, label={self.label})"


@dataclass(frozen=True)
class Kind:
    """A kind of values.

    Attributes:
        name: Name of the kind.
        value: The value, as a program in Python writes it.
        text: What each program says of the value.
        writers: Languages beside Python that can write it.
        readers: Languages beside Python that can read it.
        other_bytes: Languages that write other bytes than Java for the value, so that members take what
            they write for another key or value.
        sql: Type of such values in SQL; None if a mapping of one column cannot hold them.
        comparable: Whether predicates can compare it.
    """

    name: str
    value: Any
    text: str
    writers: frozenset[str] = EVERYBODY
    readers: frozenset[str] = EVERYBODY
    other_bytes: frozenset[str] = frozenset()
    sql: str | None = None
    comparable: bool = field(default=False)


TWO_HOURS = datetime.timezone(datetime.timedelta(hours=2))
STAMP = datetime.datetime(2024, 5, 6, 7, 8, 9, 10)

NOT_NODE = EVERYBODY - {"node"}
ONLY_JAVA = frozenset({"java"})

KINDS = (
    Kind("boolean", True, "true", sql="boolean", comparable=True),
    Kind("int8", java.byte(7), "7", writers=NOT_NODE, sql="tinyint", comparable=True),
    Kind("int16", java.short(300), "300", writers=NOT_NODE, sql="smallint", comparable=True),
    Kind("int32", 70_000, "70000", sql="int", comparable=True),
    Kind("int64", java.long((1 << 53) + 1), "9007199254740993", sql="bigint", comparable=True),
    Kind("float32", java.float32(1.5), "1.5", writers=NOT_NODE, sql="real", comparable=True),
    Kind("float64", 2.25, "2.25", sql="double", comparable=True),
    Kind("string", "grün € 😀", "grün € 😀", sql="varchar", comparable=True),
    Kind("bytes", bytearray(b"\x00\x01\xff"), "bytes 0001ff"),
    Kind("uuid", uuid.UUID(int=(1 << 64) + 2), "00000000-0000-0001-0000-000000000002", comparable=True),
    Kind("decimal", decimal.Decimal("1.50"), "decimal 150e-2", sql="decimal", comparable=True),
    # Node writes -150 as the byte 6a, which is 106: most of its negative numbers lose their sign.
    Kind("negative_decimal", decimal.Decimal("-1.50"), "decimal -150e-2", NOT_NODE, comparable=True),
    # Node puts a zero byte in front of numbers that do not need it.
    Kind(
        "big_integer",
        java.big_integer(1 << 80),
        str(1 << 80),
        other_bytes=frozenset({"node"}),
        comparable=True,
    ),
    Kind("date", datetime.date(2024, 5, 6), "2024-05-06", sql="date", comparable=True),
    Kind("time", datetime.time(7, 8, 9, 10), "07:08:09.000010000", sql="time", comparable=True),
    Kind(
        "timestamp",
        java.local_date_time(STAMP),
        "2024-05-06T07:08:09.000010000",
        sql="timestamp",
        comparable=True,
    ),
    Kind(
        "offset_timestamp",
        STAMP.replace(tzinfo=TWO_HOURS),
        "2024-05-06T07:08:09.000010000+7200",
        sql="timestamp with time zone",
    ),
    Kind("json", HazelcastJsonValue('{"a": 1}'), 'json {"a": 1}', sql="json"),
    Kind("int_array", java.int_array([1, 2, 3]), "[1, 2, 3]"),
    Kind("string_array", java.string_array(["a", "b"]), "[a, b]"),
    Kind("list", ["a", 7, None], "[a, 7, null]", writers=NOT_NODE),
    Kind("map", java.hash_map({"a": 7}), "map [a=7]", writers=ONLY_JAVA, readers=ONLY_JAVA),
    Kind("compact", Order("z", "a", decimal.Decimal("1.50"), 7), "Order(z=z, a=a, m=decimal 150e-2, n=7)"),
    Kind("portable", Point(7, "here"), "Point(x=7, label=here)"),
)


def describe(value: Any) -> str:
    """Return what all programs say of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return json.dumps(value)
        case bytes() | bytearray():
            return f"bytes {value.hex()}"
        case decimal.Decimal():
            return f"decimal {value.scaleb(-int(value.as_tuple().exponent)):f}e{value.as_tuple().exponent}"
        case datetime.datetime():
            offset = value.utcoffset()
            text = f"{value.date()}T{describe(value.time())}"
            return text if offset is None else f"{text}+{offset.total_seconds():.0f}"
        case datetime.time():
            return f"{value:%H:%M:%S}.{value.microsecond * 1000:09d}"
        case HazelcastJsonValue():
            return f"json {value}"
        case list():
            return f"[{', '.join(map(describe, value))}]"
        case dict():
            return f"map [{', '.join(f'{key}={describe(item)}' for key, item in value.items())}]"
        case Order():
            return f"Order(z={value.z}, a={value.a}, m={describe(value.m)}, n={value.n})"
        case _:
            return str(value)
