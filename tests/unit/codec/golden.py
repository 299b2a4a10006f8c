"""Messages with known bytes, written by a real member or the official client."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "data" / "protocol-golden.json"


@dataclass(frozen=True)
class Golden:
    """Message with its parameters as JSON and its bytes.

    Attributes:
        id: Name of the example.
        method: Full name of its method; "Exception" for an error response.
        part: "request", "response", "event:<name>" or "".
        complete: Whether it has all known fields, including those of the newest protocol.
        entry: Its entry in the file.
        content: Its bytes.
    """

    id: str
    method: str
    part: str
    complete: bool
    entry: dict[str, Any]
    content: bytes


def _load() -> tuple[dict[str, Golden], dict[str, Any]]:
    messages: dict[str, Golden] = {}
    fragments: dict[str, Any] = {}
    for entry in json.loads(_FILE.read_text())["examples"]:
        if "fragments" in entry:
            fragments[entry["reassemblesTo"]] = [bytes.fromhex(each) for each in entry["fragments"]]
            continue
        method, _, part = entry["message"].partition("/")
        complete = "fieldsUpTo" not in entry
        messages[entry["id"]] = Golden(
            entry["id"], method, part, complete, entry, bytes.fromhex(entry["hex"])
        )
    return messages, fragments


MESSAGES, FRAGMENTS = _load()


def of(*parts: str) -> list[Golden]:
    """Return all messages of some kinds: "request", "response", "event", or "" for errors."""
    return [golden for golden in MESSAGES.values() if golden.part.partition(":")[0] in parts]
