"""Writes the codecs of the protocol: `python codecs`, or `python codecs --check` to compare only."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from definitions import DefinitionError, load
from render import Renderer

_ROOT = Path(__file__).parent.parent
_DEFINITIONS = _ROOT / "protocol-definitions"


def main(arguments: list[str] | None = None) -> int:
    """Runs the generator.

    Returns:
        Exit code: 0, or 1 if what lies there is not what the definitions give.
    """
    parser = argparse.ArgumentParser(prog="python codecs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything differs")
    check = parser.parse_args(arguments).check
    try:
        renderer = Renderer(load(_DEFINITIONS))
        wanted = {
            _ROOT / "hzclient" / "_codec": renderer.client_modules(),
            _ROOT / "tests" / "member" / "codec": renderer.member_modules(),
        }
    except DefinitionError as error:
        print(error, file=sys.stderr)
        return 1
    complaints: list[str] = []
    for folder, modules in wanted.items():
        formatted = _formatted(modules)
        complaints += _compare(folder, formatted) if check else _write(folder, formatted)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def _formatted(modules: dict[str, str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in modules.items():
            (folder / file).write_text(text)
        options = ["--isolated", "--line-length", "110", "--target-version", "py311"]
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *options, str(folder)], check=True)
        return {file: (folder / file).read_text() for file in modules}


def _compare(folder: Path, modules: dict[str, str]) -> list[str]:
    complaints = [
        f"{_shown(path)}: not generated, does not belong here" for path in _strangers(folder, modules)
    ]
    for file, text in modules.items():
        path = folder / file
        if not path.exists():
            complaints.append(f"{_shown(path)}: missing, run `python codecs`")
        elif path.read_text() != text:
            complaints.append(f"{_shown(path)}: differs from its definition, run `python codecs`")
    return complaints


def _write(folder: Path, modules: dict[str, str]) -> list[str]:
    """Writes what changed. Leaves unknown files alone, and reports them."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in modules.items():
        path = folder / file
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    return [f"{_shown(path)}: not generated, does not belong here" for path in _strangers(folder, modules)]


def _strangers(folder: Path, modules: dict[str, str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if path.name not in modules and path.name != "__pycache__"
    )


def _shown(path: Path) -> Path:
    return path.relative_to(_ROOT)


if __name__ == "__main__":
    sys.exit(main())
