"""Cases that are measured, and the participants of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.operations import BULK, OPERATIONS

FACES = ("blocking", "future", "asyncio")
LIMITED = ("get", "set")
"""Operations that the bare sockets do too, and that are measured if no others are named."""

SIZES = (100, 10_000)
IN_FLIGHT = (1, 16, 128, 1024)


class Client(StrEnum):
    """Client that does the work."""

    OFFICIAL = "official"
    HZCLIENT = "hzclient"
    LIMIT = "limit"


class Loop(StrEnum):
    """Event loop of a client. The official client's threaded faces have a reactor of their own."""

    STOCK = "stock"
    UVLOOP = "uvloop"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Case:
    """Work that several participants do in turn.

    Attributes:
        face: One of `FACES`.
        operation: One of `operations.OPERATIONS`.
        size: Length of a value, in characters.
        in_flight: Number of concurrent calls.
    """

    face: str
    operation: str
    size: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Participant:
    """Client on an event loop."""

    client: Client
    loop: Loop


@dataclass(frozen=True, slots=True)
class Plan:
    """Cases to run, how often and how long.

    Attributes:
        cases: Cases, in order.
        rounds: Number of turns of each participant of a case.
        seconds: Length of a turn.
        uvloop: Whether uvloop is installed, so that it can be measured.
    """

    cases: tuple[Case, ...]
    rounds: int
    seconds: float
    uvloop: bool

    def participants(self, case: Case) -> tuple[Participant, ...]:
        """Return the participants of `case`, in the order of their turns."""
        limited = case.operation in LIMITED
        loops = (Loop.STOCK, Loop.UVLOOP) if self.uvloop and limited else (Loop.STOCK,)
        official = loops if case.face == "asyncio" else (Loop.OWN,)
        return (
            *(Participant(Client.OFFICIAL, loop) for loop in official),
            *(Participant(Client.HZCLIENT, loop) for loop in loops),
            *((Participant(Client.LIMIT, Loop.OWN),) if limited else ()),
        )


def baseline(case: Case, participant: Participant) -> Participant:
    """Return the participant of the official client that `participant` is compared with."""
    if case.face != "asyncio":
        return Participant(Client.OFFICIAL, Loop.OWN)
    return Participant(Client.OFFICIAL, Loop.STOCK if participant.loop is Loop.OWN else participant.loop)


def select(
    faces: Iterable[str],
    operations: Iterable[str],
    sizes: Iterable[int] | None = None,
    in_flight: Iterable[int] = IN_FLIGHT,
) -> tuple[Case, ...]:
    """Return all combinations that make sense.

    A blocking caller makes one call at a time, and so does one who wants thousands of entries.

    Args:
        faces: Faces of the clients.
        operations: Operations to measure.
        sizes: Lengths of values; None for those of each operation.
        in_flight: Numbers of concurrent calls.

    Returns:
        The cases.
    """
    depths = sorted(set(in_flight))
    return tuple(
        Case(face, operation, size, depth)
        for face, operation in itertools.product(faces, operations)
        for size in sizes or OPERATIONS[operation].sizes
        for depth in ((1,) if face == "blocking" or operation in BULK else depths)
    )
