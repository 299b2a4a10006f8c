"""Structures as tables: their operations, and what a Python object says that these return."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.integration.models.disturbed import Disturbed

Draw = Callable[[Any], Any]
"""Draws from a strategy: `DataObject.draw`."""

Strategies = tuple[st.SearchStrategy[Any], ...]

number = st.integers(0, 3)
numbers = st.lists(number, max_size=3)


def unchanged(result: Any) -> Any:
    """Return the result as it is."""
    return result


@dataclass(frozen=True)
class Row:
    """An operation of a structure.

    Attributes:
        name: Name of the operation.
        arguments: Strategies of its arguments, or a function that makes them for a state of the model.
        model: Carries the operation out on the model, and returns what it should return.
        seen: Makes results comparable with those of the model.
    """

    name: str
    arguments: Strategies | Callable[[Any], Strategies]
    model: Callable[..., Any]
    seen: Callable[[Any], Any] = unchanged

    def draw_arguments(self, draw: Draw, state: Any) -> list[Any]:
        """Draw arguments for a state of the model."""
        strategies = self.arguments(state) if callable(self.arguments) else self.arguments
        return [draw(each) for each in strategies]


@dataclass(frozen=True)
class Table:
    """A structure and its operations.

    Attributes:
        kind: Kind of structure, as in `get_...`.
        state: Makes the model of a new structure.
        rows: The operations.
        after: Names of operations that change nothing, called after each step.
    """

    kind: str
    state: Callable[[], Any]
    rows: tuple[Row, ...]
    after: tuple[str, ...]


class Checked:
    """One structure and its model.

    No call is under way when a member is killed, and each change has a backup: results are exact.

    Args:
        disturbed: The members and the clients.
        table: The operations.
        name: Name of the structure.
    """

    def __init__(self, disturbed: Disturbed, table: Table, name: str) -> None:
        self._table = table
        self._state = table.state()
        self._faces = disturbed.faces(table.kind, name)

    def step(self, draw: Draw) -> None:
        """Call an operation in one face, and read the whole structure in any face."""
        self._call(draw, draw(st.sampled_from(self._table.rows)))
        for row in self._table.rows:
            if row.name in self._table.after:
                self._call(draw, row)

    def _call(self, draw: Draw, row: Row) -> None:
        arguments = row.draw_arguments(draw, self._state)
        face = draw(st.sampled_from(sorted(self._faces)))
        expected = row.model(self._state, *arguments)
        found = row.seen(self._faces[face](row.name, *arguments))
        assert found == expected, (
            f"{self._table.kind}.{row.name}{tuple(arguments)} returned {found}, not {expected}, in {face}"
        )


# ----------------------------------------------------------------------------------------------- queue


def _remove(items: deque[int], item: int) -> bool:
    there = item in items
    if there:
        items.remove(item)
    return there


def _retain(items: deque[int], kept: list[int]) -> bool:
    """Keep the items that are equal to one of a list; return whether any was removed."""
    before = list(items)
    items.clear()
    items.extend(item for item in before if item in kept)
    return len(items) != len(before)


def _remove_all(items: deque[int], gone: list[int]) -> bool:
    return _retain(items, [item for item in items if item not in gone])


def _append(items: deque[int], *more: int) -> bool:
    items.extend(more)
    return bool(more)


QUEUE = Table(
    "queue",
    deque,
    (
        Row("offer", (number,), _append),
        Row("add", (number,), _append),
        Row("put", (number,), lambda items, item: items.append(item)),
        Row("add_all", (numbers,), lambda items, more: _append(items, *more)),
        Row("poll", (), lambda items: items.popleft() if items else None),
        Row("peek", (), lambda items: items[0] if items else None),
        Row("remove", (number,), _remove),
        Row("retain_all", (numbers,), _retain),
        Row("remove_all", (numbers,), _remove_all),
        Row("contains", (number,), lambda items, item: item in items),
        Row("contains_all", (numbers,), lambda items, wanted: set(wanted) <= set(items)),
        Row("size", (), len),
        Row("is_empty", (), lambda items: not items),
        Row("iterator", (), list, list),
        Row("clear", (), lambda items: items.clear()),
    ),
    after=("iterator", "size"),
)

# ------------------------------------------------------------------------------------------ ringbuffer

CAPACITY = 10_000
"""Capacity of ringbuffers by default: more than a run adds."""


def _sequences(items: list[int]) -> Strategies:
    return (st.integers(0, len(items) - 1),)


def _add(items: list[int], *more: int) -> int:
    items.extend(more)
    return len(items) - 1


RINGBUFFER = Table(
    "ringbuffer",
    lambda: [7],  # one item, so that there always is one to read: who reads the next one waits for it
    (
        Row("add", (number,), _add),
        Row(
            "add_all",
            (st.lists(number, min_size=1, max_size=3), st.just(0)),
            lambda items, more, _: _add(items, *more),
        ),
        Row("read_one", _sequences, lambda items, sequence: items[sequence]),
        Row(
            "read_many",
            lambda items: (*_sequences(items), st.just(0), st.integers(1, 5)),
            lambda items, start, _, count: items[start : start + count],
            list,
        ),
        Row("size", (), len),
        Row("head_sequence", (), lambda items: 0),
        Row("tail_sequence", (), lambda items: len(items) - 1),
        Row("capacity", (), lambda items: CAPACITY),
        Row("remaining_capacity", (), lambda items: CAPACITY),
    ),
    after=("tail_sequence",),
)
