"""Print the events of a listener until the user interrupts."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from hzclient.cli._output import Output

_CAPACITY = 10_000


def listen_until_interrupted(
    register: Callable[[Callable[[Any], None]], object],
    show: Callable[[Any], None],
    limit: int,
    output: Output,
) -> None:
    """Show events in the order in which they arrive.

    Args:
        register: Registers a listener, which calls what it is given with each event.
        show: Prints one event.
        limit: Number of events after which to end; 0 for no end.
        output: Reports that the listener is there.
    """
    # A full queue blocks the listener's thread, and the client then drops the oldest events with a warning.
    events: queue.Queue[Any] = queue.Queue(_CAPACITY)
    register(events.put)
    if not output.as_json:
        output.messages.print("Listening; Ctrl-C ends.", style="dim")
    seen = 0
    while not limit or seen < limit:
        show(events.get())
        seen += 1
