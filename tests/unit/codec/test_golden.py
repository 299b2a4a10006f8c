"""Messages with known bytes, decoded and encoded by the generated codecs of both sides."""

from typing import Any

import pytest
from naming import snake

from hzclient._codec.custom import decode_errors
from hzclient._protocol.message import Message, Method
from hzclient._protocol.reader import MessageReader
from tests.member.answers import Failure, error_response
from tests.member.outgoing import Outgoing
from tests.unit.codec import wire
from tests.unit.codec.golden import FRAGMENTS, MESSAGES, Golden, of


def by_id(golden: Golden) -> str:
    return golden.id


def values(golden: Golden, params: Any) -> dict[str, Any]:
    """Return the parameters of a golden message, by Python names, without those that it lacks."""
    given = golden.entry["params"]
    return {
        snake(each.name): wire.from_json(each.type, given[each.name]) for each in params if each.name in given
    }


@pytest.mark.parametrize("golden", [each for each in of("request") if each.complete], ids=by_id)
def test_client_writes_request(golden: Golden) -> None:
    request = wire.codec(golden.method).encode(*values(golden, wire.METHODS[golden.method].request).values())
    aware = int(golden.entry["initialFlags"], 16) & 0x0100 != 0
    head = request.head(golden.entry["correlationId"], golden.entry["partitionId"], aware)
    assert (head + request.body).hex() == golden.content.hex()
    assert request.size == len(golden.content)


@pytest.mark.parametrize("golden", of("request"), ids=by_id)
def test_member_reads_request(golden: Golden) -> None:
    message = Message(golden.content)
    assert message.type == golden.entry["messageType"]
    assert message.correlation_id == golden.entry["correlationId"]
    assert message.partition_id == golden.entry["partitionId"]
    params = wire.side(golden.method).decode_request(message)
    for name, value in values(golden, wire.METHODS[golden.method].request).items():
        assert wire.plain(getattr(params, name)) == wire.plain(value)


def response_value(golden: Golden) -> Any:
    method = wire.METHODS[golden.method]
    given = values(golden, method.response)
    if len(method.response) > 1:
        service, name = golden.method.split(".")
        return wire.record(service, f"{name[0].upper()}{name[1:]}Response")(**given)
    return next(iter(given.values()), None)


@pytest.mark.parametrize("golden", of("response"), ids=by_id)
def test_client_reads_response(golden: Golden) -> None:
    message = Message(golden.content)
    method = wire.codec(golden.method)
    assert message.type == method.response_type == golden.entry["messageType"]
    assert message.backup_acks == golden.entry["backupAcks"]
    assert not message.is_event
    assert wire.plain(method.decode(message)) == wire.plain(response_value(golden))


@pytest.mark.parametrize("golden", of("response"), ids=by_id)
def test_response_can_be_read_twice(golden: Golden) -> None:
    message = Message(golden.content)
    decode = wire.codec(golden.method).decode
    assert wire.plain(decode(message)) == wire.plain(decode(message))


@pytest.mark.parametrize("golden", of("response"), ids=by_id)
def test_member_writes_response(golden: Golden) -> None:
    outgoing: Outgoing = wire.side(golden.method).encode_response(response_value(golden))
    written = outgoing.as_response(golden.entry["correlationId"], golden.entry["backupAcks"])
    assert written.hex() == golden.content.hex()


def event_value(golden: Golden) -> tuple[Method[..., Any], Any]:
    method = wire.METHODS[golden.method]
    name = golden.part.partition(":")[2]
    event = next(each for each in method.events if each.name == name)
    kind = wire.record(golden.method.split(".")[0], f"{name[0].upper()}{name[1:]}Event")
    return wire.codec(golden.method), kind(**values(golden, event.params))


@pytest.mark.parametrize("golden", of("event"), ids=by_id)
def test_client_reads_event(golden: Golden) -> None:
    message = Message(golden.content)
    method: Any
    method, expected = event_value(golden)
    assert message.is_event
    assert message.is_backup_event == (golden.id == "backup-event")
    assert message.correlation_id == golden.entry["correlationId"]
    assert wire.plain(method.decode_event(message)) == wire.plain(expected)


@pytest.mark.parametrize("golden", of("event"), ids=by_id)
def test_member_writes_event(golden: Golden) -> None:
    _, event = event_value(golden)
    message_type, encode = wire.side(golden.method).events[type(event)]
    outgoing: Outgoing = encode(event, message_type)
    backup = golden.id == "backup-event"
    written = outgoing.as_event(golden.entry["correlationId"], golden.entry["partitionId"], backup)
    assert written.hex() == golden.content.hex()


def test_event_of_unknown_type_is_none() -> None:
    content = bytearray(MESSAGES["map-entry-event"].content)
    content[6] = 0x7F
    method: Any = wire.codec("Map.addEntryListener")
    assert method.decode_event(Message(bytes(content))) is None


def test_client_reads_error() -> None:
    golden = MESSAGES["error-response"]
    errors = decode_errors(Message(golden.content))
    expected = wire.from_json("List_ErrorHolder", golden.entry["params"]["errors"])
    assert errors == expected
    assert errors[0].class_name == "com.hazelcast.spi.exception.DistributedObjectDestroyedException"


def test_member_writes_error() -> None:
    failure = Failure(14, "a.Gone", "gone", causes=((0, "x.Y", None),))
    errors = decode_errors(Message(error_response(failure).as_response(65)))
    assert [(each.error_code, each.class_name, each.message) for each in errors] == [
        (14, "a.Gone", "gone"),
        (0, "x.Y", None),
    ]


@pytest.mark.parametrize("name", FRAGMENTS)
def test_client_reads_fragmented_response(name: str) -> None:
    golden = MESSAGES[name]
    (message,) = MessageReader().feed(b"".join(FRAGMENTS[name]))
    decode = wire.codec(golden.method).decode
    assert wire.plain(decode(message)) == wire.plain(decode(Message(golden.content)))


def test_absent_fields_take_their_defaults() -> None:
    golden = MESSAGES["auth-request-2.0"]
    params: Any = wire.side(golden.method).decode_request(Message(golden.content))
    assert params.routing_mode == 1
    assert params.cp_direct_to_leader_routing is False


def test_authentication_response_of_an_old_member() -> None:
    """Before protocol 2.7 the response ends with the version text and `failoverSupported`."""
    golden = MESSAGES["auth-response-refused"].content
    first = int.from_bytes(golden[:4], "little")
    old_first = (60).to_bytes(4, "little") + golden[4:60]
    version_end = first + 6 + 6  # null address, empty version text
    content = bytearray(old_first + golden[first:version_end])
    content[-1] |= 0x20
    response: Any = wire.codec("Client.authentication").decode(Message(bytes(content)))
    assert response.status == 1
    assert response.member_list_version == response.partition_list_version == -1
    assert response.member_infos is response.partitions is response.tpc_ports is None
    assert response.key_value_pairs == {}
