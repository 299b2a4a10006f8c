"""The faults of the network between the clients and all members."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.faults.members import Fault, Stage
from tests.faults.proxy import Change, Disturbance, swallow

DELAY = 0.25
"""Seconds that everything is held back in each direction."""


async def reset(stage: Stage) -> None:
    """All connections are reset."""
    await stage.reset()


def breaking(disturbance: Disturbance) -> Callable[[Stage], Awaitable[None]]:
    """Return a fault that lasts until the clients have given up all connections and all calls."""

    async def happen(stage: Stage) -> None:
        async with stage.all_connections_end():
            stage.disturb(disturbance)
        await stage.all_have_outcomes()
        stage.disturb(Disturbance())

    return happen


def harmless(disturbance: Disturbance) -> Callable[[Stage], Awaitable[None]]:
    """Return a fault that lasts until all calls have an outcome, and need not end any connection."""

    async def happen(stage: Stage) -> None:
        stage.disturb(disturbance)
        await stage.all_have_outcomes()
        stage.disturb(Disturbance())

    return happen


def cut_in_the_middle() -> Change:
    """Let half of the next message pass, and then nothing more: the connection is half-open."""
    passed = False

    def change(data: bytes) -> bytes:
        nonlocal passed
        if passed:
            return b""
        passed = True
        return data[: len(data) // 2]

    return change


def corrupt_length() -> Change:
    """Change the length of the next frame, so that it announces 200 MB."""
    done = False

    def change(data: bytes) -> bytes:
        nonlocal done
        if done:
            return data
        done = True
        return (200 * 1024 * 1024).to_bytes(4, "little") + data[4:]

    return change


def duplicate() -> Change:
    """Let everything pass twice."""
    return lambda data: data * 2


def fault(happen: Callable[[Stage], Awaitable[None]]) -> Fault:
    """Return a fault of the ways to members that have all kinds of structures."""
    return Fault(happen, (("unsafe",), ("raft", "new")), proxied=True)


FAULTS = {
    "TCP reset": fault(reset),
    "requests vanish": fault(breaking(Disturbance(to_member=swallow))),
    "responses vanish": fault(breaking(Disturbance(to_client=swallow))),
    "nothing passes": fault(breaking(Disturbance(to_member=swallow, to_client=swallow))),
    "cut in a frame, then half-open": fault(breaking(Disturbance(to_client=cut_in_the_middle))),
    "corrupted length": fault(breaking(Disturbance(to_client=corrupt_length))),
    "everything from members twice": fault(harmless(Disturbance(to_client=duplicate))),
    "latency of 0.5 s": fault(harmless(Disturbance(delay=DELAY))),
    "one byte at a time": fault(harmless(Disturbance(piece=1))),
}
