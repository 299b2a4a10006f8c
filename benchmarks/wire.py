"""The part of the Open Client Protocol that the limit needs, without hzclient.

The limit must not depend on the code that is compared with it.
"""

from __future__ import annotations

import socket
import struct
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import mmh3

UNFRAGMENTED, FINAL, BEGIN, END, NULL, EVENT = 0xC000, 0x2000, 0x1000, 0x0800, 0x0400, 0x0200

AUTHENTICATION, AUTHENTICATED = 0x000100, 0x000101
MAP_GET, MAP_SET = 0x010200, 0x010F00

STRING_TYPE_ID = -11
HASH_SEED = 0x01000193
NO_TTL = -1
PYTHON_CLIENT, SERIALIZATION_VERSION = b"PYH", 1

Frame = tuple[int, bytes]
"""Flags and content."""


@dataclass(frozen=True, slots=True)
class Member:
    """Member, connected and authenticated.

    Attributes:
        connection: Blocking socket to the member.
        partition_count: Number of partitions of the cluster.
        partitions: Partitions that this member owns.
    """

    connection: socket.socket
    partition_count: int
    partitions: frozenset[int]


def string_data(text: str) -> bytes:
    """Return the serialized form of a string: no partition hash, type, length, UTF-8."""
    encoded = text.encode()
    return struct.pack(">iii", 0, STRING_TYPE_ID, len(encoded)) + encoded


def partition_of(data: bytes, partition_count: int) -> int:
    """Return the partition of a serialized key, whose hash covers all but its first eight bytes."""
    hashed = mmh3.hash(data[8:], HASH_SEED, signed=True)
    return 0 if hashed == -(2**31) else abs(hashed) % partition_count


def message(type_id: int, correlation_id: int, partition_id: int, fixed: bytes, *frames: Frame) -> bytes:
    """Pack a request with at least one variable-size parameter."""
    head = struct.pack("<iqi", type_id, correlation_id, partition_id) + fixed
    *inner, (last_flags, last) = ((UNFRAGMENTED, head), *frames)
    packed = [struct.pack("<iH", 6 + len(content), flags) + content for flags, content in inner]
    return b"".join((*packed, struct.pack("<iH", 6 + len(last), last_flags | FINAL), last))


def get_request(name: str, key: bytes, partition_id: int) -> bytes:
    """Return a request for Map.get."""
    return message(MAP_GET, 1, partition_id, struct.pack("<q", 1), (0, name.encode()), (0, key))


def set_request(name: str, key: bytes, value: bytes, partition_id: int) -> bytes:
    """Return a request for Map.set."""
    fixed = struct.pack("<qq", 1, NO_TTL)
    return message(MAP_SET, 1, partition_id, fixed, (0, name.encode()), (0, key), (0, value))


def connect_to_all(addresses: Sequence[tuple[str, int]], patience: float = 30.0) -> list[Member]:
    """Connect to all members, and wait until every partition has an owner among them.

    A cluster assigns its partitions when the first of them is used, so this uses one.

    Args:
        addresses: Host and port of each member.
        patience: Seconds to wait.

    Returns:
        The members.

    Raises:
        TimeoutError: If some partition still has no owner among `addresses` after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        members = [connect(host, port) for host, port in addresses]
        if sum(len(member.partitions) for member in members) == members[0].partition_count:
            return members
        members[0].connection.sendall(get_request("benchmark", string_data("key"), 0))
        receive(members[0].connection)
        for member in members:
            member.connection.close()
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all partitions have an owner among {addresses}")
        time.sleep(0.1)


def connect(host: str, port: int, cluster_name: str = "dev") -> Member:
    """Connect to a member, authenticate, and learn which partitions it owns.

    Args:
        host: Host of the member.
        port: Port of the member.
        cluster_name: Name of the cluster.

    Returns:
        The member.

    Raises:
        OSError: If the member cannot be reached.
        ValueError: If it refuses, or if its response has no partition table (members before 5.4).
    """
    connection = socket.create_connection((host, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client_uuid = b"\x00" + uuid.uuid4().bytes
    request = message(
        AUTHENTICATION,
        1,
        -1,
        client_uuid + bytes([SERIALIZATION_VERSION]),
        (0, cluster_name.encode()),
        (NULL, b""),
        (NULL, b""),
        (0, PYTHON_CLIENT),
        (0, b"5.7.0"),
        (0, b"limit"),
        (BEGIN, b""),
        (END, b""),
    )
    connection.sendall(b"CP2" + request)
    frames = receive(connection)
    type_id, status = struct.unpack_from("<i", frames[0][1])[0], frames[0][1][13]
    if type_id != AUTHENTICATED or status != 0:
        raise ValueError(f"{host}:{port} refused the connection: message {type_id:#x}, status {status}")
    fixed = frames[0][1]
    member_uuid, (partition_count,) = fixed[14:31], struct.unpack_from("<i", fixed, 32)
    return Member(connection, partition_count, _owned(frames, member_uuid))


def _owned(frames: list[Frame], member_uuid: bytes) -> frozenset[int]:
    """Return the partitions of a member from the frames of an authentication response."""
    parameters = _parameters(frames[1:])
    if len(parameters) < 7:
        raise ValueError("the member does not send its partition table with the authentication reply")
    # address, version, tpcPorts, tpcToken, memberInfos, then values and keys of `partitions`.
    lists, owners = parameters[5:7]
    for position, (_, content) in enumerate(lists[1:-1]):
        if owners[0][1][17 * position :][:17] == member_uuid:
            return frozenset(number for (number,) in struct.iter_unpack("<i", content))
    return frozenset()


def _parameters(frames: list[Frame]) -> list[list[Frame]]:
    """Group frames by parameter: a single frame, or all frames from BEGIN to its END."""
    found: list[list[Frame]] = []
    depth = 0
    for flags, content in frames:
        if depth == 0:
            found.append([])
        found[-1].append((flags, content))
        depth += bool(flags & BEGIN) - bool(flags & END)
    return found


def receive(connection: socket.socket) -> list[Frame]:
    """Read one message that is not an event."""
    while True:
        frames = list(_read_frames(connection))
        if not frames[0][0] & EVENT:
            return frames


def _read_frames(connection: socket.socket) -> Iterator[Frame]:
    flags = 0
    while not flags & FINAL:
        length, flags = struct.unpack("<iH", _read(connection, 6))
        yield flags, _read(connection, length - 6)


def _read(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        chunk = connection.recv(size - len(content))
        if not chunk:
            raise ConnectionError("the member closed the connection")
        content += chunk
    return content


def size_of(frames: list[Frame]) -> int:
    """Return the length of a message on the wire, in bytes."""
    return sum(6 + len(content) for _, content in frames)
