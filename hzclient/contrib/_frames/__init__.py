"""What data frames of all libraries share: pages of columns to read, and batches of rows to write.

A library adds how a `Column` becomes one of its own, and which kind of field a column of its own has.
"""

from hzclient.contrib._frames._reading import Page, Progress, map_pages, query_pages
from hzclient.contrib._frames._writing import (
    Batch,
    Field,
    check_batch_size,
    check_keys,
    kind_of_values,
    unwritable,
    write_batches,
)
from hzclient.serialization.columns import Column

__all__ = (
    "Batch",
    "Column",
    "Field",
    "Page",
    "Progress",
    "check_batch_size",
    "check_keys",
    "kind_of_values",
    "map_pages",
    "query_pages",
    "unwritable",
    "write_batches",
)
