"""Links between the documents have a target."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Pages that Sphinx generates do not exist before the site is built, which checks the links to them.
GENERATED = "_generated"
DOCUMENTS = [*ROOT.glob("*.md"), *(path for path in ROOT.glob("docs/**/*.md") if GENERATED not in path.parts)]
LINK = re.compile(r"\]\((?!https?:)(?P<file>[^)#]*)(?:#(?P<heading>[^)]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def headings(document: Path) -> set[str]:
    """Return the headings of a document, as links write them."""
    found = HEADING.findall(document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(document: Path) -> None:
    for file, heading in LINK.findall(document.read_text(encoding="utf-8")):
        target = document.parent / file if file else document
        if GENERATED in target.parts:
            continue
        assert target.exists(), file
        assert not heading or heading in headings(target), f"{file}#{heading}"
