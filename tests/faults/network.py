"""The faults of the network between the clients and all members."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.faults.members import Fault, Stage
from tests.faults.proxy import Change, Disturbance, MakeChange, swallow

DELAY = 0.25
"""Seconds that everything is held back in each direction."""


async def reset(stage: Stage) -> None:
    """All connections are reset."""
    await stage.reset()


def lasting(disturbance: Disturbance, *, breaks: bool) -> Callable[[Stage], Awaitable[None]]:
    """Return a fault that lasts until all callers have had outcomes.

    Args:
        disturbance: What happens to the traffic.
        breaks: Whether the clients must give up all their connections first.
    """

    async def happen(stage: Stage) -> None:
        if breaks:
            async with stage.all_connections_end():
                stage.disturb(disturbance)
        else:
            stage.disturb(disturbance)
        await stage.all_have_outcomes()
        stage.disturb(Disturbance())

    return happen


def at_first(first: Change, later: Change) -> MakeChange:
    """Change what passes next on each connection in one way, and what follows in another one."""

    def make() -> Change:
        change = first

        def next_change(data: bytes) -> bytes:
            nonlocal change
            now, change = change, later
            return now(data)

        return next_change

    return make


def half(data: bytes) -> bytes:
    """Let the first half pass."""
    return data[: len(data) // 2]


def all_of(data: bytes) -> bytes:
    """Let everything pass."""
    return data


def with_wrong_length(data: bytes) -> bytes:
    """Change the length of the first frame, so that it announces 200 MB."""
    return (200 * 1024 * 1024).to_bytes(4, "little") + data[4:]


def duplicate() -> Change:
    """Let everything pass twice."""
    return lambda data: data * 2


def fault(happen: Callable[[Stage], Awaitable[None]]) -> Fault:
    """Return a fault of the ways to members that have all kinds of structures."""
    return Fault(happen, (("unsafe",), ("raft", "new")), proxied=True)


FAULTS = {
    "TCP reset": fault(reset),
    "requests vanish": fault(lasting(Disturbance(to_member=swallow), breaks=True)),
    "responses vanish": fault(lasting(Disturbance(to_client=swallow), breaks=True)),
    "nothing passes": fault(lasting(Disturbance(to_member=swallow, to_client=swallow), breaks=True)),
    "cut in a frame, then half-open": fault(
        lasting(Disturbance(to_client=at_first(half, swallow())), breaks=True)
    ),
    "corrupted length": fault(
        lasting(Disturbance(to_client=at_first(with_wrong_length, all_of)), breaks=True)
    ),
    "everything from members twice": fault(lasting(Disturbance(to_client=duplicate), breaks=False)),
    "latency of 0.5 s": fault(lasting(Disturbance(delay=DELAY), breaks=False)),
    "one byte at a time": fault(lasting(Disturbance(piece=1), breaks=False)),
}
