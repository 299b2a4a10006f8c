"""Types of every face, as mypy and pyright reveal them in the files in `reveals/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.tools import reveals
from tests.tools.reveals import Place

REVEALS = sorted((Path(__file__).parent / "reveals").glob("*.py"))

Checker = Callable[[Sequence[Path]], dict[Place, list[str]]]

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(params=[reveals.mypy, reveals.pyright], ids=["mypy", "pyright"])
def checker(request: pytest.FixtureRequest) -> Checker:
    chosen: Checker = request.param
    return chosen


def test_types_are_as_expected(checker: Checker) -> None:
    expected = {place: text for path in REVEALS for place, text in reveals.expectations(path).items()}
    assert expected
    mismatches = reveals.compare(expected, checker(REVEALS))
    assert not mismatches, "\n".join(map(str, mismatches))


def test_other_types_and_missing_errors_are_found(checker: Checker, tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(
        "def f(x: int) -> int | None: return x or None\n"
        "async def g() -> list[str]: return []\n"
        "reveal_type(f(1))  # R: int | None\n"
        "reveal_type(f(1))  # R: int\n"
        "reveal_type(g())  # R: Coroutine[Any, Any, list[str]]\n"
        "reveal_type(f)  # R: (x: int) -> (int | None)\n"
        "f('a')  # E\n"
        "f(1)  # E\n"
        "f('a')\n"
    )
    found = reveals.compare(reveals.expectations(path), checker([path]))
    assert [mismatch.place[1] for mismatch in found] == [4, 8, 9]
