"""Configuration files in the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hzclient.cli._app import main
from hzclient.server import LocalCluster


@pytest.fixture
def file(tmp_path: Path, hazelcast_cluster: LocalCluster) -> Path:
    path = tmp_path / "hazelcast-client.yaml"
    path.write_text(
        "hazelcast-client:\n"
        f"  cluster-name: {hazelcast_cluster.cluster_name}\n"
        "  network:\n"
        f"    cluster-members: [{', '.join(hazelcast_cluster.addresses)}]\n"
    )
    return path


def test_a_file_says_how_to_connect(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ping", "--config", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["members"] == 2
    assert main(["ping", "--config", str(file), "-c", "wrong"]) == 5


def test_a_file_is_checked_and_shown(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", str(file)]) == 0
    assert "is valid" in capsys.readouterr().out
    file.write_text(
        f"{file.read_text()}  security:\n    username-password:\n"
        "      username: ann\n      password: secret\n"
    )
    assert main(["config", "show", str(file), "--json"]) == 0
    shown = {row["option"]: row["value"] for row in json.loads(capsys.readouterr().out)}
    assert (shown["creds_username"], shown["creds_password"]) == ("ann", "****")


def test_a_wrong_file_is_wrong_usage(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("hazelcast-client:\n  cluster-nam: dev\n")
    for words in (["config", "check", str(file)], ["ping", "--config", str(file)]):
        assert main(words) == 2
        error = capsys.readouterr().err
        assert "cluster-nam" in error
        assert "cluster-name" in error
