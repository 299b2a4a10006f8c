"""What is fuzzed: functions of bytes, which return what they read or raise a documented error."""

from __future__ import annotations

import importlib
import pkgutil
import re
import struct
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings

from hzclient import _codec, _speed
from hzclient._codec import custom
from hzclient._protocol import builtin, reader, sql_page
from hzclient._protocol import message as message_module
from hzclient._protocol.message import ListenerMethod, Message, Method
from hzclient._protocol.reader import Limits, MessageReader
from hzclient.errors import HazelcastSerializationError, ProtocolError
from hzclient.serialization import _service
from hzclient.serialization._schema import Schema
from hzclient.serialization._service import SerializationService
from hzclient.serialization.compact import SchemaNotFoundError
from tests.unit.codec.golden import FRAGMENTS, MESSAGES
from tests.unit.serialization.golden import VECTORS, Builder

CORPUS = Path(__file__).parent / "corpus"
"""A folder for each target, with inputs that once were wrong or take rare paths."""

LONGEST = 1.0
"""Seconds of CPU time that one input may take."""

MEBIBYTE = 1 << 20
LIMITS = Limits(frame=MEBIBYTE, message=2 * MEBIBYTE, assemblies=16, assembly_bytes=4 * MEBIBYTE)
RECURSION = RecursionError.__name__
DOCUMENTED = (ProtocolError, HazelcastSerializationError, SchemaNotFoundError)
"""What readers may raise. Anything else is a bug."""

FINAL_FLAG, WHOLE_FLAGS = 0x2000, 0xC000
FIRST_FRAME = 24
"""Least length of a first frame, header included: that of an event which confirms a backup, and more."""


class WrongError(AssertionError):
    """An input took too long or too much memory, or both paths did not agree."""


@dataclass(frozen=True)
class Target:
    """Something that reads bytes.

    Attributes:
        name: Its name on the command line, and that of its folder in the corpus.
        read: Reads the bytes, and returns something whose `repr()` shows the result.
        seeds: Makes valid inputs.
        memory: Bytes that reading one input may take.
    """

    name: str
    read: Callable[[bytes], Any]
    seeds: Callable[[], list[bytes]]
    memory: int = 8 * MEBIBYTE

    def prepare(self) -> None:
        """Make what all inputs share, which is not to be counted as the time and memory of one."""
        with suppress(*DOCUMENTED):
            self.read(b"")

    def inputs(self) -> list[bytes]:
        """Return the valid inputs and the corpus."""
        return [*self.seeds(), *(path.read_bytes() for path in sorted((CORPUS / self.name).glob("*")))]


def check(target: Target, data: bytes, *, memory: bool = True) -> None:
    """Read an input on both paths, and compare the results.

    Args:
        target: What reads.
        data: The input.
        memory: True to check the memory that it takes, which takes time itself.

    Raises:
        WrongError: Reading took too long or too much memory, or the paths do not agree.
        Exception: Reading raised an error that is not documented.
    """
    target.prepare()
    found = _bounded(target, data, memory)
    if _speed.hot is None:
        return
    expected = _on_the_path_of_python(target, data, memory)
    if found != expected and (RECURSION in found or RECURSION in expected):
        # The paths use different numbers of frames, so Python's limit ended one of them and not the other.
        with _recursion_limit(2 * sys.getrecursionlimit()):
            found = _bounded(target, data, memory)
            expected = _on_the_path_of_python(target, data, memory)
    if found != expected:
        raise WrongError(f"the compiled path gave {found}, and Python {expected}")


def _on_the_path_of_python(target: Target, data: bytes, memory: bool) -> str:
    with python_path():
        return _bounded(target, data, memory)


@contextmanager
def _recursion_limit(limit: int) -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _bounded(target: Target, data: bytes, memory: bool) -> str:
    for _ in range(3):  # on a busy machine, the same work now and then takes much longer
        found, took, peak = _measured(target, data, memory)
        if peak > target.memory:
            raise WrongError(f"{len(data)} bytes took {peak / MEBIBYTE:.1f} MiB of memory")
        if took <= LONGEST:
            return found
    raise WrongError(f"{len(data)} bytes took {took:.1f} s")


def _measured(target: Target, data: bytes, memory: bool) -> tuple[str, float, int]:
    """Return the outcome, the seconds that it took, and the most bytes that it took, if wanted."""
    if not memory:
        begin = time.thread_time()
        return _outcome(target, data), time.thread_time() - begin, 0
    tracemalloc.start()
    begin = time.thread_time()
    try:
        return _outcome(target, data), time.thread_time() - begin, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _outcome(target: Target, data: bytes) -> str:
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", repr(target.read(data)))
    except DOCUMENTED as error:
        # What follows the name depends on the frame that was one too many.
        return f"{type(error).__name__}: {re.sub(f'{RECURSION}.*', RECURSION, str(error))}"


@contextmanager
def python_path() -> Iterator[None]:
    """Let everything that reads bytes take the path of Python."""
    global _on_python_path
    with ExitStack() as stack:
        for module in (builtin, message_module, reader, sql_page, _service):
            stack.enter_context(patch.object(module, "hot", None))
        _on_python_path = True
        stack.callback(_leave_python_path)
        yield


_on_python_path = False


def _leave_python_path() -> None:
    global _on_python_path
    _on_python_path = False


# --------------------------------------------------------------------------------------------- messages


def _read_stream(data: bytes) -> Any:
    """Read a stream in two ways: at once, and in pieces of the size that the first byte says."""
    size, stream = data[0] + 1 if data else 1, data[1:]
    results = []
    for step in (max(len(stream), 1), size):
        own = MessageReader(LIMITS)
        messages: list[bytes] = []
        error = None
        try:
            for at in range(0, len(stream), step):
                messages += [each.buffer for each in own.feed(stream[at : at + step])]
        except ProtocolError as caught:
            error = str(caught)
        if own.error is not None:
            error = str(own.error)
        results.append((messages, error))
    if results[0] != results[1]:
        raise WrongError(f"at once: {results[0]}, in pieces of {size}: {results[1]}")
    return results[0]


def _stream_seeds() -> list[bytes]:
    messages = [golden.content for golden in MESSAGES.values() if len(golden.content) < 500]
    fragments = [b"".join(each) for each in FRAGMENTS.values()]
    streams = [b"".join(messages[at : at + 3]) for at in range(0, len(messages), 3)] + fragments
    return [bytes([255 if number % 2 else 6]) + stream for number, stream in enumerate(streams)]


def framed(data: bytes, head: bytes = b"") -> bytes:
    """Return data as frames that fill one message, because the reader passes on no others.

    Args:
        data: Frames, any of whose lengths and flags may be wrong.
        head: What the message begins with; without it, the first frame is that of the message.
    """
    frames = [head] if head else []
    at = 0
    while at < len(data):
        (length,) = struct.unpack("<I", data[at : at + 4].ljust(4, b"\0"))
        (flags,) = struct.unpack("<H", data[at + 4 : at + 6].ljust(2, b"\0"))
        content = data[at + 6 : at + max(length, 6)]
        at += max(length, 6)
        if not frames:
            content, flags = content.ljust(FIRST_FRAME - 6, b"\0"), flags & 0x0280 | WHOLE_FLAGS
        frames.append(struct.pack("<IH", len(content) + 6, flags & ~FINAL_FLAG) + content)
    if not frames:
        frames.append(struct.pack("<IH", FIRST_FRAME, WHOLE_FLAGS) + bytes(FIRST_FRAME - 6))
    last = bytearray(frames[-1])
    last[5] |= FINAL_FLAG >> 8
    return b"".join([*frames[:-1], bytes(last)])


@cache
def decoders() -> dict[int, Callable[[Message], Any]]:
    """Return the decoder for each type of message that a member sends."""
    found: dict[int, Callable[[Message], Any]] = {0: custom.decode_errors}
    for module in pkgutil.iter_modules(_codec.__path__):
        for method in vars(importlib.import_module(f"hzclient._codec.{module.name}")).values():
            if isinstance(method, Method):
                found[method.response_type] = method.decode
            if isinstance(method, ListenerMethod):
                found |= dict.fromkeys(
                    range(method.request_type + 2, method.request_type + 8), method.decode_event
                )
    return found


def _decode(data: bytes) -> Any:
    (message,) = MessageReader(LIMITS).feed(framed(data))
    decode = decoders().get(message.type)
    return None if decode is None else decode(message)


@cache
def _message_seeds() -> list[bytes]:
    """Return golden messages, and one message for each decoder with any values."""
    from tests.unit.codec import wire

    found = [golden.content for golden in MESSAGES.values() if golden.part != "request"]
    found = [content for content in found if len(content) < 1000]
    for name, method in wire.METHODS.items():
        side, service = wire.side(name), name.split(".")[0]
        if method.response:
            kind = None
            if len(method.response) > 1:
                short = name.split(".")[1]
                kind = wire.record(service, f"{short[0].upper()}{short[1:]}Response")

            def encode(values: Any, side: Any = side, kind: Any = kind) -> bytes:
                return bytes(side.encode_response(kind(*values) if kind else values[0]).as_response(7, 0))

            found.append(encode(_examples(wire.fields(method.response), 2)[-1]))
        kinds = {message_type: each for each in side.events.items() for message_type in [each[1][0]]}
        for event in method.events:
            kind, (message_type, write) = kinds[event.message_type]
            values = _examples(wire.fields(event.params), 2)[-1]
            found.append(bytes(write(kind(*values), message_type).as_event(7)))
    return found


def _examples(strategy: Any, count: int) -> list[Any]:
    """Return examples, always the same ones. The first is the simplest."""
    examples: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        examples.append(example)

    collect()
    return examples


_PAGE_HEAD = struct.pack("<IH", FIRST_FRAME, WHOLE_FLAGS) + bytes(FIRST_FRAME - 6)


def _read_page(data: bytes) -> Any:
    (message,) = MessageReader(LIMITS).feed(framed(data, _PAGE_HEAD))
    message.pos = message.first
    page = sql_page.read_sql_page(message, "page")
    # Of many rows, which can only be nulls, some are enough.
    return page.column_types, [(len(column), column[:2000]) for column in page.columns], page.last


@cache
def _page_seeds() -> list[bytes]:
    from tests.unit.codec import wire

    found = []
    for page in _examples(wire.strategy("SqlPage"), 60):
        parts: list[bytes] = []
        sql_page.put_sql_page(parts, page)
        found.append(b"".join(parts))
    return found


# ---------------------------------------------------------------------------------------- serialization


@dataclass(frozen=True)
class _Reader:
    """Data of a golden vector, and services that read it on either path."""

    compiled: SerializationService
    python: SerializationService
    data: bytes


@cache
def _readers(kinds: tuple[str, ...]) -> list[_Reader]:
    found = []
    for vector in VECTORS:
        if vector.kind in kinds and vector.data is not None and len(vector.data) < 2048:
            with python_path():
                python = _service_of(vector)
            found.append(_Reader(_service_of(vector), python, vector.data))
    return found


def _service_of(vector: Any) -> SerializationService:
    # Without pickles: reading a mutated one may do anything.
    service = SerializationService(replace(Builder(vector).service.options, pickle_enabled=False))
    for schema in vector.facts.get("schemas", ()):
        fields = [(field["name"], field["kind_id"]) for field in schema["fields_sorted"]]
        service.schemas.mark_replicated(Schema(schema["type_name"], fields))
    return service


def _format(name: str, *kinds: str) -> Target:
    """Return the target of a format: the first byte says whose classes are known, the rest is data."""

    def read(data: bytes) -> Any:
        each = _readers(kinds)[data[0] % len(_readers(kinds))] if data else _readers(kinds)[0]
        return (each.python if _on_python_path else each.compiled).decode(data[1:])

    def seeds() -> list[bytes]:
        return [bytes([number]) + each.data for number, each in enumerate(_readers(kinds))]

    return Target(name, read, seeds)


TARGETS = {
    target.name: target
    for target in (
        Target("reader", _read_stream, _stream_seeds),
        Target("decoders", _decode, _message_seeds),
        # A column of nulls has a count, but no content: 8 bytes for each of `MAX_CELLS`.
        Target("sql-page", _read_page, _page_seeds, memory=9 * sql_page.MAX_CELLS),
        _format("built-in", "constant"),
        _format("compact", "compact"),
        _format("portable", "portable"),
        _format("identified", "identified", "predicate", "projection", "aggregator", "internal"),
    )
}
