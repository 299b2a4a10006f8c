"""Sizes, limits and struct formats of the primitive types."""

import struct
from typing import Final

__all__ = [
    "BE_DOUBLE",
    "BE_FLOAT",
    "BE_INT",
    "BE_INT16",
    "BE_INT8",
    "BE_LONG",
    "BE_UINT16",
    "BE_UINT8",
    "BIG_ENDIAN",
    "BOOLEAN_SIZE_IN_BYTES",
    "BYTE_SIZE_IN_BYTES",
    "CHAR_SIZE_IN_BYTES",
    "DOUBLE_SIZE_IN_BYTES",
    "FLOAT_SIZE_IN_BYTES",
    "INT_SIZE_IN_BYTES",
    "LE_DOUBLE",
    "LE_FLOAT",
    "LE_INT",
    "LE_INT16",
    "LE_INT8",
    "LE_LONG",
    "LE_UINT",
    "LE_UINT16",
    "LE_UINT8",
    "LE_ULONG",
    "LITTLE_ENDIAN",
    "LONG_SIZE_IN_BYTES",
    "MAX_BYTE",
    "MAX_INT",
    "MAX_LONG",
    "MAX_SHORT",
    "MIN_BYTE",
    "MIN_INT",
    "MIN_LONG",
    "MIN_SHORT",
    "NULL_ARRAY_LENGTH",
    "SHORT_SIZE_IN_BYTES",
    "UUID_LSB_MASK",
    "UUID_MSB_MASK",
    "UUID_MSB_SHIFT",
    "UUID_SIZE_IN_BYTES",
]

BYTE_SIZE_IN_BYTES: Final = 1
BOOLEAN_SIZE_IN_BYTES: Final = 1
SHORT_SIZE_IN_BYTES: Final = 2
CHAR_SIZE_IN_BYTES: Final = 2
INT_SIZE_IN_BYTES: Final = 4
FLOAT_SIZE_IN_BYTES: Final = 4
LONG_SIZE_IN_BYTES: Final = 8
DOUBLE_SIZE_IN_BYTES: Final = 8
UUID_SIZE_IN_BYTES: Final = 17

LE_INT: Final = struct.Struct("<i")
LE_UINT: Final = struct.Struct("<I")
LE_INT8: Final = struct.Struct("<b")
LE_UINT8: Final = struct.Struct("<B")
LE_INT16: Final = struct.Struct("<h")
LE_UINT16: Final = struct.Struct("<H")
LE_LONG: Final = struct.Struct("<q")
LE_ULONG: Final = struct.Struct("<Q")
LE_FLOAT: Final = struct.Struct("<f")
LE_DOUBLE: Final = struct.Struct("<d")

BE_INT: Final = struct.Struct(">i")
BE_INT8: Final = struct.Struct(">b")
BE_UINT8: Final = struct.Struct(">B")
BE_INT16: Final = struct.Struct(">h")
BE_UINT16: Final = struct.Struct(">H")
BE_LONG: Final = struct.Struct(">q")
BE_FLOAT: Final = struct.Struct(">f")
BE_DOUBLE: Final = struct.Struct(">d")

LITTLE_ENDIAN: Final = 1
BIG_ENDIAN: Final = 2

NULL_ARRAY_LENGTH: Final = -1

MIN_BYTE: Final = -(1 << 7)
MAX_BYTE: Final = (1 << 7) - 1
MIN_SHORT: Final = -(1 << 15)
MAX_SHORT: Final = (1 << 15) - 1
MIN_INT: Final = -(1 << 31)
MAX_INT: Final = (1 << 31) - 1
MIN_LONG: Final = -(1 << 63)
MAX_LONG: Final = (1 << 63) - 1

UUID_MSB_SHIFT: Final = 64
UUID_LSB_MASK: Final = (1 << UUID_MSB_SHIFT) - 1
UUID_MSB_MASK: Final = UUID_LSB_MASK << UUID_MSB_SHIFT
