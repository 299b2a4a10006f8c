"""What the structures of the CP subsystem do if one call comes after the other: for `linearizability`.

Each function gets a state and a call, and returns the next state, or `REFUSED` if the structure cannot have
answered like this. A call whose result is `UNKNOWN` may have had any result.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final, NamedTuple

from tests.integration.cp.linearizability import REFUSED, UNKNOWN, Call, Step

PERMITS: Final = 3
"""Permits of each semaphore."""


def _checked(call: Call, expected: Any, state: Hashable) -> Hashable:
    """Return the state if the result of a call is the expected one."""
    same = call.result is UNKNOWN or (type(call.result), call.result) == (type(expected), expected)
    return state if same else REFUSED


def register(state: Any, call: Call) -> Hashable:
    """AtomicLong and AtomicReference. The state is the value."""
    match call.name, *call.args:
        case ("get",):
            return _checked(call, state, state)
        case "set", value:
            return _checked(call, None, value)
        case "get_and_set", value:
            return _checked(call, state, value)
        case "compare_and_set", expected, value:
            return _checked(call, state == expected, value if state == expected else state)
        case "add_and_get", number:
            return _checked(call, state + number, state + number)
        case "get_and_add", number:
            return _checked(call, state, state + number)
        case "contains", value:
            return _checked(call, state == value, state)
    raise ValueError(f"no operation of a register: {call}")


class Lock(NamedTuple):
    """State of a lock.

    Attributes:
        owner: Who holds it; None if nobody does.
        holds: How often the owner has taken it.
        fence: Fence of the last owner.
    """

    owner: int | None = None
    holds: int = 0
    fence: int = 0


def fenced_lock(state: Any, call: Call) -> Hashable:
    """FencedLock. A call for the lock waits until it is free; its first argument is the owner.

    Fences grow from one owner to the next, by an unknown amount. The fence of a call without an outcome is
    taken for the smallest possible one, which allows all later ones.
    """
    match call.name, *call.args:
        case (("lock" | "try_lock"), owner):
            if call.name == "try_lock" and call.result == 0:
                return state if state.owner not in {None, owner} else REFUSED
            return _taken(state, owner, call.result)
        case "unlock", owner:
            if state.owner != owner:
                return REFUSED
            return _checked(
                call,
                None,
                state._replace(holds=state.holds - 1) if state.holds > 1 else Lock(fence=state.fence),
            )
        case ("is_locked",):
            return _checked(call, state.owner is not None, state)
    raise ValueError(f"no operation of a lock: {call}")


def _taken(state: Lock, owner: int, fence: Any) -> Hashable:
    if state.owner == owner:
        return state._replace(holds=state.holds + 1) if fence is UNKNOWN or fence == state.fence else REFUSED
    if state.owner is not None:
        return REFUSED
    if fence is UNKNOWN:
        return Lock(owner, 1, state.fence)
    return Lock(owner, 1, fence) if fence > state.fence else REFUSED


def semaphore(state: Any, call: Call) -> Hashable:
    """Semaphore. The state has who holds how many permits.

    The first argument of calls for permits and of releases is a number of their own, so that permits that a
    call without an outcome may have acquired can be released only if it has.
    """
    free = PERMITS - sum(permits for _, permits in state)
    match call.name, *call.args:
        case (("acquire" | "try_acquire"), number, permits):
            if call.name == "try_acquire" and call.result is False:
                return state if free < permits else REFUSED
            if free < permits:
                return REFUSED
            return _checked(call, True if call.name == "try_acquire" else None, state | {(number, permits)})
        case "release", number, permits:
            return (
                _checked(call, None, state - {(number, permits)}) if (number, permits) in state else REFUSED
            )
        case ("available_permits",):
            return _checked(call, free, state)
    raise ValueError(f"no operation of a semaphore: {call}")


def count_down_latch(state: Any, call: Call) -> Hashable:
    """CountDownLatch. The state is the count. A wait that ends without success has seen a count above 0.

    The protocol lets clients and members repeat `try_set_count` if the leader fails, without a mark. The
    repetition finds the count that the call has set itself, and returns False.
    """
    match call.name, *call.args:
        case "try_set_count", count:
            return count if state == 0 else _checked(call, False, state)
        case ("count_down",):
            return _checked(call, None, max(state - 1, 0))
        case ("get_count",):
            return _checked(call, state, state)
        case ("await_latch",):
            return _checked(call, state == 0, state)
    raise ValueError(f"no operation of a latch: {call}")


MODELS: Final[dict[str, tuple[Hashable, Step]]] = {
    "atomic_long": (0, register),
    "atomic_reference": (None, register),
    "lock": (Lock(), fenced_lock),
    "semaphore": (frozenset(), semaphore),
    "count_down_latch": (0, count_down_latch),
}
"""The first state of each kind of structure, and its steps. Kinds as in `cp_subsystem.get_...`."""
