"""Compact data. Other packages use only what is exported here."""

from hzclient.serialization._compact._dataclasses import NotCompactError
from hzclient.serialization._compact._format import CompactFormat

__all__ = ["CompactFormat", "NotCompactError"]
