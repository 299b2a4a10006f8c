"""Whatever a member sends: the compiled path and Python agree on outcomes and state."""

from __future__ import annotations

import asyncio
import random
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.in_memory import InMemoryClient, request_number, requests_in, response
from hzclient import _speed
from hzclient._codec import client as client_codec
from hzclient._net.connection import MemberConnection
from hzclient._runtime.attached import AttachedRuntime
from hzclient.errors import ProtocolError
from hzclient.proxy.map import AsyncMap
from tests.internals import set_private

if _speed.hot is None:
    pytest.skip(
        "compares the compiled path with Python, and it was not built or is off", allow_module_level=True
    )

GET, PUT_RESPONSE = 0x010201, 0x010101
VALUES = [
    struct.pack(">iii", 0, -11, 5) + b"hello",
    struct.pack(">iii", 0, -7, 77),
    struct.pack(">iii", 0, -11, 500) + b"x",
    struct.pack(">iii", 0, -11, 2) + b"\xff\xfe",
    struct.pack(">iii", 0, -7, 77) + b"z",
    b"",
    b"1234567",
    None,
]
CALLS = 4
EDGES = [0, 1, 5, 6, 7, 18, 19, 20, 32, 63, 127, 128, 255]


def backup_event(registration: int, number: int) -> bytes:
    """Return the event by which a member confirms a backup."""
    event_type = client_codec.LOCAL_BACKUP_LISTENER.request_type + 2
    return struct.pack("<iHiqiq", 30, 0xE080, event_type, registration, -1, number)


def mutated(message: bytes, random_: random.Random) -> bytes:
    """Return a message, sometimes with bytes changed, removed or added."""
    changed = bytearray(message)
    if random_.random() < 0.7:
        return message
    for _ in range(random_.randint(1, 3)):
        if not changed:
            break
        at, kind = random_.randrange(len(changed)), random_.random()
        if kind < 0.5:
            changed[at] = random_.choice(
                [0, 1, 5, 6, 7, 18, 19, 20, 32, 63, 127, 128, 255, random_.randrange(256)]
            )
        elif kind < 0.7:
            del changed[at : at + random_.randint(1, 8)]
        else:
            changed[at:at] = random_.randbytes(random_.randint(1, 8))
    return bytes(changed)


async def outcomes(seed: int, *, compiled: bool) -> tuple[Any, ...]:
    """Let some calls wait, feed their connection what the seed gives, and return what became of them."""
    random_ = random.Random(seed)
    sent: list[bytes] = []
    client = InMemoryClient(AttachedRuntime(), lambda _, data: sent.append(data), members=1, partitions=1)
    (connection,) = client.connections
    if not compiled:
        set_private(connection, "_dispatch", lambda reader: False)
    m: AsyncMap[str, Any] = AsyncMap("hz:impl:mapService", "m", client.context)
    client.context.invocations.router.for_partition(0)  # so that the owner is known
    listening = asyncio.ensure_future(client.context.invocations.listen_for_backups(connection))
    calls = [
        asyncio.ensure_future(m.get("k") if random_.random() < 0.6 else m.put("k", 1)) for _ in range(CALLS)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    requests = requests_in(b"".join(sent))
    registration = request_number(requests[0])
    feed(connection, stream(requests[1:], registration, random_), random_)
    for _ in range(6):
        await asyncio.sleep(0)
    result = [outcome(call) for call in calls]
    state = (connection.alive, sorted(connection.calls), len(client.context.invocations.backups))
    for task in (*calls, listening):
        task.cancel()
    await asyncio.gather(*calls, listening, return_exceptions=True)
    return (*result, state)


def stream(requests: list[bytes], registration: int, random_: random.Random) -> bytes:
    """Return responses and backup events for the requests, in any order and mostly intact."""
    messages: list[bytes] = []
    for request in requests:
        number = request_number(request) if random_.random() < 0.9 else 9999
        (request_type,) = struct.unpack_from("<i", request, 6)
        kind = request_type + 1 if random_.random() < 0.85 else random_.choice([0, 0x010301, 0x020201])
        acks = random_.choice([0, 0, 0, 1, 2])
        messages.append(response(number, random_.choice(VALUES), kind, acks))
        messages += [backup_event(registration, number)] * random_.choice([0, acks, acks])
    random_.shuffle(messages)
    return b"".join(mutated(message, random_) for message in messages)


def feed(connection: MemberConnection, data: bytes, random_: random.Random) -> None:
    """Let a connection receive bytes in pieces of any size."""
    at = 0
    while at < len(data) and connection.alive:
        size = random_.choice([1, 3, 10, 50, 200])
        piece = data[at : at + size]
        at += size
        try:
            room = connection.get_buffer(-1)
        except ProtocolError:
            return
        room[: len(piece)] = piece
        connection.buffer_updated(len(piece))


def outcome(call: asyncio.Future[Any]) -> tuple[str, str]:
    """Return what a call gave, in a form that compares."""
    if not call.done():
        return "waits", ""
    error = call.exception()
    return (type(error).__name__, str(error)) if error is not None else ("value", repr(call.result()))


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_same_bytes_have_the_same_effect(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uuid.uuid4", uuids(seed))
        expected = asyncio.run(outcomes(seed, compiled=False))
        patch.setattr("uuid.uuid4", uuids(seed))
        assert asyncio.run(outcomes(seed, compiled=True)) == expected


def uuids(seed: int) -> Any:
    """Return a function that gives the same UUIDs for the same seed."""
    import uuid

    random_ = random.Random(seed)
    return lambda: uuid.UUID(int=random_.getrandbits(128), version=4)
