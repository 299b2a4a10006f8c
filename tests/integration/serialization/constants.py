"""Random values of the types that every client knows, for Java to read."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hzclient.core import HazelcastJsonValue
from hzclient.serialization import java
from tests.integration.serialization.describe import describe, describe_instant
from tests.integration.serialization.values import Values


class Constant(NamedTuple):
    """A value to write, and the words for what Java reads."""

    value: Any
    told: str


Draw = Callable[[Values], Constant]


def _plain(draw: Callable[[Values], Any]) -> Draw:
    """Write a value as it is."""

    def constant(values: Values) -> Constant:
        value = draw(values)
        return Constant(value, describe(value))

    return constant


def _typed(java_type: java.JavaType[Any], draw: Callable[[Values], Any]) -> Draw:
    """Write a value as a Java type."""

    def constant(values: Values) -> Constant:
        value = draw(values)
        return Constant(java_type(value), describe(value))

    return constant


def _instant(values: Values) -> Constant:
    value = values.instant()
    return Constant(java.date(value), describe_instant(value))


def _entry(java_type: java.JavaType[tuple[Any, Any]]) -> Draw:
    def constant(values: Values) -> Constant:
        key, value = values.text(), values.integer(32)
        return Constant(java_type((key, value)), f"{describe(key)}={describe(value)}")

    return constant


def _items(values: Values) -> list[Any]:
    return [values.text(), values.integer(32), values.date(), None]


def _texts(values: Values) -> list[str]:
    return sorted({values.text() for _ in range(3)}, key=lambda text: text.encode("utf-16-be"))


def _map(values: Values) -> dict[str, int]:
    return {text: values.integer(32) for text in _texts(values)}


def _ints(values: Values) -> list[int]:
    return values.items(lambda: values.integer(32))


IN_ORDER: dict[str, Draw] = {
    "Boolean": _plain(Values.flag),
    "Integer": _plain(lambda values: values.integer(32)),
    "Double": _plain(Values.floating),
    "String": _plain(Values.text),
    "BigDecimal": _plain(Values.decimal),
    "LocalDate": _plain(Values.date),
    "LocalTime": _plain(Values.time),
    "OffsetDateTime": _plain(Values.offset_timestamp),
    "UUID": _plain(Values.uuid),
    "byte[]": _plain(lambda values: bytearray(values.bytes())),
    "ArrayList": _plain(_items),
    "JSON": _plain(lambda values: HazelcastJsonValue({"a": values.integer(32)})),
    "Byte": _typed(java.byte, lambda values: values.integer(8)),
    "Short": _typed(java.short, lambda values: values.integer(16)),
    "Long": _typed(java.long, lambda values: values.integer(64)),
    "Float": _typed(java.float32, Values.narrow_floating),
    "Character": _typed(java.char, Values.letter),
    "BigInteger": _typed(java.big_integer, Values.big_integer),
    "LocalDateTime": _typed(java.local_date_time, Values.timestamp),
    "Date": _instant,
    "Class": _typed(java.class_name, lambda values: "java.lang.String"),
    "boolean[]": _typed(java.boolean_array, lambda values: values.items(values.flag)),
    "char[]": _typed(java.char_array, lambda values: values.items(values.letter)),
    "short[]": _typed(java.short_array, lambda values: values.items(lambda: values.integer(16))),
    "int[]": _typed(java.int_array, _ints),
    "long[]": _typed(java.long_array, lambda values: values.items(lambda: values.integer(64))),
    "float[]": _typed(java.float_array, lambda values: values.items(values.narrow_floating)),
    "double[]": _typed(java.double_array, lambda values: values.items(values.floating)),
    "String[]": _typed(java.string_array, lambda values: values.items(lambda: values.maybe(values.text))),
    "Object[]": _typed(java.object_array, _items),
    "LinkedList": _typed(java.linked_list, _items),
    "CopyOnWriteArrayList": _typed(java.copy_on_write_array_list, _items),
    "ArrayDeque": _typed(java.array_deque, _texts),
    "LinkedBlockingQueue": _typed(java.linked_blocking_queue, _texts),
    "PriorityQueue": _typed(java.priority_queue, _texts),
    "SimpleEntry": _entry(java.simple_entry),
    "SimpleImmutableEntry": _entry(java.simple_immutable_entry),
    "Optional": _typed(java.optional, lambda values: values.maybe(values.text)),
}
"""Types whose bytes Java gives back as it got them."""

SETS: dict[str, Draw] = {
    name: _typed(getattr(java, name), lambda values: set(_items(values)))
    for name in ("hash_set", "linked_hash_set", "copy_on_write_array_set")
} | {
    name: _typed(getattr(java, name), lambda values: set(_texts(values)))
    for name in ("tree_set", "concurrent_skip_list_set")
}

MAPS: dict[str, Draw] = {
    name: _typed(getattr(java, name), _map)
    for name in ("hash_map", "linked_hash_map", "tree_map", "concurrent_hash_map", "concurrent_skip_list_map")
}
