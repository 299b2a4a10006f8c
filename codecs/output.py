"""Format, compare and write folders of generated modules."""

import subprocess
import sys
import tempfile
from pathlib import Path


def formatted(modules: dict[str, str]) -> dict[str, str]:
    """Return the formatted texts of modules, by file name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in modules.items():
            (folder / file).write_text(text)
        options = ["--isolated", "--line-length", "110", "--target-version", "py311"]
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *options, name], check=True)
        return {file: (folder / file).read_text() for file in modules}


def compare_folder(folder: Path, modules: dict[str, str]) -> list[str]:
    """Return complaints about a folder whose content differs from the given modules."""
    complaints = _strangers(folder, modules)
    for file, text in modules.items():
        path = folder / file
        if not path.exists():
            complaints.append(f"{path}: missing, run `python codecs`")
        elif path.read_text() != text:
            complaints.append(f"{path}: differs from its definition, run `python codecs`")
    return complaints


def write_folder(folder: Path, modules: dict[str, str]) -> list[str]:
    """Write the files that changed; return complaints about unknown files, which are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in modules.items():
        path = folder / file
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    return _strangers(folder, modules)


def _strangers(folder: Path, modules: dict[str, str]) -> list[str]:
    if not folder.is_dir():
        return []
    names = {path.name for path in folder.iterdir()} - {"__pycache__", *modules}
    return [f"{folder / name}: not generated, does not belong here" for name in sorted(names)]
