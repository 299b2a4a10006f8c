"""What data frames of all libraries share: pages of columns to read, and batches of rows to write.

A library adds how a `Column` becomes one of its own, and which kind of field a column of its own has.
"""

from hzclient.contrib._frames._library import Frames, Rows, unreadable, without_json
from hzclient.contrib._frames._reading import Progress
from hzclient.contrib._frames._writing import Batch, Field, check_keys, kind_of_values, unwritable
from hzclient.serialization.columns import Column

__all__ = (
    "Batch",
    "Column",
    "Field",
    "Frames",
    "Progress",
    "Rows",
    "check_keys",
    "kind_of_values",
    "unreadable",
    "unwritable",
    "without_json",
)
