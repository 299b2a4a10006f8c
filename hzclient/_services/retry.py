"""Whether a failed call goes round again, and after which pause."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hzclient._services.call import FOREVER, Call
from hzclient.errors import (
    HazelcastClientNotActiveError,
    HazelcastInstanceNotActiveError,
    HazelcastIOError,
    OperationTimeoutError,
    TargetDisconnectedError,
    TargetNotMemberError,
    is_retryable_error,
)

_IMMEDIATE_RETRIES = 3
"""Retries without a pause: after a migration or the loss of a member the next try mostly works."""

_FIRST_PAUSE = 0.01
"""Seconds before the first retry that is not immediate; each later pause is twice as long."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How calls are retried.

    Attributes:
        redo_operation: Send calls again after a lost connection even where the protocol does not
            allow it; they may then be carried out twice.
        longest_pause: Seconds; the pause between retries grows up to this.
    """

    redo_operation: bool
    longest_pause: float


def may_retry(error: BaseException, call: Call[Any], policy: Policy) -> bool:
    """Whether a call that failed with `error` may be sent again.

    The order of the rules is that of the official client, but for server error 22 (IO), which
    counts as the input/output error that it is.
    """
    if isinstance(error, HazelcastClientNotActiveError):
        return False
    lost = isinstance(error, (OSError, HazelcastIOError, TargetDisconnectedError))
    if call.bound and lost:
        return False
    if isinstance(call.target, UUID) and isinstance(error, TargetNotMemberError):
        return False
    if isinstance(error, (OSError, HazelcastIOError, HazelcastInstanceNotActiveError)):
        return True
    if isinstance(error, TargetDisconnectedError):
        return call.request.method.retryable or policy.redo_operation
    return is_retryable_error(error)


def decide(
    error: Exception, call: Call[Any], policy: Policy, attempt: int, now: float, jitter: float
) -> float:
    """What to do about a failed call.

    Args:
        error: How the attempt failed.
        call: The call.
        policy: How calls are retried.
        attempt: Number of the failed attempt, from 1.
        now: Monotonic time in seconds.
        jitter: From 0 to 1, shortens the pause so that callers do not come back all at once.

    Returns:
        Seconds to wait before the next attempt.

    Raises:
        OperationTimeoutError: It could be retried, but its time is over.
        Exception: `error`, where it may not be retried, or one of its class that says what is unknown.
    """
    if not may_retry(error, call, policy):
        raise _explained(error, call)
    deadline = FOREVER if call.terms.deadline is None else call.terms.deadline
    if now >= deadline:
        raise OperationTimeoutError(f"{call.name} was tried {attempt} times, and its time is over", error)
    if attempt <= _IMMEDIATE_RETRIES:
        return 0.0
    longest: float = min(_FIRST_PAUSE * 2 ** min(attempt - _IMMEDIATE_RETRIES - 1, 30), policy.longest_pause)
    return min(longest * (1 - jitter / 2), max(deadline - now, 0.0))


def _explained(error: Exception, call: Call[Any]) -> Exception:
    """The error for the caller; it says so where nobody knows whether the member carried the call out."""
    if not isinstance(error, TargetDisconnectedError) or call.bound or error.server_class is not None:
        return error
    reason, cause = error.args
    return TargetDisconnectedError(
        f"{reason or 'the connection was lost'}; {call.name} may have been carried out or not, so it was not "
        "sent again (redo_operation=True allows that)",
        cause,
    )


def new_jitter() -> float:
    """A random number for `decide`."""
    return random.random()
