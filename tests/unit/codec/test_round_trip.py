"""Every method and composite type: one side decodes what the other has encoded."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from naming import snake

from hzclient._codec import custom
from hzclient._protocol.message import Message
from hzclient._protocol.reader import MessageReader
from tests.unit.codec import wire

FEW = settings(
    max_examples=3,
    database=None,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SOME = settings(FEW, max_examples=30)

LISTENERS = [name for name, method in wire.METHODS.items() if method.events]


def read_one(content: bytes) -> Message:
    (message,) = MessageReader().feed(content)
    assert message.buffer == content
    return message


@pytest.mark.parametrize("name", wire.METHODS)
def test_request(name: str) -> None:
    method, codec, side = wire.METHODS[name], wire.codec(name), wire.side(name)

    @FEW
    @given(wire.fields(method.request), st.booleans())
    def check(values: tuple[Any, ...], backup_aware: bool) -> None:
        request = codec.encode(*values)
        assert request.method is codec
        message = read_one(request.head(7, 3, backup_aware) + request.body)
        assert (message.type, message.correlation_id, message.partition_id) == (codec.request_type, 7, 3)
        assert wire.plain(side.decode_request(message)) == wire.plain(values)

    check()


@pytest.mark.parametrize("name", [name for name, method in wire.METHODS.items() if method.response])
def test_response(name: str) -> None:
    method, codec, side = wire.METHODS[name], wire.codec(name), wire.side(name)
    service, short = name.split(".")

    @FEW
    @given(wire.fields(method.response), st.integers(0, 6))
    def check(values: tuple[Any, ...], backup_acks: int) -> None:
        several = len(values) > 1
        kind = wire.record(service, f"{short[0].upper()}{short[1:]}Response") if several else None
        value = kind(*values) if kind else values[0]
        message = read_one(side.encode_response(value).as_response(7, backup_acks))
        assert message.type == codec.response_type
        assert message.backup_acks == backup_acks
        assert wire.plain(codec.decode(message)) == wire.plain(value)

    check()


@pytest.mark.parametrize("name", [name for name, method in wire.METHODS.items() if not method.response])
def test_empty_response(name: str) -> None:
    message = read_one(wire.side(name).encode_response(None).as_response(7))
    assert message.type == wire.codec(name).response_type
    assert wire.codec(name).decode(message) is None


@pytest.mark.parametrize("name", LISTENERS)
def test_every_event_can_be_sent(name: str) -> None:
    assert len(wire.side(name).events) == len(wire.METHODS[name].events)


@pytest.mark.parametrize(
    ("name", "event"), [(name, event) for name in LISTENERS for event in wire.METHODS[name].events]
)
def test_event(name: str, event: Any) -> None:
    codec: Any = wire.codec(name)
    kinds = {message_type: (kind, encode) for kind, (message_type, encode) in wire.side(name).events.items()}
    kind, encode = kinds[event.message_type]

    @FEW
    @given(wire.fields(event.params))
    def check(values: tuple[Any, ...]) -> None:
        message = read_one(encode(kind(*values), event.message_type).as_event(7))
        assert message.is_event
        read = codec.decode_event(message)
        assert type(read) is kind
        assert wire.plain(read) == wire.plain(values)

    check()


@pytest.mark.parametrize("name", wire.CUSTOM)
def test_composite(name: str) -> None:
    put = getattr(custom, f"put_{snake(name)}")
    read = getattr(custom, f"read_{snake(name)}")

    @SOME
    @given(wire.strategy(name))
    def check(value: Any) -> None:
        parts = [(19).to_bytes(4, "little") + b"\x00\xc0" + bytes(13)]
        put(parts, value, True)
        message = read_one(b"".join(parts))
        assert wire.plain(read(message, "it")) == wire.plain(value)
        assert not message.has_more

    check()


@pytest.mark.parametrize("name", wire.CUSTOM)
def test_composite_skips_what_it_does_not_know(name: str) -> None:
    """A newer peer sends more bytes in the fixed frame, and more frames before END."""
    put = getattr(custom, f"put_{snake(name)}")
    read = getattr(custom, f"read_{snake(name)}")
    unknown = bytes.fromhex("0600000000100800000000004142060000000010060000000008060000000004060000000008")

    @FEW
    @given(wire.strategy(name))
    def check(value: Any) -> None:
        parts: list[bytes] = []
        put(parts, value, False)
        newer = [*parts[:-1], unknown, parts[-1]]
        if wire.CUSTOM[name].fixed_frame == "separate":
            fixed = parts[1]
            newer[1] = (len(fixed) + 3).to_bytes(4, "little") + fixed[4:] + b"\xff\xff\xff"
        head = (19).to_bytes(4, "little") + b"\x00\xc0" + bytes(13)
        tail = b"\x06\x00\x00\x00\x00\x28"
        message = read_one(head + b"".join(newer) + tail)
        assert wire.plain(read(message, "it")) == wire.plain(value)
        assert message.take_end("tail")

    check()
