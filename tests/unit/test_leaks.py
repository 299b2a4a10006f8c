"""Calls leave nothing behind: no object, and no memory that a reference too many keeps."""

from __future__ import annotations

import asyncio
import gc
import struct
import sys
from collections.abc import Awaitable, Callable

import pytest

from benchmarks.in_memory import deliver, request_number
from tests.unit.in_memory import PATHS, HeldMember

ROUNDS, MOST_BATCHES = 100, 20


async def get(member: HeldMember) -> None:
    """Call and get values of several types."""
    values = ["text", 5, 1.5, None, True, b"pickled"]
    calls = asyncio.gather(*(member.map.get("k") for _ in values))
    await member.received(len(values))
    member.respond(*values)
    assert await calls == values


async def put(member: HeldMember) -> None:
    """Call and encode values of several types."""
    values = ["text", 5, 1.5, False, bytearray(9)]
    calls = asyncio.gather(*(member.map.put("k", value) for value in values))
    await member.received(len(values))
    member.respond(*values)
    await calls


async def cancelled(member: HeldMember) -> None:
    """Call and be cancelled; the response comes too late."""
    call = asyncio.ensure_future(member.map.get("k"))
    await member.received(1)
    call.cancel()
    await asyncio.wait([call])
    member.respond("late")


async def entries(member: HeldMember) -> None:
    """Call and get a list of entries."""
    call = asyncio.ensure_future(member.map.get_all(["a", "b"]))
    await member.received(1)
    request = member.requests.pop()
    (request_type,) = struct.unpack_from("<i", request, 6)
    frames = [struct.pack("<iHiqB", 19, 0xC000, request_type + 1, request_number(request), 0)]
    frames.append(struct.pack("<iH", 6, 0x1000))
    for value in map(member.encode, ("a", 1, "b", "two")):
        frames += [struct.pack("<iH", 6 + len(value), 0), value]
    frames.append(struct.pack("<iH", 6, 0x2800))
    deliver(member.connection, b"".join(frames))
    assert await call == {"a": 1, "b": "two"}


async def put_all(member: HeldMember) -> None:
    """Call and send entries."""
    call = asyncio.ensure_future(member.map.put_all({"a": 1, "b": 2.5}))
    await member.received(1)
    member.respond(None)
    await call


def counts() -> tuple[int, ...]:
    """Return the numbers of objects, of blocks of memory, and in a debug build of Python of references."""
    gc.collect()
    references = getattr(sys, "gettotalrefcount", int)
    return len(gc.get_objects()), sys.getallocatedblocks(), references()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", [get, put, cancelled, entries, put_all])
async def test_calls_leave_no_memory_behind(path: str, kind: Callable[[HeldMember], Awaitable[None]]) -> None:
    member = HeldMember(path)
    grown: list[tuple[int, ...]] = []
    # A leak takes an object, a block or a reference in every round, so one batch without growth excludes it.
    # Caches, free lists and what earlier tests left to other threads make the first batches grow.
    while not grown or max(grown[-1]) >= ROUNDS / 2:
        assert len(grown) < MOST_BATCHES, grown
        before = counts()
        for _ in range(ROUNDS):
            await kind(member)
        grown.append(tuple(after - old for after, old in zip(counts(), before, strict=True)))
    assert not member.connection.calls
