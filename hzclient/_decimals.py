"""Decimals as the wire has them: an unscaled integer of any size, and a scale."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Final

from hzclient.util import int_from_bytes, int_to_bytes

__all__ = ("decimal_from_wire", "decimal_to_wire")

_EXACT: Final = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def decimal_to_wire(value: Decimal) -> tuple[bytes, int]:
    """The unscaled integer of a decimal, in big-endian two's complement, and its scale.

    Raises:
        ValueError: It is not a finite number.
    """
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a finite number")
    return int_to_bytes(int(value.scaleb(-exponent, _EXACT))), -exponent


def decimal_from_wire(unscaled: bytes | bytearray, scale: int) -> Decimal:
    """The inverse of `decimal_to_wire`. Takes time that grows with the square of the size."""
    return Decimal(int_from_bytes(unscaled)).scaleb(-scale, _EXACT)
