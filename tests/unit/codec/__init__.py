"""Generated codecs and their generator. Importing this package makes the generator importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "codecs"))
