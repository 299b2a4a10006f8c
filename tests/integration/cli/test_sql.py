"""The command `sql` and its shell, on real members."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hzclient.cli._exit import FAILED
from hzclient.cli._sql_text import split
from tests.integration.cli.conftest import Run
from tests.integration.cli.terminal import Terminal
from tests.integration.faces import unique_name

VALUES = "SELECT * FROM (VALUES (1, 'a|b'), (2, CAST(NULL AS VARCHAR))) AS t (number, word)"


@pytest.mark.parametrize(
    ("script", "statements", "rest"),
    [
        ("a; b;", ["a", "b"], ""),
        ("a; b", ["a"], "b"),
        ("select ';' ; x", ["select ';'"], "x"),
        ('select "a;b"; x', ['select "a;b"'], "x"),
        ("select 'it''s;'; x", ["select 'it''s;'"], "x"),
        ("-- a; b\nx; y", ["-- a; b\nx"], "y"),
        ("/* a; b */ x;", ["/* a; b */ x"], ""),
        ("-- only a comment\n;;", [], ""),
        ("select 'open;", [], "select 'open;"),
    ],
)
def test_scripts_are_split_at_semicolons(script: str, statements: list[str], rest: str) -> None:
    assert split(script) == (statements, rest)


def test_every_format(run: Run) -> None:
    table = run("sql", VALUES, "--format", "table").lines
    assert [cell.strip() for cell in table[3].split("│")[1:3]] == ["1", "a|b"]
    rows = list(csv.reader(io.StringIO(run("sql", VALUES, "--format", "csv").out)))
    assert sorted(rows[1:]) == [["1", "a|b"], ["2", ""]]
    assert rows[0] == ["number", "word"]
    found = sorted((json.loads(line) for line in run("sql", VALUES, "--json").lines), key=str)
    assert found == [{"number": 1, "word": "a|b"}, {"number": 2, "word": None}]
    markdown = run("sql", VALUES, "--format", "markdown").lines
    assert markdown[:2] == ["| number | word |", "| --- | --- |"]
    assert "| 1 | a\\|b |" in markdown


def test_statements_from_a_file_stop_at_the_first_error(run: Run, tmp_path: Path) -> None:
    name = unique_name("cli")
    file = tmp_path / "script.sql"
    file.write_text(
        f"CREATE MAPPING \"{name}\" TYPE IMap OPTIONS ('keyFormat'='int', 'valueFormat'='varchar'); -- one\n"
        f'INSERT INTO "{name}" VALUES (1, \'one;\'); SELECT this FROM "{name}";\n'
        "SELECT nothing FROM nowhere; SHOW JOBS"
    )
    outcome = run("sql", "--file", str(file), "--format", "csv", "--timing", code=FAILED)
    assert outcome.lines == ["this", "one;"]
    assert "nowhere" in outcome.err
    assert "1 rows" in outcome.err
    assert run("map", name, "get", "1", "--key-type", "int").lines == ["one;"]


def test_the_shell(terminal: Callable[..., Terminal]) -> None:
    name = unique_name("cli_shell").replace("-", "_")
    shell = terminal("sql")
    shell.wait_for("dev> ")
    shell.type(f"CREATE MAPPING {name}\r")
    shell.wait_for("-> ")
    shell.type("TYPE IMap OPTIONS ('keyFormat'='int', 'valueFormat'='varchar');\r")
    shell.wait_for("OK")
    shell.type(f"\\d {name}\r")
    shell.wait_for("__key")
    shell.type(f"SELECT * FROM {name[:-3]}\t")
    shell.wait_for(f"SELECT * FROM {name}")
    shell.type(";\r")
    shell.wait_for("this")
    shell.type("\\f json\r")
    shell.wait_for("Format: json")
    shell.type("\\t\r")
    shell.wait_for("Timing is on.")
    shell.type("SELECT 42 AS answer FROM nowhere;\r")
    shell.wait_for("Error: ")
    shell.type("SELECT * FROM (VALUES (42)) AS t (answer);\r")
    shell.wait_for('{"answer": 42}')
    shell.wait_for("1 rows,")
    shell.type("\x04")
    assert shell.end() == 0


def test_the_shell_asks_between_pages(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("sql", "--format", "csv")
    shell.wait_for("dev> ")
    shell.type("\\p 2\r")
    shell.wait_for("2 rows per page")
    shell.type("SELECT * FROM TABLE(generate_series(101, 109));\r")
    shell.wait_for(lambda text: "102" in text and "q to end" in text)
    shell.type("\r")
    assert "105" not in shell.wait_for("104")
    shell.type("q\r")
    shell.type("\\q\r")
    assert shell.end() == 0


def test_ctrl_c_cancels_a_streaming_query_and_not_the_shell(
    terminal: Callable[..., Terminal], run: Run
) -> None:
    shell = terminal("sql", "--format", "csv")
    shell.wait_for("dev> ")
    shell.type("SELECT * FROM TABLE(generate_stream(100));\r")
    shell.wait_for("\n3 ")
    shell.type("\x03")
    shell.wait_for("Cancelled.")
    shell.type("SELECT * FROM (VALUES (4711)) AS t (number);\r")
    shell.wait_for("\n4711")
    shell.type("\\q\r")
    assert shell.end() == 0
