"""Collections, which hold objects of any kind: Java's become the built-in ones of Python."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from hzclient.core import MapEntry
from hzclient.serialization import serialization_const as ids
from hzclient.serialization._input import Input, ObjectReader
from hzclient.serialization._output import ObjectWriter, Output
from hzclient.serialization._primitives import check_length


def write_list(out: Output, items: Iterable[Any]) -> None:
    """Append the number of items and the items; this is how every collection is written."""
    items = items if isinstance(items, list | tuple) else list(items)
    out.write_int(len(items))
    write_object = out.write_object
    for item in items:
        write_object(item)


def _write_map(out: Output, pairs: Mapping[Any, Any]) -> None:
    out.write_int(len(pairs))
    for pair in pairs.items():
        _write_items(out, pair)


def _write_items(out: Output, items: Iterable[Any]) -> None:
    for item in items:
        out.write_object(item)


def _write_optional(out: Output, value: Any) -> None:
    out.write_boolean(value is not None)
    if value is not None:
        out.write_object(value)


def _in_natural_order(write: ObjectWriter) -> ObjectWriter:
    """Return a writer of a sorted collection whose comparator is null."""

    def write_sorted(out: Output, items: Any) -> None:
        out.write_object(None)
        write(out, items)

    return write_sorted


def _read_count(inp: Input, kind: str, item_size: int) -> int:
    """Read the number of items of a collection, and check that they can all be there."""
    offset = inp.pos
    count = inp.read_int()
    check_length(inp.buffer, offset, kind, count, item_size)
    return count


def _read_list(inp: Input) -> list[Any] | None:
    offset = inp.pos
    count = inp.read_int()
    if count == -1:
        return None
    check_length(inp.buffer, offset, "list", count, 4)
    read_object = inp.read_object
    return [read_object() for _ in range(count)]


def _read_set(inp: Input) -> set[Any] | list[Any]:
    """Read a set. Lists and the like in it become hashable; if that is not enough, it becomes a list."""
    items = [hashable(inp.read_object()) for _ in range(_read_count(inp, "set", 4))]
    try:
        return set(items)
    except TypeError:
        return items


def _read_map(inp: Input) -> dict[Any, Any] | list[MapEntry[Any, Any]]:
    """Read a map. Lists and the like become hashable keys; if that is not enough, it becomes entries."""
    pairs = [(hashable(inp.read_object()), inp.read_object()) for _ in range(_read_count(inp, "map", 8))]
    try:
        return dict(pairs)
    except TypeError:
        return [MapEntry(key, value) for key, value in pairs]


def hashable(value: object) -> Any:
    """Return the immutable form of a standard container, and any other value as it is."""
    freeze = _FREEZE.get(type(value))
    return value if freeze is None else freeze(value)


def _frozen_items(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(map(hashable, items))


def _frozen_pairs(pairs: Mapping[Any, Any]) -> tuple[tuple[Any, Any], ...]:
    return tuple((key, hashable(value)) for key, value in pairs.items())


_FREEZE: Final[Mapping[object, Callable[[Any], Any]]] = {
    bytearray: bytes,
    list: _frozen_items,
    tuple: _frozen_items,
    set: frozenset,
    dict: _frozen_pairs,
}


def _read_entry(inp: Input) -> MapEntry[Any, Any]:
    key = inp.read_object()
    return MapEntry(key, inp.read_object())


def _read_optional(inp: Input) -> Any:
    return inp.read_object() if inp.read_boolean() else None


def _read_timestamped(inp: Input) -> tuple[int, Any]:
    timestamp = inp.read_long()
    return timestamp, inp.read_object()


def _tuple_reader(size: int) -> ObjectReader:
    def read(inp: Input) -> tuple[Any, ...]:
        return tuple(inp.read_object() for _ in range(size))

    return read


def _after_comparator(read: Callable[[Input], Any]) -> ObjectReader:
    """Return a reader of a sorted collection, whose order means nothing here but for the items' own."""

    def read_sorted(inp: Input) -> Any:
        inp.read_object()
        return read(inp)

    return read_sorted


class _Kind(NamedTuple):
    """How collections of some type ids are read and written."""

    type_ids: tuple[int, ...]
    read: ObjectReader
    write: ObjectWriter


_KINDS = (
    _Kind(
        (
            ids.JAVA_DEFAULT_TYPE_ARRAY,
            ids.JAVA_DEFAULT_TYPE_ARRAY_LIST,
            ids.JAVA_DEFAULT_TYPE_LINKED_LIST,
            ids.JAVA_DEFAULT_TYPE_COPY_ON_WRITE_ARRAY_LIST,
            ids.JAVA_DEFAULT_TYPE_ARRAY_DEQUE,
            ids.JAVA_DEFAULT_TYPE_LINKED_BLOCKING_QUEUE,
            ids.JAVA_DEFAULT_TYPE_ARRAY_BLOCKING_QUEUE,
            ids.JAVA_DEFAULT_TYPE_DELAY_QUEUE,
            ids.JAVA_DEFAULT_TYPE_SYNCHRONOUS_QUEUE,
            ids.JAVA_DEFAULT_TYPE_LINKED_TRANSFER_QUEUE,
        ),
        _read_list,
        write_list,
    ),
    _Kind(
        (ids.JAVA_DEFAULT_TYPE_PRIORITY_BLOCKING_QUEUE, ids.JAVA_DEFAULT_TYPE_PRIORITY_QUEUE),
        _after_comparator(_read_list),
        _in_natural_order(write_list),
    ),
    _Kind(
        (
            ids.JAVA_DEFAULT_TYPE_HASH_SET,
            ids.JAVA_DEFAULT_TYPE_LINKED_HASH_SET,
            ids.JAVA_DEFAULT_TYPE_COPY_ON_WRITE_ARRAY_SET,
        ),
        _read_set,
        write_list,
    ),
    _Kind(
        (ids.JAVA_DEFAULT_TYPE_TREE_SET, ids.JAVA_DEFAULT_TYPE_CONCURRENT_SKIP_LIST_SET),
        _after_comparator(_read_set),
        _in_natural_order(write_list),
    ),
    _Kind(
        (
            ids.JAVA_DEFAULT_TYPE_HASH_MAP,
            ids.JAVA_DEFAULT_TYPE_CONCURRENT_HASH_MAP,
            ids.JAVA_DEFAULT_TYPE_LINKED_HASH_MAP,
        ),
        _read_map,
        _write_map,
    ),
    _Kind(
        (ids.JAVA_DEFAULT_TYPE_TREE_MAP, ids.JAVA_DEFAULT_TYPE_CONCURRENT_SKIP_LIST_MAP),
        _after_comparator(_read_map),
        _in_natural_order(_write_map),
    ),
    _Kind(
        (ids.JAVA_DEFAULT_TYPE_SIMPLE_ENTRY, ids.JAVA_DEFAULT_TYPE_SIMPLE_IMMUTABLE_ENTRY),
        _read_entry,
        _write_items,
    ),
    _Kind((ids.JAVA_DEFAULT_TYPE_OPTIONAL,), _read_optional, _write_optional),
)

COLLECTION_READERS: Final[Mapping[int, ObjectReader]] = {
    **{type_id: kind.read for kind in _KINDS for type_id in kind.type_ids},
    **{type_id: _tuple_reader(size) for size, type_id in enumerate(ids.JET_TYPE_TUPLES, start=2)},
    ids.JET_TYPE_TIMESTAMPED_ITEM: _read_timestamped,
}
"""Reader by type id of what holds objects of any kind."""

COLLECTION_WRITERS: Final[Mapping[int, ObjectWriter]] = {
    type_id: kind.write for kind in _KINDS for type_id in kind.type_ids
}
"""Writer of the payload by type id, for those collections that clients may write."""
