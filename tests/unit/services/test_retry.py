"""Whether a failed call goes round again: the rules as a table."""

from __future__ import annotations

import itertools
import random
from typing import Any, cast
from uuid import uuid4

import pytest

from hzclient._codec import map as map_codec
from hzclient._services.call import Call, Terms
from hzclient._services.ports import Connection
from hzclient._services.retry import Policy, decide, may_retry, new_jitter
from hzclient.errors import (
    HazelcastClientNotActiveError,
    HazelcastInstanceNotActiveError,
    HazelcastIOError,
    IllegalArgumentError,
    OperationTimeoutError,
    PartitionMigratingError,
    RetryableHazelcastError,
    TargetDisconnectedError,
    TargetNotMemberError,
)

PUT = map_codec.PUT.encode("m", b"k", b"v", 1, 0)
GET = map_codec.GET.encode("m", b"k", 1)
CONNECTION = cast(Connection, object())

ANY: Call[Any] = Call(PUT)
BOUND: Call[Any] = Call(PUT, target=CONNECTION)
BOUND_SAFE: Call[Any] = Call(GET, target=CONNECTION)
MEMBER: Call[Any] = Call(PUT, target=uuid4())
SAFE: Call[Any] = Call(GET)
LIMITED: Call[Any] = Call(PUT, terms=Terms(deadline=10.0))
NO_REDO, REDO = Policy(False, 1.0), Policy(True, 1.0)


@pytest.mark.parametrize(
    ("error", "of", "policy", "expected"),
    [
        # the client ends: nothing goes on
        (HazelcastClientNotActiveError(), SAFE, REDO, False),
        # it was not sent, or the member could not take it
        (HazelcastIOError(), ANY, NO_REDO, True),
        (OSError(), ANY, NO_REDO, True),
        (HazelcastInstanceNotActiveError(), ANY, NO_REDO, True),
        (HazelcastInstanceNotActiveError(), BOUND, NO_REDO, True),
        # a call that goes to one connection ends with it
        (HazelcastIOError(), BOUND, REDO, False),
        (OSError(), BOUND, REDO, False),
        (TargetDisconnectedError(), BOUND_SAFE, REDO, False),
        # it may have been carried out
        (TargetDisconnectedError(), SAFE, NO_REDO, True),
        (TargetDisconnectedError(), ANY, REDO, True),
        # the member says that it may pass
        (RetryableHazelcastError(), ANY, NO_REDO, True),
        (PartitionMigratingError(), ANY, NO_REDO, True),
        (TargetNotMemberError(), ANY, NO_REDO, True),
        (TargetNotMemberError(), MEMBER, NO_REDO, False),
        # anything else
        (IllegalArgumentError(), SAFE, REDO, False),
        (ValueError(), SAFE, REDO, False),
        (OperationTimeoutError(), SAFE, REDO, False),
    ],
)
def test_what_may_be_sent_again(error: Exception, of: Call[Any], policy: Policy, expected: bool) -> None:
    assert may_retry(error, of, policy) is expected
    if expected:
        assert decide(error, of, policy, 1, 0.0, 0.0) >= 0
    else:
        with pytest.raises(type(error)) as caught:
            decide(error, of, policy, 1, 0.0, 0.0)
        assert caught.value is error


def test_what_may_have_been_carried_out_says_so() -> None:
    reset = ConnectionResetError("reset by peer")
    error = TargetDisconnectedError("connection 1: the connection was lost: reset by peer", reset)
    assert not may_retry(error, ANY, NO_REDO)
    with pytest.raises(TargetDisconnectedError) as caught:
        decide(error, ANY, NO_REDO, 1, 0.0, 0.0)
    assert str(caught.value) == (
        "connection 1: the connection was lost: reset by peer; Map.put may have been carried out or not, "
        "so it was not sent again (redo_operation=True allows that)"
    )
    assert caught.value.__cause__ is reset


def test_pauses_start_at_nothing_and_grow() -> None:
    pauses = [decide(OSError(), ANY, NO_REDO, attempt, 0.0, 0.0) for attempt in range(1, 20)]
    assert pauses[:4] == [0, 0, 0, 0.01]
    growing = pauses[3:]
    assert all(later == min(2 * one, 1.0) for one, later in itertools.pairwise(growing))
    assert pauses[-1] == 1.0
    assert decide(OSError(), ANY, NO_REDO, 10**9, 0.0, 0.0) == 1.0


def test_jitter_shortens_pauses() -> None:
    generator = random.Random(7)
    for attempt in range(4, 20):
        longest = decide(OSError(), ANY, NO_REDO, attempt, 0.0, 0.0)
        shorter = decide(OSError(), ANY, NO_REDO, attempt, 0.0, generator.random())
        assert longest / 2 <= shorter <= longest
    assert 0 <= new_jitter() < 1


def test_no_pause_goes_beyond_the_deadline() -> None:
    assert decide(OSError(), LIMITED, NO_REDO, 50, 9.75, 0.0) == 0.25


def test_when_its_time_is_over_a_call_tells_its_last_error() -> None:
    error = HazelcastIOError("no connection")
    with pytest.raises(OperationTimeoutError, match="no connection") as caught:
        decide(error, LIMITED, NO_REDO, 5, 10.0, 0.0)
    assert str(caught.value).count("no connection") == 1
    assert str(caught.value).startswith("Map.put was tried 5 times")
    assert caught.value.__cause__ is error


def test_what_is_not_retried_does_not_become_a_timeout() -> None:
    with pytest.raises(IllegalArgumentError):
        decide(IllegalArgumentError(), LIMITED, NO_REDO, 5, 11.0, 0.0)
