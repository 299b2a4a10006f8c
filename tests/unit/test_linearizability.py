"""The checker of CP histories: it accepts what is legal, and finds each kind of violation."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.cp.linearizability import REFUSED, UNKNOWN, Call, Undecided, violation
from tests.integration.cp.sequential import MODELS


def call(began: int, ended: int | None, name: str, *args: Any, result: Any = None) -> Call:
    return Call(name, args, UNKNOWN if ended is None else result, began, ended)


def found(kind: str, *calls: Call) -> str | None:
    return violation(calls, *MODELS[kind])


LEGAL: dict[str, tuple[str, list[Call]]] = {
    "nothing": ("atomic_long", []),
    "one after the other": (
        "atomic_long",
        [
            call(0, 1, "set", 5),
            call(2, 3, "add_and_get", 2, result=7),
            call(4, 5, "get_and_add", 1, result=7),
            call(6, 7, "compare_and_set", 8, 9, result=True),
            call(8, 9, "compare_and_set", 8, 10, result=False),
            call(10, 11, "get_and_set", 1, result=9),
            call(12, 13, "get", result=1),
        ],
    ),
    "a read beside a write sees the old value": (
        "atomic_long",
        [call(0, 10, "set", 5), call(1, 2, "get", result=0), call(11, 12, "get", result=5)],
    ),
    "a read beside a write sees the new value": (
        "atomic_long",
        [call(0, 10, "set", 5), call(1, 2, "get", result=5), call(3, 4, "get", result=5)],
    ),
    "calls that touch overlap": ("atomic_long", [call(0, 5, "set", 5), call(5, 6, "get", result=0)]),
    "a write without an outcome that nobody saw": (
        "atomic_long",
        [call(0, None, "set", 5), call(1, 2, "get", result=0)],
    ),
    "a write without an outcome, seen late": (
        "atomic_long",
        [call(0, None, "set", 5), call(1, 2, "get", result=0), call(3, 4, "get", result=5)],
    ),
    "the search must go back": (
        "atomic_reference",
        [
            call(0, 10, "set", "a"),
            call(0, 10, "set", "b"),
            call(0, 10, "set", "c"),
            call(11, 12, "get_and_set", "d", result="a"),
            call(0, 13, "contains", "c", result=True),
        ],
    ),
    "a lock changes hands": (
        "lock",
        [
            call(0, 1, "lock", 1, result=3),
            call(2, 20, "lock", 2, result=9),
            call(3, 4, "try_lock", 3, result=0),
            call(5, 6, "lock", 1, result=3),
            call(7, 8, "unlock", 1),
            call(9, 10, "is_locked", result=True),
            call(11, 12, "unlock", 1),
            call(21, 22, "unlock", 2),
            call(23, 24, "is_locked", result=False),
        ],
    ),
    "a lock taken and released without an outcome": (
        "lock",
        [
            call(0, None, "lock", 1),
            call(0, None, "unlock", 1),
            call(1, 2, "try_lock", 2, result=0),
            call(3, 4, "lock", 3, result=8),
        ],
    ),
    "permits": (
        "semaphore",
        [
            call(0, 1, "acquire", 1, 2),
            call(2, 3, "try_acquire", 2, 2, result=False),
            call(4, 5, "available_permits", result=1),
            call(4, 9, "acquire", 3, 2),
            call(6, 7, "release", 1, 2),
            call(10, 11, "try_acquire", 4, 1, result=True),
        ],
    ),
    "permits acquired and released without an outcome": (
        "semaphore",
        [
            call(0, None, "acquire", 1, 2),
            call(0, None, "release", 1, 2),
            call(1, 2, "available_permits", result=3),
            call(3, 4, "available_permits", result=1),
            call(5, 6, "available_permits", result=3),
        ],
    ),
    "a count set by a call that was repeated": (
        "count_down_latch",
        [
            call(0, 9, "try_set_count", 2, result=False),
            call(1, 2, "get_count", result=0),
            call(3, 4, "get_count", result=2),
        ],
    ),
    "a latch": (
        "count_down_latch",
        [
            call(0, 1, "try_set_count", 2, result=True),
            call(2, 3, "try_set_count", 2, result=False),
            call(4, 5, "count_down"),
            call(4, 9, "await_latch", result=True),
            call(4, 6, "await_latch", result=False),
            call(7, 8, "count_down"),
            call(10, 11, "get_count", result=0),
            call(12, 13, "count_down"),
        ],
    ),
}

VIOLATIONS: dict[str, tuple[str, list[Call]]] = {
    "stale read": ("atomic_long", [call(0, 1, "set", 5), call(2, 3, "get", result=0)]),
    "read goes back in time": (
        "atomic_long",
        [call(0, 10, "set", 5), call(1, 2, "get", result=5), call(3, 4, "get", result=0)],
    ),
    "stale read after one without an outcome was seen": (
        "atomic_long",
        [call(0, None, "set", 5), call(1, 2, "get", result=5), call(3, 4, "get", result=0)],
    ),
    "read from the future": ("atomic_long", [call(0, 1, "get", result=5), call(2, 3, "set", 5)]),
    "read out of nowhere": ("atomic_long", [call(0, None, "set", 5), call(1, 2, "get", result=6)]),
    "lost update": (
        "atomic_long",
        [
            call(0, 9, "add_and_get", 1, result=1),
            call(0, 9, "add_and_get", 1, result=1),
        ],
    ),
    "lost write": (
        "atomic_reference",
        [call(0, 1, "set", "a"), call(2, 3, "set", "b"), call(4, 5, "get", result="a")],
    ),
    "change carried out twice": (
        "atomic_long",
        [call(0, None, "add_and_get", 1), call(1, 2, "get", result=2)],
    ),
    "two successful compare-and-set from one value": (
        "atomic_reference",
        [
            call(0, 9, "compare_and_set", None, "a", result=True),
            call(0, 9, "compare_and_set", None, "b", result=True),
        ],
    ),
    "change although the expected value was not there": (
        "atomic_long",
        [call(0, 1, "compare_and_set", 4, 5, result=False), call(2, 3, "get", result=5)],
    ),
    "two holders": ("lock", [call(0, 1, "lock", 1, result=3), call(2, 3, "lock", 2, result=4)]),
    "two holders at once": (
        "lock",
        [
            call(0, 9, "lock", 1, result=3),
            call(0, 9, "try_lock", 2, result=4),
            call(10, 11, "unlock", 1),
            call(10, 11, "unlock", 2),
        ],
    ),
    "fence not monotonic": (
        "lock",
        [call(0, 1, "lock", 1, result=3), call(2, 3, "unlock", 1), call(4, 5, "lock", 2, result=2)],
    ),
    "fence repeated": (
        "lock",
        [call(0, 1, "lock", 1, result=3), call(2, 3, "unlock", 1), call(4, 5, "lock", 2, result=3)],
    ),
    "fence changes while the lock is held": (
        "lock",
        [call(0, 1, "lock", 1, result=3), call(2, 3, "lock", 1, result=4)],
    ),
    "free lock refused": ("lock", [call(0, 1, "try_lock", 1, result=0)]),
    "released by somebody else": ("lock", [call(0, 1, "lock", 1, result=3), call(2, 3, "unlock", 2)]),
    "ghost lock": (
        "lock",
        [
            call(0, 1, "lock", 1, result=3),
            call(2, 3, "unlock", 1),
            call(4, 5, "is_locked", result=True),
        ],
    ),
    "too many permits": (
        "semaphore",
        [call(0, 1, "acquire", 1, 2), call(2, 3, "try_acquire", 2, 2, result=True)],
    ),
    "ghost permits": (
        "semaphore",
        [
            call(0, 1, "acquire", 1, 2),
            call(2, 3, "release", 1, 2),
            call(4, 5, "available_permits", result=1),
        ],
    ),
    "permits out of nowhere": (
        "semaphore",
        [call(0, None, "release", 1, 1), call(1, 2, "available_permits", result=4)],
    ),
    "free permits refused": ("semaphore", [call(0, 1, "try_acquire", 1, 3, result=False)]),
    "opened too early": (
        "count_down_latch",
        [call(0, 1, "try_set_count", 2, result=True), call(2, 3, "await_latch", result=True)],
    ),
    "counted down twice": (
        "count_down_latch",
        [
            call(0, 1, "try_set_count", 2, result=True),
            call(2, None, "count_down"),
            call(3, 4, "get_count", result=0),
        ],
    ),
    "set while it counts": (
        "count_down_latch",
        [call(0, 1, "try_set_count", 2, result=True), call(2, 3, "try_set_count", 1, result=True)],
    ),
}


@pytest.mark.parametrize("name", LEGAL)
def test_legal(name: str) -> None:
    kind, calls = LEGAL[name]
    for order in itertools.islice(itertools.permutations(calls), 50):  # the order of the list means nothing
        assert found(kind, *order) is None


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violations(name: str) -> None:
    kind, calls = VIOLATIONS[name]
    for order in itertools.islice(itertools.permutations(calls), 50):
        text = found(kind, *order)
        assert text is not None and "none of these can come next" in text


def test_the_text_names_the_calls() -> None:
    text = found("atomic_long", call(0, 1, "set", 5), call(2, 3, "get", result=0), call(2, None, "set", 7))
    assert text is not None
    assert "set(5) -> None [0, 1]" in text
    assert "get() -> 0 [2, 3]" in text
    assert "set(7) -> ? [2, ...]" in text


def test_a_search_that_takes_too_long_is_given_up() -> None:
    calls = [*(call(0, 10, "set", number) for number in range(20)), call(11, 12, "get", result=-1)]
    with pytest.raises(Undecided, match="configurations"):
        violation(calls, *MODELS["atomic_long"], limit=1000)


def test_unknown_operations_are_an_error() -> None:
    for kind in MODELS:
        with pytest.raises(ValueError, match="no operation"):
            found(kind, call(0, 1, "destroy"))


# ------------------------------------------------------------------ against a search through all orders

NAMES = st.sampled_from(["get", "set", "add_and_get", "compare_and_set"])


@st.composite
def histories(draw: st.DrawFn) -> list[Call]:
    calls = []
    for _ in range(draw(st.integers(1, 4))):
        name, value = draw(NAMES), draw(st.integers(0, 2))
        args = {"get": (), "set": (value,), "add_and_get": (1,), "compare_and_set": (value, 1)}[name]
        result = {
            "get": value,
            "set": None,
            "add_and_get": draw(st.integers(1, 3)),
            "compare_and_set": draw(st.booleans()),
        }[name]
        began, took = draw(st.integers(0, 8)), draw(st.none() | st.integers(0, 6))
        calls.append(call(began, None if took is None else began + took, name, *args, result=result))
    return calls


def naive(calls: Sequence[Call]) -> bool:
    """Return whether any order of the calls with an outcome, and of some of the others, is legal."""
    initial, step = MODELS["atomic_long"]
    without = [each for each in calls if each.ended is None]
    for size in range(len(without) + 1):
        for left_out in itertools.combinations(without, size):
            chosen = [each for each in calls if not any(each is other for other in left_out)]
            for order in itertools.permutations(chosen):
                state = initial
                for each in order:
                    state = step(state, each) if state is not REFUSED else REFUSED
                in_time = all(
                    later.ended is None or earlier.began <= later.ended
                    for earlier, later in itertools.combinations(order, 2)
                )
                if state is not REFUSED and in_time:
                    return True
    return False


@given(histories())
def test_like_a_search_through_all_orders(calls: list[Call]) -> None:
    assert (found("atomic_long", *calls) is None) == naive(calls)


def test_a_long_history_of_many_clients() -> None:
    """Linear time in practice: 2,000 calls, 6 at a time, some of them without an outcome."""
    source = random.Random(1)
    value, free_at = 0, [0] * 6
    calls: list[tuple[int, int, int | None]] = []
    for instant in range(2000):
        client = source.randrange(6)
        began = max(free_at[client], instant * 10 - source.randrange(60))
        at = max(began, instant * 10)
        end = at + source.randrange(60)
        free_at[client] = end + 1
        lost = source.random() < 0.005
        calls.append((at, began, None if lost else end))
    history = []
    for number, (_, began, ended) in enumerate(sorted(calls)):
        if number % 2:
            value += 1
            history.append(call(began, ended, "add_and_get", 1, result=value))
        else:
            history.append(call(began, ended, "get", result=value))
    assert found("atomic_long", *history) is None
    middle = len(history) // 2
    wrong = call(history[middle].began, history[middle].began + 1, "get", result=-1)
    assert found("atomic_long", *history, wrong) is not None
