"""The decision whether a failed call is sent again, and after which pause."""

from __future__ import annotations

import random
from typing import Any, NamedTuple
from uuid import UUID

from hzclient._pauses import Pauses
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
"""Retries without a pause: after a migration or the loss of a member the next attempt mostly works."""

_FIRST_PAUSE = 0.01
"""Seconds before the first retry that is not immediate."""


class Policy(NamedTuple):
    """Rules for retries.

    Attributes:
        redo_operation: Send calls again after a lost connection even if their method is not retryable.
            They may then be carried out twice.
        longest_pause: Seconds up to which the pause between retries grows.
    """

    redo_operation: bool
    longest_pause: float


def may_retry(error: BaseException, call: Call[Any], policy: Policy) -> bool:
    """Return whether a call that failed with `error` may be sent again.

    The rules and their order are those of the official client, except that server error 22 (IO) counts
    as an input/output error.

    Args:
        error: How the attempt failed.
        call: The call.
        policy: Rules for retries.

    Returns:
        True if it may be sent again.
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
    """Return the pause before the next attempt of a failed call, or raise.

    Args:
        error: How the attempt failed.
        call: The call.
        policy: Rules for retries.
        attempt: Number of the failed attempt, from 1.
        now: Monotonic time in seconds.
        jitter: From 0 to 1. Shortens the pause, so that callers do not all return at once.

    Returns:
        Seconds to wait before the next attempt.

    Raises:
        OperationTimeoutError: It could be retried, but its deadline is over.
        Exception: `error` if the call may not be retried, or one of its class that says what is unknown.
    """
    if not may_retry(error, call, policy):
        raise _explained(error, call)
    deadline = FOREVER if call.terms.deadline is None else call.terms.deadline
    if now >= deadline:
        raise OperationTimeoutError(f"{call.name} was tried {attempt} times, and its deadline is over", error)
    if attempt <= _IMMEDIATE_RETRIES:
        return 0.0
    longest = Pauses(_FIRST_PAUSE, policy.longest_pause).after(attempt - _IMMEDIATE_RETRIES)
    return min(longest * (1 - jitter / 2), max(deadline - now, 0.0))


def _explained(error: Exception, call: Call[Any]) -> Exception:
    """Return the error for the caller. It says so if the member may have carried the call out."""
    if not isinstance(error, TargetDisconnectedError) or call.bound or error.server_class is not None:
        return error
    reason, cause = error.args
    return TargetDisconnectedError(
        f"{reason or 'the connection was lost'}; {call.name} may have been carried out or not, so it was not "
        "sent again (redo_operation=True allows that)",
        cause,
    )


def new_jitter() -> float:
    """Return a random jitter for `decide`."""
    return random.random()
