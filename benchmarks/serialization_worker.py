"""Encode and decode with one client: `python -m benchmarks.serialization_worker {hzclient|hazelcast}`.

Reads cases from standard input, one per line ("str encode 0.2": name, direction, seconds), and prints the
nanoseconds of processor time of one operation for each.
"""

from __future__ import annotations

import importlib
import sys
import time
import timeit
from collections.abc import Callable
from typing import Any

DOCUMENT = {
    "name": "Ada Lovelace",
    "age": 36,
    "tags": ["a", "b", "c"],
    "address": {"city": "London", "zip": None},
}
FIELDS: list[tuple[str, str, str, Any]] = [
    # name, portable method, compact method, value
    *((f"int_{i}", "int", "int32", i * 1000) for i in range(5)),
    *((f"long_{i}", "long", "int64", i << 40) for i in range(4)),
    *((f"text_{i}", "string", "string", "text" * i) for i in range(5)),
    *((f"double_{i}", "double", "float64", i / 3) for i in range(3)),
    *((f"flag_{i}", "boolean", "boolean", bool(i)) for i in range(2)),
    ("numbers", "int_array", "array_of_int32", list(range(10))),
]


class Record:
    """Object of 20 fields."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        self.__dict__.update(values or {})


def record_classes(api: Any) -> tuple[type, type, Any]:
    """Return a portable class, a compact class, and a serializer for the latter.

    Their methods name each field, as those of an application do: the loops are unrolled here.
    """

    def method(signature: str, lines: list[str]) -> Callable[..., Any]:
        space: dict[str, Any] = {}
        exec("\n    ".join([f"def method({signature}):", *lines]), space)
        function: Callable[..., Any] = space["method"]
        return function

    def writes(place: int, obj: str) -> list[str]:
        return [f"writer.write_{field[place]}({field[0]!r}, {obj}.{field[0]})" for field in FIELDS]

    def reads(place: int) -> list[str]:
        return [f"self.{field[0]} = reader.read_{field[place]}({field[0]!r})" for field in FIELDS]

    members = {
        "get_factory_id": lambda self: 1,
        "get_class_id": lambda self: 1,
        "write_portable": method("self, writer", writes(1, "self")),
        "read_portable": method("self, reader", reads(1)),
    }
    portable = type("PortableRecord", (Record, api.Portable), members)
    compact = type("CompactRecord", (Record,), {"read": method("self, reader", reads(2))})

    def read(self: Any, reader: Any) -> Any:
        record: Any = compact()
        record.read(reader)
        return record

    serializer = {
        "read": read,
        "write": method("self, writer, obj", writes(2, "obj")),
        "get_class": lambda self: compact,
        "get_type_name": lambda self: "record",
    }
    return portable, compact, type("RecordSerializer", (api.CompactSerializer,), serializer)()


Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def hzclient_codec(portable: type, serializer: Any) -> Codec:
    """Return the functions of hzclient that encode and decode."""
    service_module: Any = importlib.import_module("hzclient.serialization._service")
    options: Any = importlib.import_module("hzclient.serialization._options").SerializationOptions
    service = service_module.SerializationService(
        options(portable_factories={1: {1: portable}}, compact_serializers=[serializer])
    )
    return service.encode, service.decode


def hazelcast_codec(portable: type, serializer: Any) -> Codec:
    """Return the functions of the official client that encode and decode."""
    config: Any = importlib.import_module("hazelcast.config").Config()
    config.portable_factories = {1: {1: portable}}
    config.compact_serializers = [serializer]
    service: Any = importlib.import_module("hazelcast.serialization.service").SerializationServiceV1(config)
    not_replicated: Any = importlib.import_module("hazelcast.serialization.compact").SchemaNotReplicatedError
    try:
        service.to_data(serializer.get_class()({name: value for name, _, _, value in FIELDS}))
    except not_replicated as error:
        service.compact_stream_serializer.register_schema_to_type(error.schema, error.clazz)
    return service.to_data, service.to_object


def cases(module: str) -> dict[str, Callable[[], Any]]:
    """Return what to time: "name direction" to a function without arguments."""
    portable, compact, serializer = record_classes(importlib.import_module(f"{module}.serialization.api"))
    json_value: Any = importlib.import_module(f"{module}.core").HazelcastJsonValue
    encode, decode = (hzclient_codec if module == "hzclient" else hazelcast_codec)(portable, serializer)
    fields = {name: value for name, _, _, value in FIELDS}
    made: dict[str, Callable[[], Any]] = {}

    def add(name: str, value: Any, same: Callable[[Any], bool]) -> None:
        data = encode(value)
        if not same(decode(data)):
            raise ValueError(f"{name} does not come back as it was: {decode(data)!r}")
        made[f"{name} encode"] = lambda: encode(value)
        made[f"{name} decode"] = lambda: decode(data)

    add("str", "x" * 100, lambda read: bool(read == "x" * 100))
    add("int", 123456, lambda read: bool(read == 123456))
    add("portable", portable(fields), lambda read: bool(vars(read) == fields))
    add("compact", compact(fields), lambda read: bool(vars(read) == fields))
    document = encode(json_value(DOCUMENT))
    made["json encode"] = lambda: encode(json_value(DOCUMENT))
    made["json decode"] = lambda: decode(document).loads()
    return made


def main(module: str) -> None:
    """Serve until standard input ends."""
    timers = {
        name: timeit.Timer(function, timer=time.process_time) for name, function in cases(module).items()
    }
    for line in sys.stdin:
        name, direction, seconds = line.split()
        timer = timers[f"{name} {direction}"]
        number = max(1, int(float(seconds) / timer.timeit(100) * 100))
        print(timer.timeit(number) / number * 1e9, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
