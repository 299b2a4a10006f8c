"""Sources of jars, and the errors if a jar is not found."""

import gc
import hashlib
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hzclient._environment import CACHE_DIR, MAVEN_REPOSITORY
from hzclient.server import ServerError
from hzclient.server._artifacts import Jar, fetch, member_jars

# jgo does not close its connection after a response other than 200.
pytestmark = pytest.mark.filterwarnings("ignore:.*socket.socket:pytest.PytestUnraisableExceptionWarning")

JAR = Jar("org.example.deep", "thing", "1.2")
REMOTE_PATH = "/org/example/deep/thing/1.2/thing-1.2.jar"


class Repository(ThreadingHTTPServer):
    """Maven repository in this process."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.requests: Counter[str] = Counter()

    def publish(self, path: str, content: bytes, digest: str | None = None) -> None:
        self.files[path] = content
        self.files[f"{path}.sha1"] = (digest or hashlib.sha1(content).hexdigest()).encode()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Repository)
        self.server.requests[self.path] += 1
        content = self.server.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing, because tests check what the download writes to standard error."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    with Repository() as repository:
        thread = threading.Thread(target=repository.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv(MAVEN_REPOSITORY, f"http://127.0.0.1:{repository.server_port}/")
        monkeypatch.setenv(CACHE_DIR, str(tmp_path / "cache"))
        monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
        yield repository
        repository.shutdown()
        thread.join()
    gc.collect()


def leftovers(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_jar_is_downloaded_once_and_kept(
    repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.publish(REMOTE_PATH, b"jar" * 1000)
    path = fetch(JAR)
    assert path.read_bytes() == b"jar" * 1000
    assert capsys.readouterr().err == "hzclient.server: fetching thing-1.2.jar (0.0 MB)\n"
    assert fetch(JAR) == path
    assert repository.requests[REMOTE_PATH] == 1
    assert leftovers(tmp_path) == [path]


def test_a_local_maven_repository_is_used_first(repository: Repository, tmp_path: Path) -> None:
    local = tmp_path / "m2" / JAR.path
    local.parent.mkdir(parents=True)
    local.write_bytes(b"local")
    assert fetch(JAR) == local
    assert not repository.requests


def test_a_damaged_jar_is_fetched_again_and_never_kept(repository: Repository, tmp_path: Path) -> None:
    repository.publish(REMOTE_PATH, b"damaged", digest="0" * 40)
    with pytest.raises(ServerError, match="arrived damaged"):
        fetch(JAR)
    assert repository.requests[REMOTE_PATH] == 3
    assert leftovers(tmp_path) == []
    repository.publish(REMOTE_PATH, b"sound")
    assert fetch(JAR).read_bytes() == b"sound"


def test_an_unknown_version_names_the_places_that_were_searched(
    repository: Repository, tmp_path: Path
) -> None:
    with pytest.raises(ServerError) as caught:
        fetch(JAR)
    text = str(caught.value)
    assert "org.example.deep:thing:1.2 was not found" in text
    assert str(tmp_path / "cache" / "maven" / JAR.path) in text
    assert str(tmp_path / "m2" / JAR.path) in text
    assert f"not in http://127.0.0.1:{repository.server_port}" in text
    assert "Check that this version exists" in text
    assert leftovers(tmp_path) == []


def test_an_unreachable_repository_is_told_apart(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAVEN_REPOSITORY, "http://127.0.0.1:1")
    with pytest.raises(ServerError, match=f"(?s)Check the network.*{MAVEN_REPOSITORY}"):
        fetch(JAR)


def test_a_missing_downloader_names_its_package(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jgo.maven", None)
    with pytest.raises(ServerError, match=r'run: pip install "hzclient-hazelcast\[server\]"$'):
        fetch(JAR)


@pytest.mark.parametrize(
    ("version", "artifacts"),
    [
        ("4.2.8", ["hazelcast"]),
        ("5.3.8", ["hazelcast", "hazelcast-sql"]),
        ("5.7.0", ["hazelcast", "hazelcast-sql"]),
    ],
)
def test_sql_is_a_jar_of_its_own_since_5_0(version: str, artifacts: list[str]) -> None:
    assert [jar.artifact for jar in member_jars(version)] == artifacts
    assert {jar.version for jar in member_jars(version)} == {version}
