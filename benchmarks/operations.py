"""Operations that are measured: which structure has them, with which arguments, and what they need before.

Both clients run the same lines. A call that takes many entries at once is one call.
"""

from __future__ import annotations

import importlib
import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

KEY_COUNT = 1000
BULK_COUNT = 10_000

Arguments = tuple[Any, ...]


def keys(count: int = KEY_COUNT) -> list[str]:
    """Return the keys of every map, all of one length, in an order that spreads over partitions."""
    names = [f"key-{number:06}" for number in range(count)]
    random.Random(0).shuffle(names)
    return names


def value(size: int) -> str:
    """Return a value of the given size."""
    return "x" * size


def entries(size: int, count: int = KEY_COUNT) -> dict[str, str]:
    """Return the entries of the map for values of the given size."""
    return dict.fromkeys(keys(count), value(size))


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation to measure.

    Attributes:
        structure: Kind of the structure, as in the client's method `get_...`.
        call: Returns the callable to measure: a method of the structure, given the module of the client.
        feed: Returns the arguments of one call after the other, for values of a size. They are repeated.
        fill: Calls that prepare the structure, given it and the size.
        check: Whether the result of a call is what it should be, given the result and the size.
        sizes: Lengths of values that are measured if none is named.
    """

    structure: str
    call: Callable[[Any, str], Callable[..., Any]]
    feed: Callable[[int], Iterable[Arguments]]
    fill: Callable[[Any, int], Iterable[Any]] = lambda structure, size: ()
    check: Callable[[Any, int], bool] = lambda result, size: True
    sizes: tuple[int, ...] = (100,)

    def arguments(self, size: int) -> Iterator[Arguments]:
        """Return endless positional arguments."""
        return itertools.cycle(list(self.feed(size)))


def _method(name: str) -> Callable[[Any, str], Callable[..., Any]]:
    return lambda structure, module: getattr(structure, name)


def _offer_and_poll(queue: Any, module: str) -> Callable[[bool, str], Any]:
    del module
    offer, poll = queue.offer, queue.poll
    return lambda offers, item: offer(item) if offers else poll()


def _values_that_match(structure: Any, module: str) -> Callable[[], Any]:
    predicate = importlib.import_module(f"{module}.predicate")
    return lambda: structure.values(predicate.sql("this like 'x%'"))


def _execute(executor: Any, module: str) -> Callable[[str], Any]:
    echo = task(module)
    execute = executor.execute_on_key_owner
    return lambda key: execute(key, echo)


def task(module: str) -> Any:
    """Return the counterpart of the Java task `hzclient.test.Echo`, which returns a text.

    Args:
        module: Module of the client.

    Returns:
        A serializable object.
    """
    base: Any = importlib.import_module(f"{module}.serialization.api").IdentifiedDataSerializable

    class Echo(base):  # type: ignore[misc]
        def write_data(self, output: Any) -> None:
            output.write_string("done")

        def read_data(self, input_: Any) -> None:
            raise NotImplementedError

        def get_factory_id(self) -> int:
            return 66

        def get_class_id(self) -> int:
            return 41

    return Echo()


def _key(size: int) -> Iterator[Arguments]:
    return ((key,) for key in keys())


def _key_and_value(size: int) -> Iterator[Arguments]:
    return ((key, value(size)) for key in keys())


def _value(size: int) -> Iterator[Arguments]:
    return ((value(size),) for _ in range(1))


def _nothing(size: int) -> Iterator[Arguments]:
    return iter([()])


def _filled(structure: Any, size: int) -> Iterator[Any]:
    yield structure.put_all(entries(size))


def _filled_with_many(structure: Any, size: int) -> Iterator[Any]:
    yield structure.put_all(entries(size, BULK_COUNT))


def _is_value(found: Any, size: int) -> bool:
    return bool(found == value(size))


OPERATIONS = {
    "get": Operation("map", _method("get"), _key, _filled, _is_value, (100, 10_000)),
    "set": Operation("map", _method("set"), _key_and_value, _filled, sizes=(100, 10_000)),
    "put": Operation("map", _method("put"), _key_and_value, _filled, _is_value),
    "remove": Operation("map", _method("remove"), _key),
    "contains_key": Operation("map", _method("contains_key"), _key, _filled, lambda found, _: found is True),
    "get_all": Operation(
        "map",
        _method("get_all"),
        lambda _: ((keys()[start : start + 100],) for start in range(0, KEY_COUNT, 100)),
        _filled,
        lambda found, _: len(found) == 100,
    ),
    "queue.offer, poll": Operation(
        "queue", _offer_and_poll, lambda size: ((True, value(size)), (False, value(size)))
    ),
    "topic.publish": Operation("topic", _method("publish"), _value),
    "ringbuffer.add": Operation("ringbuffer", _method("add"), _value),
    "set.add": Operation("set", _method("add"), _key),
    "set.contains": Operation("set", _method("contains"), _key),
    "replicated_map.put": Operation("replicated_map", _method("put"), _key_and_value),
    "replicated_map.get": Operation(
        "replicated_map", _method("get"), _key, _filled, lambda found, size: found in (None, value(size))
    ),
    "executor": Operation("executor", _execute, _key, check=lambda found, _: found == "done"),
    "atomic_long": Operation("atomic_long", _method("add_and_get"), lambda _: [(1,)]),
    "get_all of 10,000": Operation(
        "map",
        _method("get_all"),
        lambda _: [(keys(BULK_COUNT),)],
        _filled_with_many,
        lambda f, _: len(f) == BULK_COUNT,
    ),
    "put_all of 10,000": Operation("map", _method("put_all"), lambda size: [(entries(size, BULK_COUNT),)]),
    "entry_set of 10,000": Operation(
        "map", _method("entry_set"), _nothing, _filled_with_many, lambda found, _: len(found) == BULK_COUNT
    ),
    "values of 10,000, by predicate": Operation(
        "map", _values_that_match, _nothing, _filled_with_many, lambda found, _: len(found) == BULK_COUNT
    ),
}
"""The operations by the names that tables show. Those of a map have no prefix."""

BULK = tuple(name for name in OPERATIONS if "10,000" in name)
"""Operations that are measured one call at a time."""

CP = ("atomic_long",)
"""Operations that need a member with CP structures; open-source members have them up to 5.4."""
