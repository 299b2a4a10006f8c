"""Generate the codecs of the protocol: `python codecs`, or `python codecs --check` to compare only."""

import argparse
import sys
from pathlib import Path

from definitions import DefinitionError, load
from options import option_modules
from output import compare_folder, formatted, write_folder
from render import Renderer

_ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run the generator.

    Args:
        arguments: Command-line arguments; by default those of the program.

    Returns:
        Exit code: 0, or 1 if the definitions are wrong or a folder has unexpected content.
    """
    parser = argparse.ArgumentParser(prog="python codecs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything differs")
    handle = compare_folder if parser.parse_args(arguments).check else write_folder
    complaints: list[str] = []
    try:
        renderer = Renderer(load(_ROOT / "protocol-definitions"))
        for folder, modules in (
            (_ROOT / "hzclient" / "_codec", renderer.client_modules()),
            (_ROOT / "tests" / "member" / "codec", renderer.member_modules()),
            (_ROOT / "hzclient" / "config" / "_generated", option_modules()),
        ):
            complaints += handle(folder, formatted(modules))
    except (DefinitionError, ValueError) as error:
        complaints.append(str(error))
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
