"""Run mypy and pyright over files of expected types, and compare their output with the comments.

In such a file, a comment states what is expected of its line:

    reveal_type(m.get("a"))  # R: Future[int | None]
    m.put(1, 2)              # E

`R` is the type that both checkers must reveal, without module names. `E` is an error that both must report.
Any other error is a mismatch.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

EXPECTATION = re.compile(r"#\s*(?:R:\s*(?P<type>.+?)|(?P<error>E))\s*$")
MYPY_LINE = re.compile(r"^(?P<path>.+?):(?P<line>\d+): (?P<kind>error|note): (?P<text>.*)$")
MYPY_REVEAL = re.compile(r'^Revealed type is "(.*)"$')
PYRIGHT_REVEAL = re.compile(r'^Type of ".*" is "(.*)"$', re.DOTALL)
ERROR = "an error"

Place = tuple[str, int]
"""File name and line."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Line about which a checker reports something unexpected."""

    place: Place
    expected: str
    found: str

    def __str__(self) -> str:
        name, line = self.place
        return f"{name}:{line}: expected {self.expected}, found {self.found}"


def expectations(path: Path) -> dict[Place, str]:
    """Return what the comments of a file expect, by place."""
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := EXPECTATION.search(line):
            found[path.name, number] = normalize(match["type"]) if match["type"] else ERROR
    return found


def normalize(text: str) -> str:
    """Convert the output of both checkers to one form: no module names, marks of inference or spaces."""
    text = re.sub(r"\b(?:\w+\.)+(?=\w)", "", text)
    text = re.sub(r"\bCoroutineType\b", "Coroutine", text)
    text = re.sub(r"\bdef (?=[(\[])", "", text)
    text = re.sub(r"[*?\s]", "", text)
    text = re.sub(r"=(?:\.\.\.|\w+)?(?=[,)])", "=...", text)  # value of a default
    return re.sub(r"->\(([^()]*)\)", r"->\1", text)


def mypy(paths: Sequence[Path]) -> dict[Place, list[str]]:
    """Return what mypy (strict) reports, by place."""
    options = ["--strict", "--no-error-summary", "--no-pretty", "--no-color-output"]
    options += [
        "--disable-error-code",
        "unused-coroutine",
    ]  # revealing a coroutine is not forgetting to await it
    output = _run([sys.executable, "-m", "mypy", *options, *map(str, paths)])
    matches = filter(None, map(MYPY_LINE.match, output.splitlines()))
    return _collect((Path(m["path"]), int(m["line"]), m["kind"] == "error", m["text"]) for m in matches)


def pyright(paths: Sequence[Path]) -> dict[Place, list[str]]:
    """Return what pyright (with the settings of the project) reports, by place."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    diagnostics = json.loads(_run([*command, *map(str, paths)]))["generalDiagnostics"]
    return _collect(
        (Path(d["file"]), d["range"]["start"]["line"] + 1, d["severity"] == "error", d["message"])
        for d in diagnostics
    )


def compare(expected: dict[Place, str], found: dict[Place, list[str]]) -> list[Mismatch]:
    """Return all lines whose findings differ from what is expected."""
    places = sorted({**expected, **found})
    said = {place: " and ".join(found.get(place, ["nothing"])) for place in places}
    asked = {place: expected.get(place, "nothing") for place in places}
    return [
        Mismatch(place, asked[place], said[place])
        for place in places
        if not (said[place] == asked[place] or (asked[place] == ERROR and said[place].startswith(ERROR)))
    ]


def _collect(diagnostics: Iterable[tuple[Path, int, bool, str]]) -> dict[Place, list[str]]:
    found: dict[Place, list[str]] = {}
    for path, line, is_error, text in diagnostics:
        revealed = MYPY_REVEAL.match(text) or PYRIGHT_REVEAL.match(text)
        if revealed:
            found.setdefault((path.name, line), []).append(normalize(revealed[1]))
        elif is_error:
            found.setdefault((path.name, line), []).append(f"{ERROR}: {text}")
    return found


def _run(command: Sequence[str]) -> str:
    """Return the standard output of a checker; an exit code above 1 means that it did not check."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{command[2]} did not run: {done.stdout}{done.stderr}")
    return done.stdout
