"""Portable data. Only `PortableFormat` is for other parts of the package."""

from hzclient.serialization._portable._format import PortableFormat

__all__ = ["PortableFormat"]
