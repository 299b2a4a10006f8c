"""Clusters that count as running."""

import os
from pathlib import Path

import pytest

from hzclient._environment import CACHE_DIR
from hzclient.server import ServerError, _state


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_DIR, str(tmp_path))
    monkeypatch.setattr(_state, "_CLAIM_SECONDS", 0.1)


def test_a_claimed_name_is_found_until_it_is_given_up() -> None:
    assert _state.find("dev") is None
    with _state.claim("dev") as claim:
        assert _state.find("dev") is None
        starting = _state.this_process("dev", "5.7.0")
        claim.publish(starting)
        assert _state.find("dev") == starting
        ready = _state.this_process("dev", "5.7.0", ["127.0.0.1:5701"])
        claim.publish(ready)
        assert _state.find("dev") == ready
        assert ready.pid == os.getpid()
        claim.publish(starting)
        assert _state.find("dev") == starting
    assert _state.find("dev") is None


def test_a_name_is_claimed_once_at_a_time() -> None:
    with _state.claim("dev"), pytest.raises(ServerError, match="already running"), _state.claim("dev"):
        pass
    with _state.claim("dev"):
        pass


def test_any_name_can_be_listed() -> None:
    names = ["a/b", "dev", "ümlaut ."]
    with _state.claim(names[0]) as first, _state.claim(names[1]) as second, _state.claim(names[2]) as third:
        for claim, name in zip((first, second, third), names, strict=True):
            claim.publish(_state.this_process(name, "5.7.0"))
        assert sorted(record.name for record in _state.find_all()) == names
    assert list(_state.find_all()) == []


def test_a_record_without_its_process_is_not_a_running_cluster(tmp_path: Path) -> None:
    left = tmp_path / "clusters" / "dev.json"
    left.parent.mkdir()
    left.write_text('{"name": "dev", "version": "5.7.0", "pid": 1, "addresses": []}')
    assert _state.find("dev") is None
    with _state.claim("dev") as claim:
        claim.publish(_state.this_process("dev", "5.7.0"))
        assert _state.find("dev") == _state.this_process("dev", "5.7.0")
