"""Failover files of the Java client: `hazelcast-client-failover.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hzclient.config import Config
from hzclient.errors import InvalidConfigurationError

FAILOVER = """
hazelcast-client-failover:
  try-count: 4
  clients:
    - blue.yaml
    - ${SECOND}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "failover.yaml").write_text(FAILOVER)
    for name in ("blue", "green"):
        (tmp_path / f"{name}.yaml").write_text(
            f"hazelcast-client:\n  cluster-name: {name}\n  network: {{cluster-members: ['{name}:5701']}}\n"
        )
    return tmp_path


def load(folder: Path, **environ: str) -> Config:
    return Config.load(folder / "failover.yaml", environ={"SECOND": "green.yaml", **environ})


def test_names_the_configurations_in_order(folder: Path) -> None:
    config = load(folder)
    assert config.try_count == 4
    assert [(each.cluster_name, each.cluster_members) for each in config.failover] == [
        ("blue", ["blue:5701"]),
        ("green", ["green:5701"]),
    ]


def test_tries_for_ever_by_default(folder: Path) -> None:
    (folder / "failover.yaml").write_text("hazelcast-client-failover: {clients: [blue.yaml, green.yaml]}")
    assert load(folder).try_count == 2**31 - 1


def test_overrides_would_make_all_clusters_the_same(folder: Path) -> None:
    config = load(folder, HZCLIENT_CLUSTERNAME="other")
    assert [each.cluster_name for each in config.failover] == ["blue", "green"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (FAILOVER.replace("blue", "red"), r"failover.yaml:5: .*red.yaml' does not exist"),
        (FAILOVER.replace("blue", "failover"), r"failover.yaml:5: .*is a failover file itself"),
        (FAILOVER.replace("try-count", "trycount"), r"failover.yaml:3: .*did you mean 'try-count'"),
        (FAILOVER.replace("4", "-1"), r"failover.yaml:3: "),
        (FAILOVER + "hazelcast-client: {}\n", r"failover.yaml:7: .*unknown key 'hazelcast-client'"),
        ("hazelcast-client-failover: {try-count: 2}", r"failover.yaml:1: .*at least one file in clients"),
        ("hazelcast-client-failover: {clients: {}}", r"failover.yaml:1: .*must be a list"),
    ],
)
def test_errors_name_the_line(folder: Path, text: str, error: str) -> None:
    (folder / "failover.yaml").write_text(text)
    with pytest.raises(InvalidConfigurationError, match=error):
        load(folder)


def test_an_error_in_one_of_the_files_names_that_file(folder: Path) -> None:
    (folder / "green.yaml").write_text("hazelcast-client:\n  cluster-nam: green\n")
    with pytest.raises(InvalidConfigurationError, match=r"green.yaml:2: .*did you mean 'cluster-name'"):
        load(folder)


def test_what_may_not_differ(folder: Path) -> None:
    with (folder / "green.yaml").open("a") as file:
        file.write("  client-labels: [x]\n")
    with pytest.raises(InvalidConfigurationError, match=r"failover.yaml:2: .*failover\[1\].* in labels"):
        load(folder)


def test_a_dict_and_the_schema_have_it_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    config = Config.load({"hazelcast-client-failover": {"clients": ["green.yaml", "blue.yaml"]}})
    assert [each.cluster_name for each in config.failover] == ["green", "blue"]
    schema: Any = Config.json_schema()
    assert "try-count" in schema["properties"]["hazelcast-client-failover"]["properties"]
