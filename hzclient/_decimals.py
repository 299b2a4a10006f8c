"""Decimals as the wire has them: an unscaled integer of any size, and a scale."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Final

from hzclient.util import int_from_bytes, int_to_bytes

__all__ = ("decimal_from_wire", "decimal_to_wire")

_EXACT: Final = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def decimal_to_wire(value: Decimal) -> tuple[bytes, int]:
    """Split a decimal into its unscaled integer and its scale.

    Args:
        value: The decimal.

    Returns:
        The unscaled integer in big-endian two's complement, and the scale.

    Raises:
        ValueError: It is not a finite number.
    """
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a finite number")
    return int_to_bytes(int(value.scaleb(-exponent, _EXACT))), -exponent


def decimal_from_wire(unscaled: bytes | bytearray, scale: int) -> Decimal:
    """Join what `decimal_to_wire` split. The time grows with the square of the size."""
    return Decimal(int_from_bytes(unscaled)).scaleb(-scale, _EXACT)
