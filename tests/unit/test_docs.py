"""Links between the documents have a target."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
LINK = re.compile(r"\]\((?!https?:)(?P<file>[^)#]*)(?:#(?P<heading>[^)]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def headings(document: Path) -> set[str]:
    """Return the headings of a document, as links write them."""
    found = HEADING.findall(document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    for file, heading in LINK.findall(document.read_text(encoding="utf-8")):
        target = document.parent / file if file else document
        assert target.exists(), file
        assert not heading or heading in headings(target), f"{file}#{heading}"


def test_the_index_knows_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert {path.name for path in ROOT.glob("docs/*.md")} == {
        "index.md",
        *re.findall(r"\((\w+\.md)\)", index),
    }
