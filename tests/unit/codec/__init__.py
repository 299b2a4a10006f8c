"""The generated codecs and their generator, whose modules are importable from here on."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "codecs"))
