"""Byte streams for the reader, and ways to feed them."""

from collections.abc import Iterable, Iterator
from struct import pack

from hzclient._protocol.message import Message
from hzclient._protocol.reader import MessageReader

UNFRAGMENTED = 0xC000
FINAL = 0x2000
BEGIN = 0x1000
END = 0x0800
NULL = 0x0400


def frame(content: bytes = b"", flags: int = 0) -> bytes:
    """Return a frame with its correct length."""
    return pack("<iH", len(content) + 6, flags) + content


def first_frame(fixed: bytes = b"", flags: int = UNFRAGMENTED, message_type: int = 0x010201) -> bytes:
    """First frame of a response with correlation id 7."""
    return frame(pack("<iqB", message_type, 7, 0) + fixed, flags)


def response(*frames: bytes, fixed: bytes = b"", message_type: int = 0x010201) -> bytes:
    """Return a response whose last frame has FINAL."""
    whole = [first_frame(fixed, message_type=message_type), *frames]
    last = bytearray(whole[-1])
    last[5] |= FINAL >> 8
    return b"".join(whole[:-1]) + bytes(last)


def data_response(size: int) -> bytes:
    """Return a response with one value of so many bytes."""
    return response(frame(bytes(size)))


def fragment(fragment_id: int, *frames: bytes, begin: bool = False, end: bool = False) -> bytes:
    """Return a fragment whose last frame has FINAL."""
    whole = [frame(pack("<q", fragment_id), 0x8000 * begin | 0x4000 * end), *frames]
    last = bytearray(whole[-1])
    last[5] |= FINAL >> 8
    return b"".join(whole[:-1]) + bytes(last)


def pieces(data: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    """Return data cut at some offsets."""
    at = 0
    for cut in [*sorted(cuts), len(data)]:
        yield data[at:cut]
        at = cut


def fed(chunks: Iterable[bytes], reader: MessageReader | None = None) -> list[Message]:
    """Messages of a stream that arrives in chunks."""
    reader = reader or MessageReader()
    return [message for chunk in chunks for message in reader.feed(chunk)]


def buffers(messages: Iterable[Message]) -> list[bytes]:
    """Return the bytes of messages."""
    return [message.buffer for message in messages]
