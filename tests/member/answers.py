"""How a scripted member can answer, other than with a result."""

from dataclasses import dataclass
from typing import Any

from hzclient._codec.custom import ErrorHolder, put_error_holder
from hzclient._protocol.builtin import put_list
from hzclient._protocol.frames import RESPONSE_HEAD_SIZE
from tests.member.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class Failure:
    """Answers with an error.

    Attributes:
        code: Error code of the protocol.
        class_name: Class of the error in the member.
        message: Text of the error.
        causes: What caused it, as code, class and text.
    """

    code: int
    class_name: str = "com.hazelcast.core.HazelcastException"
    message: str | None = None
    causes: tuple[tuple[int, str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Answers with a result and a number of backup acks that the client has to wait for."""

    value: Any
    backup_acks: int = 0


@dataclass(frozen=True, slots=True)
class Bytes:
    """Answers with bytes as they are, whatever they mean."""

    content: bytes


class Silence:
    """Never answers."""


class Close:
    """Closes the connection instead of an answer."""


Answer = Any
"""A result of the method, or one of the classes above."""


def error_response(failure: Failure) -> Outgoing:
    """Return the response to a request that failed."""
    errors = [(failure.code, failure.class_name, failure.message), *failure.causes]
    parts: list[bytes] = []
    put_list(parts, [ErrorHolder(*each, []) for each in errors], put_error_holder, last=True)
    return Outgoing(0, RESPONSE_HEAD_SIZE, False, b"".join(parts))
