"""Single results that members compute from many entries of a map.

A path names the attribute to compute with. Without a path, the value or the entry itself counts.
"""

import decimal
from typing import Any, Final, Generic

from hzclient.core import MapEntry
from hzclient.serialization.identified import (
    BIG_INTEGER,
    DOUBLE,
    INT,
    LONG,
    OBJECT,
    STRING,
    Record,
    factory,
)
from hzclient.types import AggregatorResultType

__all__ = [
    "Aggregator",
    "FACTORY",
    "big_decimal_avg",
    "big_decimal_sum",
    "big_integer_avg",
    "big_integer_sum",
    "count",
    "distinct",
    "double_avg",
    "double_sum",
    "fixed_point_sum",
    "floating_point_sum",
    "int_avg",
    "int_sum",
    "long_avg",
    "long_sum",
    "max_",
    "max_by",
    "min_",
    "min_by",
    "number_avg",
]


class Aggregator(Record, Generic[AggregatorResultType]):
    """A computation over entries. The functions of this module make them.

    Its fields are the path of the attribute, and the state that the computation starts with.
    """

    FACTORY_ID = -29


class _BigDecimalAvg(Aggregator[decimal.Decimal]):
    CLASS_ID = 0
    FIELDS = (STRING, OBJECT, LONG)


class _BigDecimalSum(Aggregator[decimal.Decimal]):
    CLASS_ID = 1
    FIELDS = (STRING, OBJECT)


class _BigIntegerAvg(Aggregator[decimal.Decimal]):
    CLASS_ID = 2
    FIELDS = (STRING, BIG_INTEGER, LONG)


class _BigIntegerSum(Aggregator[int]):
    CLASS_ID = 3
    FIELDS = (STRING, BIG_INTEGER)


class _Count(Aggregator[int]):
    CLASS_ID = 4
    FIELDS = (STRING, LONG)


class _Distinct(Aggregator[set[Any]]):
    CLASS_ID = 5
    FIELDS = (STRING, INT)


class _DoubleAvg(Aggregator[float]):
    CLASS_ID = 6
    FIELDS = (STRING, DOUBLE, LONG)


class _DoubleSum(Aggregator[float]):
    CLASS_ID = 7
    FIELDS = (STRING, DOUBLE)


class _FixedPointSum(Aggregator[int]):
    CLASS_ID = 8
    FIELDS = (STRING, LONG)


class _FloatingPointSum(Aggregator[float]):
    CLASS_ID = 9
    FIELDS = (STRING, DOUBLE)


class _IntAvg(Aggregator[float]):
    CLASS_ID = 10
    FIELDS = (STRING, LONG, LONG)


class _IntSum(Aggregator[int]):
    CLASS_ID = 11
    FIELDS = (STRING, LONG)


class _LongAvg(Aggregator[float]):
    CLASS_ID = 12
    FIELDS = (STRING, LONG, LONG)


class _LongSum(Aggregator[int]):
    CLASS_ID = 13
    FIELDS = (STRING, LONG)


class _Max(Aggregator[Any]):
    CLASS_ID = 14
    FIELDS = (STRING, OBJECT)


class _Min(Aggregator[Any]):
    CLASS_ID = 15
    FIELDS = (STRING, OBJECT)


class _NumberAvg(Aggregator[float]):
    CLASS_ID = 16
    FIELDS = (STRING, DOUBLE, LONG)


class _MaxBy(Aggregator[MapEntry[Any, Any]]):
    CLASS_ID = 17
    FIELDS = (STRING, OBJECT, OBJECT)


class _MinBy(Aggregator[MapEntry[Any, Any]]):
    CLASS_ID = 18
    FIELDS = (STRING, OBJECT, OBJECT)


def count(attribute_path: str | None = None) -> Aggregator[int]:
    """Count the entries; with a path, those whose attribute is not null."""
    return _Count(attribute_path, 0)


def distinct(attribute_path: str | None = None) -> Aggregator[set[Any]]:
    """Return the set of the different values."""
    return _Distinct(attribute_path, 0)


def double_avg(attribute_path: str | None = None) -> Aggregator[float]:
    """Compute the average of Java's double values."""
    return _DoubleAvg(attribute_path, 0.0, 0)


def double_sum(attribute_path: str | None = None) -> Aggregator[float]:
    """Compute the sum of Java's double values."""
    return _DoubleSum(attribute_path, 0.0)


def fixed_point_sum(attribute_path: str | None = None) -> Aggregator[int]:
    """Compute the sum of numbers of any type, without their fractions."""
    return _FixedPointSum(attribute_path, 0)


def floating_point_sum(attribute_path: str | None = None) -> Aggregator[float]:
    """Compute the sum of numbers of any type, as floating point."""
    return _FloatingPointSum(attribute_path, 0.0)


def int_avg(attribute_path: str | None = None) -> Aggregator[float]:
    """Compute the average of Java's int values."""
    return _IntAvg(attribute_path, 0, 0)


def int_sum(attribute_path: str | None = None) -> Aggregator[int]:
    """Compute the sum of Java's int values."""
    return _IntSum(attribute_path, 0)


def long_avg(attribute_path: str | None = None) -> Aggregator[float]:
    """Compute the average of Java's long values."""
    return _LongAvg(attribute_path, 0, 0)


def long_sum(attribute_path: str | None = None) -> Aggregator[int]:
    """Compute the sum of Java's long values."""
    return _LongSum(attribute_path, 0)


def max_(attribute_path: str | None = None) -> Aggregator[Any]:
    """Return the largest value, None if there is none."""
    return _Max(attribute_path, None)


def min_(attribute_path: str | None = None) -> Aggregator[Any]:
    """Return the smallest value, None if there is none."""
    return _Min(attribute_path, None)


def number_avg(attribute_path: str | None = None) -> Aggregator[float]:
    """Compute the average of numbers of any type."""
    return _NumberAvg(attribute_path, 0.0, 0)


def max_by(attribute_path: str) -> Aggregator[MapEntry[Any, Any]]:
    """Return the entry with the largest attribute, None if there is none."""
    return _MaxBy(attribute_path, None, None)


def min_by(attribute_path: str) -> Aggregator[MapEntry[Any, Any]]:
    """Return the entry with the smallest attribute, None if there is none."""
    return _MinBy(attribute_path, None, None)


def big_decimal_avg(attribute_path: str | None = None) -> Aggregator[decimal.Decimal]:
    """Compute the average of Java's BigDecimal values."""
    return _BigDecimalAvg(attribute_path, _ZERO, 0)


def big_decimal_sum(attribute_path: str | None = None) -> Aggregator[decimal.Decimal]:
    """Compute the sum of Java's BigDecimal values."""
    return _BigDecimalSum(attribute_path, _ZERO)


def big_integer_avg(attribute_path: str | None = None) -> Aggregator[decimal.Decimal]:
    """Compute the average of Java's BigInteger values."""
    return _BigIntegerAvg(attribute_path, 0, 0)


def big_integer_sum(attribute_path: str | None = None) -> Aggregator[int]:
    """Compute the sum of Java's BigInteger values."""
    return _BigIntegerSum(attribute_path, 0)


_ZERO: Final = decimal.Decimal(0)

_CLASSES: tuple[type[Aggregator[Any]], ...] = (
    _BigDecimalAvg,
    _BigDecimalSum,
    _BigIntegerAvg,
    _BigIntegerSum,
    _Count,
    _Distinct,
    _DoubleAvg,
    _DoubleSum,
    _FixedPointSum,
    _FloatingPointSum,
    _IntAvg,
    _IntSum,
    _LongAvg,
    _LongSum,
    _Max,
    _Min,
    _NumberAvg,
    _MaxBy,
    _MinBy,
)

FACTORY = factory(_CLASSES)
"""Class by class id."""
