"""Random values, the extreme ones among them; the twin of `Values.java`."""

import datetime
import decimal
import math
import random
import struct
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_SPECIAL = (0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324)


class Values:
    """Source of random values that Java can hold.

    Args:
        seed: The same seed gives the same values.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def integer(self, bits: int) -> int:
        limit = 1 << bits - 1
        special = (0, -1, limit - 1, -limit)
        return self.random.choice(special) if self.flag() else self.random.randrange(-limit, limit)

    def floating(self) -> float:
        return self.random.choice(_SPECIAL) if self.random.random() < 0.25 else self.random.gauss(0, 1e6)

    def narrow_floating(self) -> float:
        value: float = struct.unpack("f", struct.pack("f", self.floating()))[0]
        return value

    def flag(self) -> bool:
        return self.random.random() < 0.5

    def letter(self) -> str:
        return chr(
            self.random.choice((self.random.randrange(0xD800), self.random.randrange(0xE000, 0x10000)))
        )

    def text(self) -> str:
        limits = [0x80, 0x800, 0xD800, 0x110000]
        length = self.random.randrange(400 if self.random.randrange(50) == 0 else 12)
        codes = (self.random.randrange(self.random.choice(limits)) for _ in range(length))
        return "".join(chr(code) if not 0xD800 <= code < 0xE000 else "x" for code in codes)

    def big_integer(self) -> int:
        return self.random.randrange(-(1 << 200), 1 << 200) >> self.random.randrange(200)

    def decimal(self) -> decimal.Decimal:
        context = decimal.Context(prec=100)
        return decimal.Decimal(self.big_integer()).scaleb(self.random.randrange(-50, 50), context)

    def date(self) -> datetime.date:
        return datetime.date.fromordinal(self.random.randrange(1, datetime.date.max.toordinal() + 1))

    def time(self) -> datetime.time:
        hour, minute, second, micros = map(self.random.randrange, (24, 60, 60, 1_000_000))
        return datetime.time(hour, minute, second, micros)

    def timestamp(self) -> datetime.datetime:
        return datetime.datetime.combine(self.date(), self.time())

    def offset_timestamp(self) -> datetime.datetime:
        offset = datetime.timedelta(seconds=self.random.randrange(-18 * 3600, 18 * 3600 + 1))
        return self.timestamp().replace(tzinfo=datetime.timezone(offset))

    def instant(self) -> datetime.datetime:
        start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        return start + datetime.timedelta(milliseconds=self.integer(40))

    def uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128))

    def bytes(self) -> bytes:
        return self.random.randbytes(self.length())

    def maybe(self, value: Callable[[], T]) -> T | None:
        return None if self.random.randrange(4) == 0 else value()

    def length(self) -> int:
        return self.random.randrange(300 if self.random.randrange(20) == 0 else 6)

    def items(self, item: Callable[[], T]) -> list[T]:
        return [item() for _ in range(self.length())]

    def of(self, base: str) -> Any:
        """Return a value of a field kind, given without array and nullable."""
        integers = {"INT8": 8, "INT16": 16, "INT32": 32, "INT64": 64}
        if base in integers:
            return self.integer(integers[base])
        return {
            "BOOLEAN": self.flag,
            "CHAR": self.letter,
            "FLOAT32": self.narrow_floating,
            "FLOAT64": self.floating,
            "STRING": self.text,
            "DECIMAL": self.decimal,
            "TIME": self.time,
            "DATE": self.date,
            "TIMESTAMP": self.timestamp,
            "TIMESTAMP_WITH_TIMEZONE": self.offset_timestamp,
        }[base]()
