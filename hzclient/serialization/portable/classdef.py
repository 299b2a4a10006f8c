"""Class definitions: which fields the portable objects of a class have, and their types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._declare import implemented

__all__ = ["ClassDefinition", "ClassDefinitionBuilder", "FieldDefinition", "FieldType"]


class FieldType:
    """Types of portable fields."""

    PORTABLE: Final = 0
    BYTE: Final = 1
    BOOLEAN: Final = 2
    CHAR: Final = 3
    SHORT: Final = 4
    INT: Final = 5
    LONG: Final = 6
    FLOAT: Final = 7
    DOUBLE: Final = 8
    UTF: Final = 9
    STRING: Final = 9
    PORTABLE_ARRAY: Final = 10
    BYTE_ARRAY: Final = 11
    BOOLEAN_ARRAY: Final = 12
    CHAR_ARRAY: Final = 13
    SHORT_ARRAY: Final = 14
    INT_ARRAY: Final = 15
    LONG_ARRAY: Final = 16
    FLOAT_ARRAY: Final = 17
    DOUBLE_ARRAY: Final = 18
    UTF_ARRAY: Final = 19
    STRING_ARRAY: Final = 19
    DECIMAL: Final = 20
    DECIMAL_ARRAY: Final = 21
    TIME: Final = 22
    TIME_ARRAY: Final = 23
    DATE: Final = 24
    DATE_ARRAY: Final = 25
    TIMESTAMP: Final = 26
    TIMESTAMP_ARRAY: Final = 27
    TIMESTAMP_WITH_TIMEZONE: Final = 28
    TIMESTAMP_WITH_TIMEZONE_ARRAY: Final = 29
