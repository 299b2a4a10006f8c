"""Count the words that show whether prose is plain English: `where`, `if` and `tell`.

    python -m tests.tools.prose_words [--check] [--limit WORD=LOWEST:HIGHEST ...] [--each]

In plain English, conditions begin with `if`, `where` means a place, and programs do not `tell`. The prose is
that of docstrings and comments in the package, the generator, benchmarks, examples and tests, and of the
documents without their code. Prints how often each word occurs in 1,000 words, for each part of the
repository; with `--each`, for each file too. Exit code: 0, or 1 if a part is outside of a limit: of those
given, or with `--check` of those of this repository (`LIMITS`).

What this measure finds in five well-written projects: `if` / `where` in 1,000 words of their code (docstrings
and comments), their tests, and their documents without literal blocks.

    websockets 17.4  code 12.7 / 0.9   tests 1.2 / 0.6 (13.1, the last source distribution that has tests)
    psycopg 3.3.9    code 14.9 / 1.1
    httpcore 1.0.9   code 12.0 / 0.8   tests 5.6 / 0.6   documents 4.6 / 1.4
    anyio 4.16.0     code 19.8 / 0.5   tests 4.7 / 0.8   documents 6.1 / 1.4
    h11 0.16.0       code  8.5 / 2.9   tests 6.9 / 2.5   documents 8.2 / 1.4

So tests have fewer conditions than code: most of their docstrings are single lines. The documents here
describe behaviour more than steps, so the range of code holds for them. All but h11, which is older, have
`tell` at most 0.2 times.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORDS = {
    "where": ("where",),
    "if": ("if",),
    "tell": ("tell", "tells", "told", "telling"),
}
"""Each counted word, with its forms."""

PARTS = {
    "package": ("hzclient/**/*.py", "codecs/**/*.py", "benchmarks/**/*.py", "examples/**/*.py"),
    "tests": ("tests/**/*.py",),
    "docs": ("*.md", "docs/**/*.md", "protocol-definitions/*.md"),
}
GENERATED = ("hzclient/_codec/", "tests/member/codec/", "docs/reference/_generated/")


@dataclass(frozen=True)
class Limit:
    """Allowed frequency of a word, in 1,000 words.

    Attributes:
        word: One of `WORDS`.
        lowest: Lowest frequency.
        highest: Highest frequency.
    """

    word: str
    lowest: float
    highest: float

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Parse "word=lowest:highest"."""
        found = re.fullmatch(r"(\w+)=([\d.]+):([\d.]+)", text)
        if found is None or found[1] not in WORDS:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not WORD=LOWEST:HIGHEST; words: {', '.join(WORDS)}"
            )
        return cls(found[1], float(found[2]), float(found[3]))


LIMITS = {
    "package": (Limit("where", 0, 1.2), Limit("if", 11, 19), Limit("tell", 0, 0.2)),
    "tests": (Limit("where", 0, 1.2), Limit("if", 1.2, 6.9), Limit("tell", 0, 0.2)),
    "docs": (Limit("where", 0, 1.2), Limit("if", 11, 19), Limit("tell", 0, 0.2)),
}
"""What `--check` demands of each part."""


def words_of(text: str) -> list[str]:
    """Return the words of a text without its code; uppercase words are keywords of SQL, for example."""
    text = re.sub(r"(?s)```.*?```|`[^`\n]*`", " ", text)
    return [
        word.lower() for word in re.findall(r"[A-Za-z']+", text) if not (word.isupper() and len(word) > 1)
    ]


def prose_of(path: Path) -> str:
    """Return the prose of a file: docstrings and comments, or a whole document."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return source
    return "\n".join([*_docstrings(ast.parse(source)), *_comments(source)])


def _docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        # Any string that stands alone: docstrings of modules, classes, functions and attributes.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, str):
                yield node.value.value


def _comments(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def files_of(part: str, root: Path = ROOT) -> list[Path]:
    """Return the files of a part of the repository, without generated code."""
    paths = {path for pattern in PARTS[part] for path in root.glob(pattern)}
    return sorted(path for path in paths if not path.relative_to(root).as_posix().startswith(GENERATED))


def frequencies(words: Sequence[str]) -> dict[str, float]:
    """Return how often each counted word occurs in 1,000 words."""
    counts = Counter(words)
    thousands = max(len(words), 1) / 1000
    return {word: sum(counts[form] for form in forms) / thousands for word, forms in WORDS.items()}


def violations(found: dict[str, float], limits: Iterable[Limit]) -> list[str]:
    """Return a complaint for each frequency outside of its limit."""
    return [
        f'"{limit.word}" occurs {found[limit.word]:.2f} times, not {limit.lowest:g} to {limit.highest:g}'
        for limit in limits
        if not limit.lowest <= found[limit.word] <= limit.highest
    ]


def _line(name: str, words: Sequence[str]) -> str:
    shown = ", ".join(f"{word} {value:.2f}" for word, value in frequencies(words).items())
    return f"{name}: {len(words)} words; {shown}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--limit", type=Limit.parse, action="append", default=[], metavar="WORD=LOWEST:HIGHEST"
    )
    parser.add_argument("--check", action="store_true", help="check the limits of this repository")
    parser.add_argument("--each", action="store_true", help="print each file too")
    options = parser.parse_args(arguments)
    complaints: list[str] = []
    for part in PARTS:
        total: list[str] = []
        for path in files_of(part):
            words = words_of(prose_of(path))
            total += words
            if options.each:
                print(_line(str(path.relative_to(ROOT)), words))
        print(_line(part, total))
        limits = [*options.limit, *(LIMITS[part] if options.check else ())]
        complaints += [f"{part}: {each}" for each in violations(frequencies(total), limits)]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
