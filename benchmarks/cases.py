"""What is measured: the cases, and who takes part in each."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

FACES = ("blocking", "future", "asyncio")
OPERATIONS = ("get", "set")
SIZES = (100, 10_000)
IN_FLIGHT = (1, 16, 128, 1024)


class Client(StrEnum):
    """Who does the work."""

    OFFICIAL = "official"
    HZCLIENT = "hzclient"
    LIMIT = "limit"


class Loop(StrEnum):
    """What drives a client's sockets. The official client's threaded faces bring a reactor of their own."""

    STOCK = "stock"
    UVLOOP = "uvloop"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Case:
    """One piece of work, done by several participants in turn.

    Attributes:
        face: One of `FACES`.
        operation: One of `OPERATIONS`.
        size: Length of a value, in characters.
        in_flight: Calls under way at any time.
    """

    face: str
    operation: str
    size: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Participant:
    """A client on a loop."""

    client: Client
    loop: Loop


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cases to run, how often and how long.

    Attributes:
        cases: In this order.
        rounds: How many times each participant of a case has its turn.
        seconds: Length of one turn.
        uvloop: Whether it is installed, so that its rows can be had.
    """

    cases: tuple[Case, ...]
    rounds: int
    seconds: float
    uvloop: bool

    def participants(self, case: Case) -> tuple[Participant, ...]:
        """Those who do the work of `case`, in the order of their turns."""
        loops = (Loop.STOCK, Loop.UVLOOP) if self.uvloop else (Loop.STOCK,)
        official = loops if case.face == "asyncio" else (Loop.OWN,)
        return (
            *(Participant(Client.OFFICIAL, loop) for loop in official),
            *(Participant(Client.HZCLIENT, loop) for loop in loops),
            Participant(Client.LIMIT, Loop.OWN),
        )


def baseline(case: Case, participant: Participant) -> Participant:
    """The official client's participant that `participant` is compared with."""
    if case.face != "asyncio":
        return Participant(Client.OFFICIAL, Loop.OWN)
    return Participant(Client.OFFICIAL, Loop.STOCK if participant.loop is Loop.OWN else participant.loop)


def select(
    faces: Iterable[str], operations: Iterable[str], sizes: Iterable[int], in_flight: Iterable[int]
) -> tuple[Case, ...]:
    """All combinations that make sense: a blocking caller has one call under way."""
    depths = sorted(set(in_flight))
    return tuple(
        Case(face, operation, size, depth)
        for face, operation, size in itertools.product(faces, operations, sizes)
        for depth in ((1,) if face == "blocking" else depths)
    )
