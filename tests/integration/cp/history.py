"""Histories of what clients did while members failed, and a checker of what a CP group may allow.

Every client appends lines of JSON to a file per kind of work. The checks read them all and list violations.

Increments of a counter, by compare-and-set:
    {"event": "increment", "client": 3, "from": 17, "outcome": "done" | "refused" | "unknown"}
Turns in a lock, as the protected resource saw them, in its own order:
    {"event": "enter", "client": 3, "fence": 20, "accepted": true}
    {"event": "leave", "client": 3, "fence": 20}
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class History:
    """A file of events in the order in which they were recorded."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def record(self, event: str, **facts: Any) -> None:
        """Append an event. May be called from any thread."""
        with self._lock:
            self._file.write(json.dumps({"event": event, **facts}) + "\n")

    def close(self) -> None:
        """End the recording."""
        self._file.close()


class Resource:
    """What the lock protects: it accepts only fences greater than all it has seen."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._lock = threading.Lock()
        self._highest = 0

    def enter(self, client: int, fence: int) -> bool:
        """Begin the use of the resource; False if its fence is not greater than all earlier ones."""
        with self._lock:
            accepted = fence > self._highest
            self._highest = max(fence, self._highest)
            self._history.record("enter", client=client, fence=fence, accepted=accepted)
            return accepted

    def leave(self, client: int, fence: int) -> None:
        """End the use of the resource."""
        with self._lock:
            self._history.record("leave", client=client, fence=fence)


def read(path: Path) -> list[dict[str, Any]]:
    """Return the events of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def check_increments(events: Iterable[dict[str, Any]], final: int) -> list[str]:
    """Return the violations of a counter that started at 0.

    Each value can be left by only one increment. Every value below the final one was left by an increment
    that its client knows to be done, or whose outcome it never learned.

    Args:
        events: The history.
        final: The value of the counter at the end.

    Returns:
        A text for each violation.
    """
    done, unknown = Counter[int](), Counter[int]()
    for event in events:
        if event["event"] == "increment":
            if event["outcome"] == "done":
                done[event["from"]] += 1
            elif event["outcome"] == "unknown":
                unknown[event["from"]] += 1
    problems = [f"{count} increments from {value} are done" for value, count in done.items() if count > 1]
    problems += [f"the increment from {value} is lost" for value in sorted(done) if value >= final]
    problems += [
        f"nobody incremented from {value}" for value in range(final) if not done[value] and not unknown[value]
    ]
    return problems


def check_turns(events: Iterable[dict[str, Any]]) -> list[str]:
    """Return the violations of mutual exclusion.

    No two clients use the resource at the same time, unless the later one has a greater fence and the earlier
    one has lost the lock. A fence that was accepted is greater than all before.
    """
    problems: list[str] = []
    inside: dict[int, int] = {}
    highest = 0
    for event in events:
        if event["event"] == "enter":
            client, fence = event["client"], event["fence"]
            if fence <= highest:
                problems.append(f"client {client} came with fence {fence} after {highest}")
            for other, held in inside.items():
                if other == client or held >= fence:
                    problems.append(
                        f"client {client} came with fence {fence} while {other} was in with {held}"
                    )
            if event["accepted"]:
                inside[client] = fence
            highest = max(highest, fence)
        elif event["event"] == "leave" and inside.pop(event["client"], None) != event["fence"]:
            problems.append(f"client {event['client']} left with fence {event['fence']}, without having come")
    return problems


def overlaps(events: Iterable[dict[str, Any]]) -> list[tuple[int, int]]:
    """Return the pairs of clients in at the same time: the earlier one had lost the lock."""
    pairs: list[tuple[int, int]] = []
    inside: list[int] = []
    for event in events:
        if event["event"] == "enter" and event["accepted"]:
            pairs += [(other, event["client"]) for other in inside]
            inside.append(event["client"])
        elif event["event"] == "leave" and event["client"] in inside:
            inside.remove(event["client"])
    return pairs
