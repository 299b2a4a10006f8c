"""Giving back what a caller holds: within a bounded time, and whoever stops waiting for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hzclient._services.call import Terms
from hzclient.errors import OperationTimeoutError

if TYPE_CHECKING:
    from hzclient.proxy.base import ProxyContext

T = TypeVar("T")

_logger = logging.getLogger(__name__)

GOODBYE_SECONDS: Final = 0.5
"""How long a block that has failed waits for its release, which then goes on in the background.

Its caller (a timeout, a cancelled task group) wants the block to end, even if no member answers.
"""


LONGEST_TIMER: Final = 1e9
"""Seconds that every clock and timer can hold, and more than any client lives."""

LONGEST_REQUEST: Final = 2.0**63
"""Seconds that no request can hold: `to_millis` sends them as the longest wait, which has no end."""


def seconds_to_wait(timeout: float, longest: float = LONGEST_TIMER) -> float:
    """Return a caller's timeout in seconds, at least 0 and at most `longest`."""
    return min(max(timeout, 0.0), longest)


def limit_of(context: ProxyContext, own_seconds: float = 0.0) -> float:
    """Return the seconds that a release, or a call that waits at most `own_seconds`, may take in all."""
    return seconds_to_wait(own_seconds) + context.config.invocation_timeout


def deadline_of(context: ProxyContext, own_seconds: float = 0.0) -> float:
    """Return the monotonic time after which such a call is not tried again.

    A call with a deadline of its own does not count as one of `max_in_flight_invocations`: whoever
    holds a lock must be able to release it, however many calls wait for that lock.
    """
    return time.monotonic() + limit_of(context, own_seconds)


def terms_of(context: ProxyContext, own_seconds: float = 0.0) -> Terms:
    """Return the terms of such a call."""
    return Terms(deadline=deadline_of(context, own_seconds))


async def released(
    context: ProxyContext, release: Coroutine[Any, Any, T], what: str, seconds: float | None = None
) -> T:
    """Run a release to its end; wait for it until the invocation timeout. An operation.

    Args:
        context: The client.
        release: What to run. It goes on if the caller is cancelled or its time is over.
        what: What it is, for the error.
        seconds: The caller's own limit; None for no other than the invocation timeout.

    Returns:
        What the release returns.

    Raises:
        OperationTimeoutError: It took too long.
    """
    limit = limit_of(context) if seconds is None else min(seconds, limit_of(context))
    return await context.runtime.within(
        limit,
        context.runtime.to_the_end(release),
        lambda: OperationTimeoutError(f"{what} took longer than {limit} s; it goes on in the background"),
    )


async def parted(context: ProxyContext, release: Coroutine[Any, Any, object], what: str) -> None:
    """Run a release at the end of a block that has failed; wait only briefly for it. An operation.

    Args:
        context: The client.
        release: What to run. It goes on in the background if it takes longer.
        what: What it is, for the log.

    Raises:
        HazelcastError: The release failed.
    """
    try:
        await context.runtime.within(
            GOODBYE_SECONDS, context.runtime.to_the_end(release), lambda: _TakesLongError(what)
        )
    except _TakesLongError:
        _logger.debug("%s goes on in the background", what)


class _TakesLongError(Exception):
    """A release takes longer than a block waits for it."""
