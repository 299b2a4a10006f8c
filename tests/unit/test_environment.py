"""Environment variables have one place, and keep away from the overrides of client options."""

from __future__ import annotations

import re
from pathlib import Path

from hzclient import _environment

ROOT = Path(__file__).parents[2]
FOLDERS = ("hzclient", "tests", "benchmarks", "codecs", "examples", "docs")
SUFFIXES = (".py", ".md", ".yaml", ".sh")
NAMED = {getattr(_environment, name) for name in _environment.__all__}


def test_every_switch_that_is_mentioned_is_named_in_one_place() -> None:
    files = [*ROOT.glob("*.sh"), *ROOT.glob("*.md")]
    for folder in FOLDERS:
        files += [path for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    texts = [path.read_text(encoding="utf-8") for path in files]
    assert {name for text in texts for name in re.findall(r"PYHZ_[A-Z_]+\b", text)} == NAMED


def test_no_switch_looks_like_an_override_of_an_option() -> None:
    assert all(name.startswith("PYHZ_") for name in NAMED)
