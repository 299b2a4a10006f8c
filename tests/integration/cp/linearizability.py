"""Checks whether a history of concurrent calls is linearizable.

A history is linearizable if each call can be given one instant between its beginning and its end, so that the
calls in the order of these instants are what a sequential object could have done [1]. A call without an
outcome may have taken effect at any time after its beginning, or never.

The search is that of Wing and Gong [2], with the memory of Lowe [3]: it tries the calls that may come next,
goes on elsewhere if none of them fits, and never looks twice at the same set of calls in the same state.
Linearizability is local, so each object is checked on its own [1, 4]. Porcupine and Knossos do the same; they
go back to the last choice, however, while this search goes on where the fewest calls without an outcome have
been used. Histories of failing members can have many of them, and each can be placed almost anywhere.

[1] Herlihy and Wing: Linearizability: a correctness condition for concurrent objects, TOPLAS 12 (3), 1990.
[2] Wing and Gong: Testing and verifying concurrent objects, JPDC 17, 1993.
[3] Lowe: Testing for linearizability, Concurrency and Computation 29 (4), 2017.
[4] Horn and Kroening: Faster linearizability checking via P-compositionality, FORTE 2015.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Mark(Enum):
    """Values that no object has."""

    UNKNOWN = "unknown"
    REFUSED = "refused"


UNKNOWN: Final = Mark.UNKNOWN
"""Result of a call without an outcome."""

REFUSED: Final = Mark.REFUSED
"""State after a call that the object cannot have made with this result."""

MOST_CONFIGURATIONS: Final = 1_000_000
"""Number of configurations after which a search is given up."""

PRICE: Final = 5
"""How many calls with an outcome the use of one without an outcome must gain, to be preferred."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a client.

    Attributes:
        name: Name of the operation.
        args: Its arguments.
        result: What it returned; `UNKNOWN` if it had no outcome.
        began: Time before the call.
        ended: Time after the call; None if it had no outcome.
    """

    name: str
    args: tuple[Any, ...]
    result: Any
    began: int
    ended: int | None

    def __str__(self) -> str:
        arguments = ", ".join(map(repr, self.args))
        result = "?" if self.result is UNKNOWN else repr(self.result)
        return f"{self.name}({arguments}) -> {result} [{self.began}, {self.ended or '...'}]"


Step = Callable[[Any, Call], Hashable]
"""Returns the state of the object after a call in a state, or `REFUSED`."""


class Undecided(Exception):
    """The search saw too many configurations."""


@dataclass(frozen=True, slots=True)
class _Configuration:
    """The calls that have a place, and the state of the object after them.

    Attributes:
        first: Index of the first call with an outcome that has no place yet.
        done: The calls from there on that have one, as bits.
        taken: The calls without an outcome that have a place, as bits.
        state: The state.
    """

    first: int
    done: int
    taken: int
    state: Hashable

    @property
    def cost(self) -> int:
        """Order of the search: the farthest first, with as few calls without an outcome as possible."""
        return PRICE * self.taken.bit_count() - self.first - self.done.bit_count()


class _Search:
    """One search.

    Args:
        calls: The calls of one object.
        initial: State of the object before them.
        step: The sequential object.
        limit: Number of configurations after which the search is given up.
    """

    def __init__(self, calls: Iterable[Call], initial: Hashable, step: Step, limit: int) -> None:
        in_order = sorted(calls, key=lambda call: call.began)
        self._ended = [call for call in in_order if call.ended is not None]
        self._open = [call for call in in_order if call.ended is None]
        self._step = step
        self._limit = limit
        start = _Configuration(0, 0, 0, initial)
        self._seen: defaultdict[tuple[int, int, Hashable], list[int]] = defaultdict(list)
        self._count = 0
        self._farthest = start
        self._heap = [(start.cost, 0, start)]

    def run(self) -> str | None:
        """Return None if there is an order, or else a text of how far the search came."""
        while self._heap:
            *_, configuration = heapq.heappop(self._heap)
            if configuration.first == len(self._ended):
                return None
            if _placed(configuration) > _placed(self._farthest):
                self._farthest = configuration
            for following in self._following(configuration):
                if self._is_new(following):
                    self._count += 1
                    # Of equal ones, the latest comes first, so that the search goes straight on.
                    heapq.heappush(self._heap, (following.cost, -self._count, following))
            if self._count > self._limit:
                raise Undecided(f"given up after {self._count} configurations\n{self._text()}")
        return self._text()

    def _is_new(self, configuration: _Configuration) -> bool:
        """Remember a configuration, unless the search can go on as well from one that it knows.

        That is one with the same calls with an outcome and the same state, but no other call without one.
        """
        known = self._seen[configuration.first, configuration.done, configuration.state]
        if any(taken & configuration.taken == taken for taken in known):
            return False
        known.append(configuration.taken)
        return True

    def _following(self, configuration: _Configuration) -> Iterator[_Configuration]:
        """Yield the configurations with one call more."""
        first, done, taken, state = (getattr(configuration, name) for name in _Configuration.__slots__)
        indices, horizon = self._candidates(configuration)
        for index in indices:
            after = self._step(state, self._ended[index])
            if after is not REFUSED:
                more, start = done | 1 << (index - first), first
                while more & 1:
                    more, start = more >> 1, start + 1
                yield _Configuration(start, more, taken, after)
        tried = set[tuple[str, tuple[Any, ...]]]()
        for number, call in enumerate(self._open):
            if call.began > horizon:
                break
            # Of equal calls, the first one can be placed whenever another one can.
            if not taken >> number & 1 and (call.name, call.args) not in tried:
                tried.add((call.name, call.args))
                after = self._step(state, call)
                if after is not REFUSED and after != state:
                    yield _Configuration(first, done, taken | 1 << number, after)

    def _candidates(self, configuration: _Configuration) -> tuple[list[int], float]:
        """Return the calls that may come next: none of the others has ended before they began.

        Returns:
            Indices of calls with an outcome, and the earliest end of those that have no place yet.
        """
        horizon = math.inf
        indices: list[int] = []
        for index in range(configuration.first, len(self._ended)):
            call = self._ended[index]
            if call.began > horizon:
                break
            if not configuration.done >> (index - configuration.first) & 1:
                indices.append(index)
                horizon = min(horizon, call.ended or 0)
        return [index for index in indices if self._ended[index].began <= horizon], horizon

    def _text(self) -> str:
        last = self._farthest
        placed = self._ended[max(last.first - 10, 0) : last.first]
        indices, horizon = self._candidates(last)
        waiting = [self._ended[index] for index in indices]
        waiting += [
            call
            for number, call in enumerate(self._open)
            if not last.taken >> number & 1 and call.began <= horizon
        ]
        lines = [f"{_placed(last)} of {len(self._ended)} calls have a place; before them are"]
        lines += [f"    {call}" for call in placed]
        lines += [f"the state is {last.state!r}, and none of these can come next:"]
        lines += [f"    {call}" for call in waiting]
        return "\n".join(lines)


def _placed(configuration: _Configuration) -> int:
    return configuration.first + configuration.done.bit_count()


def violation(
    calls: Iterable[Call], initial: Hashable, step: Step, limit: int = MOST_CONFIGURATIONS
) -> str | None:
    """Check the history of one object.

    Args:
        calls: Its calls.
        initial: Its state before them.
        step: The sequential object.
        limit: Number of configurations after which the search is given up.

    Returns:
        None if the history is linearizable, or else a text that says which calls have no place.

    Raises:
        Undecided: The search saw too many configurations.
    """
    return _Search(calls, initial, step, limit).run()
