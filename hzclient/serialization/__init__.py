"""Serialization: every format in which values go to the cluster and come back.

`hzclient.serialization.api` has what applications implement.
"""

from typing import TYPE_CHECKING, Any

from hzclient.serialization.bits import (
    BE_DOUBLE,
    BE_FLOAT,
    BE_INT,
    BE_INT8,
    BE_INT16,
    BE_LONG,
    BE_UINT8,
    BE_UINT16,
    BIG_ENDIAN,
    BOOLEAN_SIZE_IN_BYTES,
    BYTE_SIZE_IN_BYTES,
    CHAR_SIZE_IN_BYTES,
    DOUBLE_SIZE_IN_BYTES,
    FLOAT_SIZE_IN_BYTES,
    INT_SIZE_IN_BYTES,
    LE_DOUBLE,
    LE_FLOAT,
    LE_INT,
    LE_INT8,
    LE_INT16,
    LE_LONG,
    LE_UINT,
    LE_UINT8,
    LE_UINT16,
    LE_ULONG,
    LITTLE_ENDIAN,
    LONG_SIZE_IN_BYTES,
    MAX_BYTE,
    MAX_INT,
    MAX_LONG,
    MAX_SHORT,
    MIN_BYTE,
    MIN_INT,
    MIN_LONG,
    MIN_SHORT,
    NULL_ARRAY_LENGTH,
    SHORT_SIZE_IN_BYTES,
    UUID_LSB_MASK,
    UUID_MSB_MASK,
    UUID_MSB_SHIFT,
    UUID_SIZE_IN_BYTES,
)

if TYPE_CHECKING:
    from hzclient.serialization.service import SerializationServiceV1

__all__ = [
    "BE_DOUBLE",
    "BE_FLOAT",
    "BE_INT",
    "BE_INT8",
    "BE_INT16",
    "BE_LONG",
    "BE_UINT8",
    "BE_UINT16",
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
    "LE_INT8",
    "LE_INT16",
    "LE_LONG",
    "LE_UINT",
    "LE_UINT8",
    "LE_UINT16",
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
    "SerializationServiceV1",
]


def __getattr__(name: str) -> Any:
    # The service needs modules that need this package: it is imported when somebody asks for it.
    if name == "SerializationServiceV1":
        from hzclient.serialization.service import SerializationServiceV1

        return SerializationServiceV1
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
