"""The pictures in the documents show the program as it is, and are drawn as it shows them."""

from __future__ import annotations

import html
from xml.etree import ElementTree

import pyte
import pytest

from hzclient.cli._cluster import _MEMBER_COLUMNS
from hzclient.cli._top import _TABLES
from tests.tools.recordings import FOLDER, draw


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cluster", _MEMBER_COLUMNS),
        ("top", [word for title, columns in _TABLES.items() for word in (title, *columns.values())]),
        ("sql", ["CREATE MAPPING", "SELECT COUNT", "__key"]),
    ],
)
def test_a_recording_has_the_words_of_the_program(name: str, words: list[str]) -> None:
    svg = html.unescape((FOLDER / f"{name}.svg").read_text()).replace("\N{NO-BREAK SPACE}", " ")
    assert [word for word in words if word not in svg] == []
    assert "url(http" not in svg
    assert "href" not in svg


def test_colours_and_text_are_drawn() -> None:
    screen = pyte.Screen(20, 4)
    pyte.Stream(screen).feed("plain \x1b[31mred\x1b[0m & \x1b[38;2;1;2;3mtrue\x1b[0m")
    svg = draw(screen, "a title")
    ElementTree.fromstring(svg)
    shown = html.unescape(svg)
    assert all(word in shown for word in ("plain", "red", "#010203", "true", "a title".replace(" ", "\xa0")))
