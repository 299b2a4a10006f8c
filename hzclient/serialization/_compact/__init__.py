from hzclient.serialization._compact._format import CompactFormat

__all__ = ["CompactFormat"]
