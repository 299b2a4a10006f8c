"""What the member's side of the generated codecs is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any

from hzclient._protocol.frames import BACKUP_EVENT, EVENT, FINAL, UNFRAGMENTED
from hzclient._protocol.message import Message

_response_head = Struct("<iHiqB")
_event_head = Struct("<iHiqi")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A response or an event without what differs from send to send.

    Attributes:
        message_type: Type of the message.
        first_frame: Length of the first frame in bytes.
        alone: Whether the first frame is the only one.
        body: All bytes behind the head of the first frame.
    """

    message_type: int
    first_frame: int
    alone: bool
    body: bytes

    def as_response(self, correlation_id: int, backup_acks: int = 0) -> bytes:
        """All bytes of a response."""
        flags = UNFRAGMENTED | (FINAL if self.alone else 0)
        head = _response_head.pack(self.first_frame, flags, self.message_type, correlation_id, backup_acks)
        return head + self.body

    def as_event(self, correlation_id: int, partition_id: int = -1, backup: bool = False) -> bytes:
        """All bytes of an event, or of a backup ack."""
        flags = UNFRAGMENTED | EVENT | (BACKUP_EVENT if backup else 0) | (FINAL if self.alone else 0)
        head = _event_head.pack(self.first_frame, flags, self.message_type, correlation_id, partition_id)
        return head + self.body


@dataclass(frozen=True, slots=True)
class MemberMethod:
    """The member's side of a method.

    Attributes:
        name: Service and method.
        request_type: Message type of the request.
        decode_request: Reads a request; gives its parameters as a named tuple.
        encode_response: Makes a response of a result.
        events: Per class of event, its message type and the function that makes a message of both.
    """

    name: str
    request_type: int
    decode_request: Callable[[Message], tuple[Any, ...]]
    encode_response: Callable[[Any], Outgoing]
    events: dict[type, tuple[int, Callable[[Any, int], Outgoing]]]
