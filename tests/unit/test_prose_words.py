"""The measure of prose counts words of docstrings, comments and documents, and can fail."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from tests.tools import prose_words
from tests.tools.prose_words import (
    PARTS,
    Limit,
    files_of,
    frequencies,
    main,
    prose_of,
    violations,
    words_of,
)

SOURCE = '''
"""Module."""
NAME = "where in a literal"
"""Attribute, where."""
def function():
    """If."""
    return None  # told
'''


def test_prose_of_a_module(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(SOURCE)
    assert sorted(words_of(prose_of(path))) == ["attribute", "if", "module", "told", "where"]


def test_code_and_keywords_are_no_prose() -> None:
    text = "If `if x` is code,\n```python\nif where:\n```\nso is SELECT x FROM y WHERE z. I'm not."
    assert words_of(text) == ["if", "is", "code", "so", "is", "x", "y", "z", "i'm", "not"]


def test_frequencies_and_limits() -> None:
    found = frequencies(["where", "told", "tells", *["x"] * 997])
    assert found == {"where": 1.0, "if": 0.0, "tell": 2.0}
    limits = [Limit.parse("where=0.5:1.2"), Limit.parse("if=11:19"), Limit.parse("tell=0:0.2")]
    assert [text.split('"')[1] for text in violations(found, limits)] == ["if", "tell"]


@pytest.mark.parametrize("text", ["where", "where=1", "nothing=1:2", "if=a:b"])
def test_wrong_limits(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="WORD=LOWEST:HIGHEST"):
        Limit.parse(text)


def test_every_part_has_files_and_the_exit_code_says_what_is_outside(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(files_of(part) for part in PARTS)
    monkeypatch.setattr(prose_words, "PARTS", {"docs": PARTS["docs"]})
    assert main(["--limit", "if=0:1000"]) == 0
    assert main(["--limit", "if=999:1000"]) == 1
    assert 'docs: "if" occurs' in capsys.readouterr().err
    monkeypatch.setattr(prose_words, "LIMITS", {"docs": [Limit("if", 999, 1000)]})
    assert main([]) == 0
    assert main(["--check"]) == 1
