"""Compact data. What is not exported here is for this package alone."""

from hzclient.serialization._compact._dataclasses import NotCompactError
from hzclient.serialization._compact._format import CompactFormat

__all__ = ["CompactFormat", "NotCompactError"]
