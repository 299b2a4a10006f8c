"""The figures of benchmarks find their way into the documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import document
from benchmarks.blocks import block_of, replace_block, table

RATIOS = {"throughput": 4.0, "cpu": 0.2, "p50": 0.25, "noise": 0.05}


def row(operation: str, client: str, face: str = "asyncio", loop: str = "stock") -> document.Row:
    """Return a result, such as `python -m benchmarks --json` prints."""
    return {
        "face": face,
        "operation": operation,
        "size": 100,
        "in_flight": 128,
        "client": client,
        "loop": loop,
        "throughput": 100_000.0 if client == "hzclient" else 25_000.0,
        "cpu": 5.0,
        "p50": 700.0,
        "p99": 900.0,
        "member_cpu": 10.0,
        "ratios": None if client == "official" else RATIOS,
    }


RESULTS = [
    row("get", "official"),
    row("get", "hzclient"),
    row("get", "hzclient", loop="uvloop"),
    row("get", "limit", loop="own"),
    row("set", "official"),
    row("set", "hzclient"),
]


def cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in text.splitlines()]


def test_a_block_is_replaced_and_the_rest_stays() -> None:
    text = "before\n<!-- begin: a -->\nold\n<!-- end -->\n<!-- begin: b -->\nkept\n<!-- end -->\nafter\n"
    changed = replace_block(text, "a", "new\n")
    assert changed == text.replace("old", "new")
    assert block_of(changed, "a") == "new\n"
    assert block_of(changed, "b") == "kept\n"


@pytest.mark.parametrize("text", ["", "<!-- begin: a -->\n", "<!-- begin: other -->\n<!-- end -->\n"])
def test_a_document_without_the_block_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="has no block '<!-- begin: a -->"):
        replace_block(text, "a", "new\n")


def test_tables_have_heads_rules_and_rows() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_each_face_and_loop_has_its_headline() -> None:
    rows = cells(document.headline(RESULTS))[2:]
    assert [line[:4] for line in rows] == [
        ["asyncio", "128", "stock", "100,000"],
        ["asyncio", "128", "uvloop", "100,000"],
    ]
    assert rows[0][-4:] == ["4.00", "0.25", "0.20", "5%"]


def test_operations_show_how_busy_the_machine_was() -> None:
    """100,000 calls, each with 5 µs of the client and 10 µs of the members, take 1.5 cores."""
    get, of_set = cells(document.operations(RESULTS))[2:]
    assert get == ["get", "100,000", "5.0", "5.0", "10.0", "1.5", "4.00", "4.00", "0.20", "5%"]
    assert of_set[0] == "set"
    assert not of_set[6], "there is a limit only for what was measured"


def test_the_documents_have_all_blocks(tmp_path: Path) -> None:
    """Write a run into copies of the real documents."""
    for name in ("README.md", document.PERFORMANCE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text((document.ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "operations.json").write_text(json.dumps({"results": RESULTS}), encoding="utf-8")
    for part in document.COPIED:
        (folder / f"{part}.md").write_text(f"| figures of {part} |\n", encoding="utf-8")

    document.write(folder, tmp_path)

    page = (tmp_path / document.PERFORMANCE).read_text(encoding="utf-8")
    for part in document.COPIED:
        assert block_of(page, f"{document.COMMAND}, {part}").strip() == f"| figures of {part} |"
    assert block_of(page, f"{document.COMMAND}, get").strip() == document.headline(RESULTS).strip()
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert block_of(readme, f"{document.COMMAND}, get").strip() == document.summary(RESULTS).strip()
