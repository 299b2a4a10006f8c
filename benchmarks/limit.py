"""Measure the limit: a client that does nothing but send and receive bytes.

Requests are encoded beforehand, responses are counted by their size and not decoded, and each call goes
to the owner of its key. The process is a worker like the others.

    python -m benchmarks.limit ADDRESS ...
"""

from __future__ import annotations

import itertools
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from benchmarks import measure, operations, wire
from benchmarks.measure import Clock, Job, Sample

RECEIVE_SIZE = 1 << 20


@dataclass(slots=True)
class Lane:
    """Requests for one member, concatenated and all of one size.

    Attributes:
        connection: Socket to the member.
        requests: All requests of a round.
        count: Number of requests.
        request_size: Size of a request, in bytes.
        response_size: Size of a response, in bytes.
        position: Index of the next request.
        received: Received bytes of an incomplete response.
    """

    connection: socket.socket
    requests: memoryview
    count: int
    request_size: int
    response_size: int
    position: int = 0
    received: int = 0
    scratch: bytearray = field(default_factory=lambda: bytearray(RECEIVE_SIZE))

    def send(self, calls: int) -> None:
        """Send a number of requests, with as few writes as possible."""
        while calls:
            step = min(calls, self.count - self.position)
            start = self.position * self.request_size
            self.connection.sendall(self.requests[start : start + step * self.request_size])
            self.position = (self.position + step) % self.count
            calls -= step

    def receive(self) -> int:
        """Read once; return how many responses that completes."""
        read = self.connection.recv_into(self.scratch)
        if not read:
            raise ConnectionError("the member closed the connection")
        complete, self.received = divmod(self.received + read, self.response_size)
        return complete


def make_lane(member: wire.Member, job: Job) -> Lane:
    """Encode all requests of `job` for `member`, and learn the size of a response."""
    name, stored = f"limit-{job.size}", wire.string_data(operations.value(job.size))
    requests: list[bytes] = []
    for key in map(wire.string_data, operations.keys()):
        partition = wire.partition_of(key, member.partition_count)
        if partition not in member.partitions:
            continue
        # Each map has its own value, so `get` finds what `set` stored.
        member.connection.sendall(wire.set_request(name, key, stored, partition))
        wire.receive(member.connection)
        if job.operation == "get":
            requests.append(wire.get_request(name, key, partition))
        else:
            requests.append(wire.set_request(name, key, stored, partition))
    member.connection.sendall(requests[0])
    answer = wire.receive(member.connection)
    if job.operation == "get" and answer[1][1] != stored:
        raise ValueError("the member did not give the value that was stored")
    return Lane(
        member.connection,
        memoryview(b"".join(requests)),
        count=len(requests),
        request_size=len(requests[0]),
        response_size=wire.size_of(answer),
    )


def one_by_one(lanes: list[Lane], seconds: float) -> Sample:
    """Make one call at a time, to one member after the other."""
    clock = time.perf_counter_ns
    turns: Iterator[Lane] = itertools.cycle(lanes)
    latencies: list[int] = []
    measured = Clock()
    now = clock()
    end = now + int(seconds * 1e9)
    while now < end:
        start, lane = now, next(turns)
        lane.send(1)
        while not lane.receive():
            pass
        now = clock()
        latencies.append(now - start)
    return measured.sample(len(latencies), latencies)


def windowed(lanes: list[Lane], in_flight: int, seconds: float) -> Sample:
    """Keep a window of calls on each connection; every response is followed by the next request."""
    clock = time.perf_counter
    calls = 0
    with selectors.DefaultSelector() as selector:
        for lane in lanes:
            selector.register(lane.connection, selectors.EVENT_READ, lane)
        measured = Clock()
        end = clock() + seconds
        for lane in lanes:
            lane.send(in_flight // len(lanes))
        while clock() < end or not calls:
            for ready, _ in selector.select():
                complete = ready.data.receive()
                ready.data.send(complete)
                calls += complete
    sample = measured.sample(calls)
    for lane in lanes:
        outstanding = in_flight // len(lanes)
        while outstanding:
            outstanding -= lane.receive()
    return sample


def run(lanes: list[Lane], job: Job) -> Sample:
    """Do one job."""
    if job.in_flight == 1:
        return one_by_one(lanes, job.seconds)
    return windowed(lanes, job.in_flight, job.seconds)


def main(*addresses: str) -> None:
    """Do the jobs on standard input."""
    places = [(host, int(port)) for host, _, port in (text.rpartition(":") for text in addresses)]
    members = wire.connect_to_all(places)
    measure.announce({"version": "raw sockets"})
    lanes: dict[tuple[str, int], list[Lane]] = {}
    for job in measure.jobs():
        work = job.operation, job.size
        if work not in lanes:
            lanes[work] = [make_lane(member, job) for member in members]
        run(lanes[work], replace(job, seconds=measure.WARM_UP_SECONDS))
        measure.answer(run(lanes[work], job))


if __name__ == "__main__":
    main(*sys.argv[1:])
