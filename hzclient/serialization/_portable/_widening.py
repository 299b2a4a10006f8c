"""Which types a field may be read as when the class has another version than the data."""

import struct
from collections.abc import Callable
from typing import Any, Final

from hzclient.serialization.portable.classdef import FieldType

_INT_BITS: Final = {FieldType.BYTE: 8, FieldType.SHORT: 16, FieldType.INT: 32, FieldType.LONG: 64}
_FLOAT: Final = struct.Struct("f")


def _same(value: Any) -> Any:
    return value


def _to_float(value: Any) -> float:
    # Java rounds to its narrower float here.
    rounded: float = _FLOAT.unpack(_FLOAT.pack(value))[0]
    return rounded


def _widenings() -> dict[tuple[FieldType, FieldType], Callable[[Any], Any]]:
    table: dict[tuple[FieldType, FieldType], Callable[[Any], Any]] = {
        (FieldType.FLOAT, FieldType.DOUBLE): _same,
        (FieldType.LONG, FieldType.DOUBLE): float,
        (FieldType.CHAR, FieldType.INT): ord,
        (FieldType.CHAR, FieldType.LONG): ord,
        (FieldType.CHAR, FieldType.FLOAT): lambda value: float(ord(value)),
        (FieldType.CHAR, FieldType.DOUBLE): lambda value: float(ord(value)),
    }
    for stored, bits in _INT_BITS.items():
        for wanted, wanted_bits in _INT_BITS.items():
            if bits < wanted_bits:
                table[stored, wanted] = _same
        if bits < _INT_BITS[FieldType.LONG]:
            table[stored, FieldType.FLOAT] = _to_float
            table[stored, FieldType.DOUBLE] = float
    return table


WIDENINGS: Final = _widenings()
"""What turns a value of the type in the data (first) into one of the type asked for (second)."""

DEFAULTS: Final[dict[FieldType, Any]] = {
    FieldType.BOOLEAN: False,
    FieldType.CHAR: "\0",
    **dict.fromkeys(_INT_BITS, 0),
    FieldType.FLOAT: 0.0,
    FieldType.DOUBLE: 0.0,
}
"""Value of a field that another version lacks; None for the types that are not here."""
