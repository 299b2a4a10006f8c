"""From bytes to messages: in whatever pieces they come, and in bounded memory."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hzclient._protocol.reader import Limits, MessageReader
from hzclient.errors import ProtocolError
from tests.unit.codec.golden import FRAGMENTS, MESSAGES
from tests.unit.protocol.streams import (
    FINAL,
    buffers,
    data_response,
    fed,
    first_frame,
    fragment,
    frame,
    pieces,
    response,
)

GOLDEN = {name: golden.content for name, golden in MESSAGES.items()}
STREAM = b"".join(GOLDEN.values())
INITIAL = MessageReader().buffered


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_message_cut_at_every_offset(name: str) -> None:
    content = GOLDEN[name]
    for cut in range(len(content) + 1):
        reader = MessageReader()
        assert (reader.feed(content[:cut]) == []) == (cut < len(content))
        assert buffers(reader.feed(content[cut:])) == ([content] if cut < len(content) else [])


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_message_byte_by_byte(name: str) -> None:
    content = GOLDEN[name]
    assert buffers(fed(content[at : at + 1] for at in range(len(content)))) == [content]


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_message_with_bytes_behind_it(name: str) -> None:
    content = GOLDEN[name]
    for tail in range(1, len(content)):
        reader = MessageReader()
        assert buffers(reader.feed(content + content[:tail])) == [content]
        assert buffers(reader.feed(content[tail:])) == [content]


def test_all_golden_messages_at_once() -> None:
    assert buffers(MessageReader().feed(STREAM)) == list(GOLDEN.values())


@settings(deadline=None)
@given(st.sets(st.integers(0, len(STREAM)), max_size=40))
def test_golden_messages_in_any_pieces(cuts: set[int]) -> None:
    assert buffers(fed(pieces(STREAM, cuts))) == list(GOLDEN.values())


def test_messages_own_their_bytes() -> None:
    reader = MessageReader()
    (first,) = reader.feed(GOLDEN["map-put-response-value"])
    reader.feed(STREAM)
    assert first.buffer == GOLDEN["map-put-response-value"]


def test_buffered_protocol_interface() -> None:
    """The way of `asyncio.BufferedProtocol`: a buffer is handed out, and written to."""
    reader = MessageReader()
    room = reader.get_buffer(-1)
    content = GOLDEN["map-get-all-response"]
    room[: len(content)] = content
    assert buffers(reader.received(len(content))) == [content]
    assert len(reader.get_buffer(-1)) == INITIAL


# ----------------------------------------------------------------------------------------- memory


def test_memory_stays_when_no_read_ends_on_a_boundary() -> None:
    reader = MessageReader()
    content = data_response(1000)
    stream = content * 200
    step = len(content) * 7 + 13  # never a multiple of the length of a message
    count = 0
    reader.feed(content[:500])
    stream = content[500:] + stream
    for _ in range(30):
        for at in range(0, len(stream), step):
            count += len(reader.feed(stream[at : at + step]))
            assert reader.buffered == INITIAL
        stream = content * 200
    assert count == 30 * 200 + 1


def test_buffer_grows_for_a_large_message_and_shrinks_again() -> None:
    reader = MessageReader()
    content = data_response(10 * INITIAL)
    assert buffers(reader.feed(content)) == [content]
    assert reader.buffered < 4 * len(content)
    for _ in range(200):
        reader.feed(data_response(100))
    assert reader.buffered == INITIAL


def test_buffer_shrinks_with_a_message_half_read() -> None:
    reader = MessageReader()
    content = data_response(10 * INITIAL)
    small = data_response(100)
    reader.feed(content + small[:50])
    for _ in range(200):
        assert buffers(reader.feed(small[50:] + small[:50])) == [small]
    assert reader.buffered == INITIAL


def test_announced_length_takes_no_memory() -> None:
    reader = MessageReader()
    reader.feed(first_frame() + (500 * 1024 * 1024).to_bytes(4, "little") + b"\x00\x20")
    assert reader.buffered == INITIAL


def test_large_message_is_not_scanned_again_and_again() -> None:
    """Many frames that arrive one at a time: the scan goes on where it stopped."""
    reader = MessageReader()
    frames = [frame(b"x" * 10) for _ in range(20_000)]
    content = response(*frames)
    assert buffers(fed(pieces(content, range(0, len(content), 16)), reader)) == [content]


# ------------------------------------------------------------------------------------------ fragments


@pytest.mark.parametrize("name", FRAGMENTS)
def test_golden_fragments_cut_at_every_offset(name: str) -> None:
    stream = b"".join(FRAGMENTS[name])
    expected = buffers(MessageReader().feed(stream))
    assert len(expected) == 1
    for cut in range(len(stream) + 1):
        assert buffers(fed([stream[:cut], stream[cut:]])) == expected


def test_fragments_of_several_messages_interleave() -> None:
    frames = [frame(bytes([number]) * 5) for number in range(6)]
    stream = [
        fragment(1, first_frame(), frames[0], begin=True),
        fragment(-2, first_frame(), frames[1], begin=True),
        data_response(3),
        fragment(1, frames[2]),
        fragment(-2, frames[3], end=True),
        fragment(1, frames[4], frames[5], end=True),
    ]
    small, second, first = fed(stream)
    assert small.buffer == data_response(3)
    assert second.first == first.first == 19
    assert [second.data("a"), second.data("b")] == [b"\x01" * 5, b"\x03" * 5]
    assert not second.has_more
    assert [first.data("x") for _ in range(4)] == [bytes([number]) * 5 for number in (0, 2, 4, 5)]


def test_fragment_id_can_be_used_again() -> None:
    stream = [
        fragment(1, first_frame(), frame(b"a"), begin=True),
        fragment(1, frame(b"b"), end=True),
    ] * 3
    reader = MessageReader()
    assert len(fed(stream, reader)) == 3
    assert reader.buffered == INITIAL


# --------------------------------------------------------------------------------------- what is wrong


def broken(data: bytes, limits: Limits | None = None) -> str:
    """Return the error of a reader for bytes that break the protocol, however they are cut."""
    reader = MessageReader(limits)
    with pytest.raises(ProtocolError) as raised:
        reader.feed(data)
    text = str(raised.value)
    for step in (1, 7):
        with pytest.raises(ProtocolError) as again:
            fed(pieces(data, range(0, len(data), step)), MessageReader(limits))
        assert str(again.value) == text
    for call in (lambda: reader.feed(b"x"), lambda: reader.get_buffer(), lambda: reader.received(0)):
        with pytest.raises(ProtocolError) as later:
            call()
        assert later.value is raised.value
    assert reader.error is raised.value
    assert reader.buffered == 0
    return text


@pytest.mark.parametrize("length", [-(2**31), -1, 0, 1, 5])
def test_frame_shorter_than_its_header(length: int) -> None:
    header = length.to_bytes(4, "little", signed=True) + b"\x00\xc0"
    assert f"length {length}" in broken(header)
    assert "offset 19" in broken(first_frame() + header)


def test_frame_of_the_largest_size() -> None:
    header = (2**31 - 1).to_bytes(4, "little") + b"\x00\xc0"
    assert "2147483647 bytes, limit 536870912" in broken(header)


def test_frame_over_the_limit() -> None:
    limits = Limits(frame=100)
    assert len(fed([data_response(94)], MessageReader(limits))) == 1
    assert "101 bytes, limit 100" in broken(data_response(95), limits)


def test_message_without_end() -> None:
    limits = Limits(message=1000)
    assert "limit 1000" in broken(first_frame() + frame(b"x") * 1000, limits)


def test_first_frame_too_short() -> None:
    assert "6 bytes" in broken(frame(flags=0xE000))
    assert "18 bytes" in broken(frame(bytes(12), flags=0xE000))
    assert "first frame has 18 bytes" in broken(frame(bytes(12), flags=0xC000) + frame(flags=FINAL))
    assert "first frame has 19 bytes, needs at least 22" in broken(frame(bytes(13), flags=0xE200))
    assert "first frame has 21 bytes, needs at least 22" in broken(frame(bytes(15), flags=0xE080))


@pytest.mark.parametrize("flags", [0x0000, 0x4000])
def test_part_of_an_unknown_fragment(flags: int) -> None:
    data = frame((99).to_bytes(8, "little"), flags) + frame(b"x", FINAL)
    assert "fragment 99, which never began" in broken(data)


def test_fragment_that_begins_twice() -> None:
    part = fragment(5, first_frame(), begin=True)
    assert "fragment 5 begins a second time" in broken(part + part)


def test_fragment_without_an_id() -> None:
    assert "fragment header has 13 bytes" in broken(frame(bytes(7), 0xA000))


def test_fragments_that_join_to_nothing() -> None:
    data = fragment(1, begin=True) + fragment(1, end=True)
    assert "0 bytes is too short" in broken(data)


def test_fragments_within_fragments() -> None:
    inner = frame(bytes(16), 0x8000)
    data = fragment(1, inner, begin=True) + fragment(1, frame(b"x"), end=True)
    assert "flags of a fragment" in broken(data)


def test_too_many_fragmented_messages() -> None:
    limits = Limits(assemblies=3)
    data = b"".join(fragment(number, first_frame(), begin=True) for number in range(4))
    assert "more than 3 messages in fragments" in broken(data, limits)


def test_endless_fragments_of_one_message() -> None:
    limits = Limits(message=500)
    data = fragment(1, first_frame(), begin=True) + fragment(1, frame(bytes(50))) * 20
    assert "fragment 1 grows beyond the limit of 500 bytes" in broken(data, limits)


def test_endless_fragments_of_many_messages() -> None:
    limits = Limits(assembly_bytes=500)
    data = b"".join(fragment(number, first_frame(), begin=True) for number in range(50))
    assert "more than 500 bytes" in broken(data, limits)


def test_endless_empty_fragments_take_no_memory() -> None:
    reader = MessageReader()
    reader.feed(fragment(1, first_frame(), begin=True))
    before = reader.buffered
    for _ in range(100):
        reader.feed(fragment(1) * 100)
    assert reader.buffered == before


def test_messages_before_the_break_are_delivered() -> None:
    good = data_response(10)
    reader = MessageReader()
    assert buffers(reader.feed(good + good + bytes(6))) == [good, good]
    assert reader.error is not None
    with pytest.raises(ProtocolError, match="length 0"):
        reader.feed(b"")


@settings(deadline=None)
@given(st.binary(max_size=300), st.sets(st.integers(0, 300), max_size=5))
def test_noise_gives_messages_or_a_protocol_error(noise: bytes, cuts: set[int]) -> None:
    reader = MessageReader()
    try:
        fed(pieces(noise, (cut for cut in cuts if cut <= len(noise))), reader)
    except ProtocolError:
        assert reader.error is not None
    assert reader.buffered <= INITIAL + 300


def test_what_an_unfinished_message_lacks() -> None:
    reader = MessageReader()
    message = response(fixed=b"x" * 1000)
    assert (reader.unfinished, reader.missing) == (0, 0)
    reader.feed(message[:3])
    assert (reader.unfinished, reader.missing) == (3, 0)  # the length is not known yet
    reader.feed(message[3:-10])
    assert (reader.unfinished, reader.missing) == (len(message) - 10, 10)
    reader.feed(message[-10:])
    assert (reader.unfinished, reader.missing) == (0, 0)
