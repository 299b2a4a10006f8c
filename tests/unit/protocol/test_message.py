"""Decoding what a peer should not have sent: a protocol error that names method, field and offset."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hzclient._codec import client, custom
from hzclient._codec import map as map_codec
from hzclient._protocol.builtin import read_ints, read_string, read_uuids
from hzclient._protocol.message import Message, Request
from hzclient._protocol.reader import MessageReader
from hzclient.errors import ProtocolError
from tests.unit.codec import wire
from tests.unit.codec.golden import MESSAGES, Golden
from tests.unit.protocol.streams import BEGIN, END, NULL, first_frame, frame, response


def refused(read: Callable[[Message], Any], content: bytes) -> str:
    """Return the error of a decoder for a message that the reader lets through."""
    (message,) = MessageReader().feed(content)
    with pytest.raises(ProtocolError) as raised:
        read(message)
    return str(raised.value)


# ---------------------------------------------------------------------------------------- one by one


def test_response_without_its_value() -> None:
    text = refused(map_codec.GET.decode, response())
    assert text == "Map.get response: response: the message ends at offset 19, a frame is missing"


@pytest.mark.parametrize("flags", [BEGIN, END, BEGIN | NULL])
def test_structure_where_data_is_expected(flags: int) -> None:
    text = refused(map_codec.GET.decode, response(frame(flags=flags)))
    assert text.startswith(
        "Map.get response: response: expected a data or NULL frame at offset 19, found flags"
    )


def test_null_where_it_is_not_allowed() -> None:
    content = response(frame(flags=BEGIN), frame(flags=NULL), frame(flags=END), message_type=0x012301)
    text = refused(map_codec.GET_ALL.decode, content)
    assert text.startswith("Map.getAll response: response: expected a data frame at offset 25, found flags")


def test_list_without_begin() -> None:
    text = refused(map_codec.GET_ALL.decode, response(frame(b"abc"), message_type=0x012301))
    assert "response: expected a BEGIN frame at offset 19" in text


def test_list_without_end() -> None:
    content = response(frame(flags=BEGIN), *[frame(b"x")] * 4, message_type=0x012301)
    text = refused(map_codec.GET_ALL.decode, content)
    assert text == "Map.getAll response: response: the message ends at offset 53, a frame is missing"


def test_key_without_value() -> None:
    content = response(frame(flags=BEGIN), frame(b"x"), frame(flags=END), message_type=0x012301)
    assert "response: expected a data frame at offset 32" in refused(map_codec.GET_ALL.decode, content)


def test_fixed_part_cut_short() -> None:
    text = refused(map_codec.SIZE.decode, response(fixed=b"\0\0\0", message_type=0x012A01))
    assert text == "Map.size response: response: first frame has 22 bytes, needs at least 23"


def test_fixed_part_of_an_authentication_response_cut_short() -> None:
    content = response(frame(flags=NULL), fixed=bytes(30), message_type=0x000101)
    assert "failoverSupported: first frame has 49 bytes, needs at least 60" in refused(
        client.AUTHENTICATION.decode, content
    )


def test_composite_without_end() -> None:
    content = response(frame(flags=BEGIN), frame(bytes(4)), frame(b"host"))
    assert "Address: the message ends at offset 45" in refused(
        lambda message: _at_body(custom.read_address, message), content
    )


def test_composite_with_a_short_fixed_frame() -> None:
    content = response(frame(flags=BEGIN), frame(bytes(3)), frame(b"host"), frame(flags=END))
    assert "Address: 3 bytes at offset 31, needs 4" in refused(
        lambda message: _at_body(custom.read_address, message), content
    )


def test_composite_without_its_fixed_frame() -> None:
    content = response(frame(flags=BEGIN), frame(flags=END))
    assert "Address: expected a data frame at offset 25" in refused(
        lambda message: _at_body(custom.read_address, message), content
    )


def test_composite_that_nests_without_end() -> None:
    content = response(
        frame(flags=BEGIN), frame(bytes(4)), frame(b"h"), *[frame(flags=BEGIN)] * 1000, frame(flags=END)
    )
    assert "Address: the message ends" in refused(
        lambda message: _at_body(custom.read_address, message), content
    )


def test_text_that_is_not_utf8() -> None:
    content = response(frame(b"\xff\xfe"))
    assert "name: text that is not UTF-8" in refused(lambda message: _at_body(read_string, message), content)


@pytest.mark.parametrize(("read", "size"), [(read_ints, 4), (read_uuids, 17)])
def test_items_that_do_not_divide(read: Any, size: int) -> None:
    content = response(frame(bytes(size * 2 + 1)))
    text = refused(lambda message: _at_body(read, message), content)
    assert f"name: {size * 2 + 1} bytes do not divide into items of {size}" in text


def test_null_uuid_where_one_is_required() -> None:
    content = response(frame(b"\x01" + bytes(16)))
    assert "name: null UUID where one is required" in refused(
        lambda message: _at_body(read_uuids, message), content
    )


def test_more_keys_than_values() -> None:
    (message,) = MessageReader().feed(MESSAGES["partitions-view-event"].content)
    content = message.buffer
    shorter = bytearray(content[:-40] + (6 + 17).to_bytes(4, "little") + content[-36:-17])
    shorter_reader = MessageReader()
    (broken,) = shorter_reader.feed(bytes(shorter))
    with pytest.raises(ProtocolError, match="partitions: 1 keys for 2 values"):
        client.ADD_CLUSTER_VIEW_LISTENER.decode_event(broken)


def _at_body(read: Callable[[Message, str], Any], message: Message) -> Any:
    message.pos = message.first
    return read(message, "name")


# ------------------------------------------------------------------------------------- all of them


def decoded(golden: Golden, message: Message) -> Any:
    """Return what the client, or the member for a request, reads from a modified golden message."""
    if not golden.part:
        return custom.decode_errors(message)
    method: Any = wire.codec(golden.method)
    if golden.part == "request":
        return wire.side(golden.method).decode_request(message)
    return method.decode(message) if golden.part == "response" else method.decode_event(message)


def offsets(content: bytes) -> list[int]:
    """Offsets of the frames of a message."""
    at, found = 0, []
    while at < len(content):
        found.append(at)
        at += int.from_bytes(content[at : at + 4], "little")
    return found


@pytest.mark.parametrize("golden", MESSAGES.values(), ids=lambda golden: golden.id)
def test_message_that_lost_its_last_frames(golden: Golden) -> None:
    refusals = 0
    for at in offsets(golden.content)[1:]:
        try:
            decoded(golden, Message(golden.content[:at]))
        except ProtocolError as error:
            refusals += 1
            assert f"the message ends at offset {at}" in str(error)
            assert str(error).startswith(("error response", golden.method.split("/")[0]))
    newer = "authentication" in golden.id or golden.id.startswith("auth-")
    assert newer or refusals == len(offsets(golden.content)) - 1


@pytest.mark.parametrize("golden", MESSAGES.values(), ids=lambda golden: golden.id)
def test_message_that_lost_a_frame_in_the_middle(golden: Golden) -> None:
    starts = [*offsets(golden.content), len(golden.content)]
    for start, end in zip(starts[1:-2], starts[2:-1], strict=True):
        content = golden.content[:start] + golden.content[end:]
        read_or_refuse(golden, content)


@pytest.mark.parametrize("golden", MESSAGES.values(), ids=lambda golden: golden.id)
def test_first_frame_cut_short(golden: Golden) -> None:
    first = int.from_bytes(golden.content[:4], "little")
    for size in range(6, first):
        content = size.to_bytes(4, "little") + golden.content[4:size] + golden.content[first:]
        read_or_refuse(golden, content)


@pytest.mark.parametrize("golden", MESSAGES.values(), ids=lambda golden: golden.id)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_message_with_wrong_bytes(golden: Golden, data: st.DataObject) -> None:
    content = bytearray(golden.content)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(golden, bytes(content))


def read_or_refuse(golden: Golden, content: bytes) -> None:
    """Check that decoders raise only protocol errors: by chance the content may even be valid."""
    try:
        for message in MessageReader().feed(content):
            decoded(golden, message)
    except ProtocolError as error:
        assert str(error)


# -------------------------------------------------------------------------------------- the rest of it


def test_bytes_behind_what_is_known_are_ignored() -> None:
    content = response(frame(b"x"), frame(b"new"), frame(flags=BEGIN), frame(flags=END), fixed=b"newer")
    (message,) = MessageReader().feed(content)
    assert map_codec.GET.decode(message) == b"x"


def test_unused_flags_are_ignored() -> None:
    (message,) = MessageReader().feed(response(frame(b"x", 0x7F)))
    assert map_codec.GET.decode(message) == b"x"


def test_boolean_other_than_one_is_false() -> None:
    for byte, value in [(0, False), (1, True), (2, False), (255, False)]:
        (message,) = MessageReader().feed(response(fixed=bytes([byte]), message_type=0x010601))
        assert map_codec.CONTAINS_KEY.decode(message) is value


def test_empty_value_is_not_null() -> None:
    (message,) = MessageReader().feed(response(frame(b"")))
    assert map_codec.GET.decode(message) == b""


def test_request_is_sent_again_with_another_head() -> None:
    request: Request[bytes | None] = map_codec.GET.encode("m", b"key", 1)
    body = request.body
    first, second = request.head(1, 5, True), request.head(2, 5)
    assert request.body == body
    assert len(first) == len(second) == 22
    assert request.size == 22 + len(body)
    for head, correlation_id, flags in ((first, 1, 0xC100), (second, 2, 0xC000)):
        message = Message(head + body)
        assert (message.correlation_id, message.flags, message.partition_id) == (correlation_id, flags, 5)


def test_methods_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        map_codec.GET.retryable = False  # type: ignore[misc]


def test_messages_name_their_method() -> None:
    assert repr(Message(MESSAGES["map-put-response-null"].content)) == "Map.put response"
    assert repr(Message(MESSAGES["map-entry-event"].content)) == "Map.addEntryListener event 2"
    assert repr(Message(MESSAGES["error-response"].content)) == "error response"
    assert repr(Message(response(message_type=0xFFFE01))) == "message type 0xfffe01 response"
    assert repr(map_codec.GET.encode("m", b"k", 1)) == "<Request Map.get, 44 bytes>"


def test_first_frame_alone_is_a_message() -> None:
    assert Message(first_frame(flags=0xE000)).first == 19
