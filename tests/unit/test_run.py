"""`python -m hzclient run`: a program runs as under `python`, but `import hazelcast` gives hzclient."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import atexit, pickle, sys, threading, hazelcast
class Point: pass
def show(when):
    print(when, __name__, type(pickle.loads(pickle.dumps(Point()))).__module__, hazelcast.__name__)
show("now")
print(sys.argv[1:], __file__.rpartition("/")[2], __spec__ and __spec__.name, __package__, sys.path[0])
import helper
atexit.register(show, "at the end")
ended = threading.Event()
threading.Thread(target=lambda: (threading.main_thread().join(), show("in a thread"))).start()
"""


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={"PYTHONPATH": f"{ROOT}:{folder / 'fake'}", "PATH": ""},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with programs, and with a package `hazelcast` that stands in for the official one."""
    (tmp_path / "fake" / "hazelcast").mkdir(parents=True)
    (tmp_path / "fake" / "hazelcast" / "__init__.py").write_text("")
    (tmp_path / "helper.py").write_text("")
    return tmp_path


def outcome(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout.replace("hzclient", "hazelcast"), done.stderr


def check_same(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a program with and without hzclient and check that both behave the same; return how."""
    plain = outcome(python(folder, *arguments))
    here = outcome(python(folder, "-m", "hzclient", "run", *arguments))
    assert here == plain
    return plain


def write(folder: Path, text: str) -> str:
    (folder / "program.py").write_text(text)
    return "program.py"


def test_the_package_is_hzclient(folder: Path) -> None:
    program = write(folder, "import hazelcast; print(hazelcast.__name__, hazelcast.proxy.MAP_SERVICE)")
    assert python(folder, "-m", "hzclient", "run", program).stdout == "hzclient hz:impl:mapService\n"


def test_a_file_runs_as_main(folder: Path) -> None:
    code, out, _ = check_same(folder, write(folder, PROGRAM), "one", "-m", "--help")
    assert code == 0
    assert "['one', '-m', '--help'] program.py" in out
    assert "in a thread __main__" in out


def test_a_module_runs_as_main(folder: Path) -> None:
    write(folder, PROGRAM)
    code, out, _ = check_same(folder, "-m", "program", "one")
    assert (code, "program" in out) == (0, True)


@pytest.mark.parametrize("arguments", [["-m", "pack"], ["pack"], ["-m", "pack.__main__"]])
def test_a_package_runs_as_main(folder: Path, arguments: list[str]) -> None:
    (folder / "pack").mkdir()
    (folder / "pack" / "__init__.py").write_text("")
    (folder / "pack" / "helper.py").write_text("")
    (folder / "pack" / "__main__.py").write_text(PROGRAM)
    assert check_same(folder, *arguments, "one")[0] == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("def f():\n    raise ValueError('why')\nf()", 1),
        ("try:\n    1 / 0\nexcept Exception as error:\n    raise OSError('x') from error", 1),
        ("import sys; sys.exit(7)", 7),
        ("import sys; sys.exit('text')", 1),
        ("import sys; sys.exit()", 0),
        ("def f(:\n", 1),
        ("import helper.missing", 1),
        ("raise KeyboardInterrupt", -signal.SIGINT),
        ("import sys; sys.excepthook = lambda *a: print('hook', a[2].tb_lineno)\nraise ValueError", 1),
        ("raise BaseExceptionGroup('many', [ValueError(1), KeyError(2)])", 1),
    ],
)
def test_failures_and_exit_codes_are_the_same(folder: Path, text: str, code: int) -> None:
    program = write(folder, text)
    assert check_same(folder, program)[0] == code
    if code != -signal.SIGINT and "(:" not in text:
        here = python(folder, "-m", "hzclient", "run", "-m", "program")
        assert here.returncode == code
        assert "hzclient" not in here.stderr


@pytest.mark.parametrize("arguments", [["none.py"], ["-m", "none"], ["-m", "helper.none"], ["fake"]])
def test_what_cannot_be_started(folder: Path, arguments: list[str]) -> None:
    plain = python(folder, *arguments)
    here = python(folder, "-m", "hzclient", "run", *arguments)
    assert here.stderr.startswith(f"{sys.executable}: ")
    assert len(here.stderr.splitlines()) == 1
    assert here.returncode == plain.returncode != 0


def test_usage(folder: Path) -> None:
    for arguments, code in ([], 2), (["-x"], 2), (["--help"], 0), (["-m"], 2):
        done = python(folder, "-m", "hzclient", "run", *arguments)
        assert done.returncode == code
        assert (done.stdout or done.stderr).startswith("usage: python -m hzclient run")
