"""The generator is deterministic, and its complaints name the place."""

import fnmatch
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from definitions import DefinitionError, load
from naming import snake
from output import compare_folder, write_folder
from render import Renderer

from tests.unit.codec import wire


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "codecs", *arguments], cwd=wire.ROOT, capture_output=True, text=True, check=False
    )


def test_generated_code_is_up_to_date() -> None:
    done = run("--check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the definitions that a test may change."""
    for path in (wire.ROOT / "protocol-definitions").iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    return tmp_path


def spoil(folder: Path, change: Any, file: str = "Topic.yaml") -> str:
    """Return the complaint of the generator about a changed definition."""
    path = folder / file
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(DefinitionError) as raised:
        Renderer(load(folder)).client_modules()
    return str(raised.value)


def test_definition_breaks_the_schema(copy: Path) -> None:
    text = spoil(copy, lambda content: content["methods"][0].update(retriable=True))
    assert text.startswith("Topic.yaml: methods/0: ")
    assert "'retriable' was unexpected" in text


def test_message_type_contradicts_its_ids(copy: Path) -> None:
    text = spoil(copy, lambda content: content["methods"][0]["response"].update(messageType=1))
    assert text == "Topic.publish response: message type 0x000001, by its ids 0x040101"


def test_unknown_type(copy: Path) -> None:
    def change(content: Any) -> None:
        content["methods"][0]["request"]["params"][0]["type"] = "List_Nothing"

    assert spoil(copy, change) == "unknown type Nothing"


def test_older_item_behind_a_newer_one(copy: Path) -> None:
    def change(content: Any) -> None:
        content["methods"][0]["request"]["params"][0]["since"] = "2.10"

    assert spoil(copy, change) == "Topic.publish request: newer items must follow older ones"


def test_default_of_what_is_always_there(copy: Path) -> None:
    def change(content: Any) -> None:
        content["methods"][0]["request"]["params"][0]["default"] = "x"

    assert "must have no default" in spoil(copy, change)


def test_service_defined_twice(copy: Path) -> None:
    (copy / "Again.yaml").write_text((copy / "Topic.yaml").read_text())
    with pytest.raises(DefinitionError, match="service id 4 is defined twice"):
        load(copy)


def test_method_defined_twice(copy: Path) -> None:
    text = spoil(copy, lambda content: content["methods"].append(content["methods"][0]))
    assert "Topic: method id" in text


def test_unknown_and_changed_files_are_reported(tmp_path: Path) -> None:
    modules = {"a.py": "one\n", "b.py": "two\n"}
    assert write_folder(tmp_path, modules) == []
    assert compare_folder(tmp_path, modules) == []
    (tmp_path / "stranger.py").write_text("")
    (tmp_path / "a.py").write_text("changed\n")
    (tmp_path / "b.py").unlink()
    complaints = compare_folder(tmp_path, modules)
    assert [complaint.rpartition("/")[2] for complaint in complaints] == [
        "stranger.py: not generated, does not belong here",
        "a.py: differs from its definition, run `python codecs`",
        "b.py: missing, run `python codecs`",
    ]
    assert write_folder(tmp_path, modules) == complaints[:1]
    assert (tmp_path / "stranger.py").exists()


def test_versions_are_compared_as_numbers() -> None:
    newer = {field.name for field in wire.CUSTOM["CPMember"].fields if field.newer}
    assert newer == {"autoStepDownWhenLeader"}


def test_constants_name_items_that_exist() -> None:
    content = yaml.safe_load((wire.ROOT / "protocol-definitions" / "Custom.yaml").read_text())
    items = {f"{each.name}.{field.name}" for each in wire.CUSTOM.values() for field in each.fields} | {
        "SqlPage"
    }
    for name, method in wire.METHODS.items():
        items |= {f"{name}/request.{param.name}" for param in method.request}
        items |= {f"{name}/response.{param.name}" for param in method.response}
        items |= {f"{name}/event.{param.name}" for event in method.events for param in event.params}
    for table in content["enums"]:
        for pattern in table["usedBy"]:
            assert fnmatch.filter(items, pattern), f"{table['name']}: {pattern}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("targetReplicaUUID", "target_replica_uuid"),
        ("addCPGroupViewListener", "add_cp_group_view_listener"),
        ("PNCounter", "pn_counter"),
        ("XATransaction", "xa_transaction"),
        ("bTreeIndexConfig", "btree_index_config"),
        ("from", "from_"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert snake(name) == expected
