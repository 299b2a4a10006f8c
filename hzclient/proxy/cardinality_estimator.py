"""CardinalityEstimator: the approximate number of different items, in a few kilobytes."""

from __future__ import annotations

from typing import Any, Final

from hzclient._codec import cardinality_estimator as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy.base import PartitionSpecificOperations, PartitionSpecificProxy
from hzclient.util import check_not_none, to_signed

__all__ = (
    "AsyncCardinalityEstimator",
    "BlockingCardinalityEstimator",
    "CardinalityEstimator",
    "CardinalityEstimatorOperations",
)

_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF
_SEED: Final = 0x0100_0193
_PAYLOAD: Final = 8
"""Offset of the payload in a serialized value, after partition hash and type id."""


class CardinalityEstimatorOperations(PartitionSpecificOperations):
    """Estimates how many different items were added, with the HyperLogLog++ algorithm.

    The error is about 2 %. Items are equal if their serialized forms are.
    """

    @operation
    async def add(self, item: Any) -> None:
        """Add an item. Only its hash is sent."""
        check_not_none(item, "an item must not be None")
        request = codec.ADD.encode(self.name, _hash64(self._encode(item)[_PAYLOAD:]))
        await self._invoke(request, partition_id=self._partition)

    @operation
    async def estimate(self) -> int:
        """Return the approximate number of different items."""
        return await self._invoke(codec.ESTIMATE.encode(self.name), partition_id=self._partition)


class AsyncCardinalityEstimator(CardinalityEstimatorOperations, AsyncioFace):
    """An estimator whose operations are coroutine methods."""


class CardinalityEstimator(
    PartitionSpecificProxy["BlockingCardinalityEstimator"], CardinalityEstimatorOperations
):
    """An estimator whose operations return a `Future`."""


class BlockingCardinalityEstimator(BlockingFace, CardinalityEstimator):
    """An estimator whose operations block until they are done."""


def _hash64(payload: bytes) -> int:
    """Return the 64-bit hash by which members compare items: an early form of MurmurHash3.

    Args:
        payload: A serialized value, without partition hash and type id.

    Returns:
        The hash, signed.
    """
    h1, h2 = 0x9368_E53C_2F6A_F274 ^ _SEED, 0x586D_CD20_8F7C_D3FD ^ _SEED
    c1, c2 = 0x87C3_7B91_1142_53D5, 0x4CF5_AD43_2745_937F
    for at in range(0, len(payload), 16):
        word = _word if at + 16 <= len(payload) else _last_word
        first, second = word(payload[at : at + 8]), word(payload[at + 8 : at + 16])
        k1 = _scrambled(first, c1, c2)
        h1 = ((h1 ^ k1) + h2) & _MASK
        h2 = _rotated(h2, 41)
        k2 = _scrambled(second, c2, c1)
        h2 = ((h2 ^ k2) + h1) & _MASK
        h1 = (h1 * 3 + 0x52DC_E729) & _MASK
        h2 = (h2 * 3 + 0x3849_5AB5) & _MASK
        c1 = (c1 * 5 + 0x7B7D_159C) & _MASK
        c2 = (c2 * 5 + 0x6BCE_6396) & _MASK
    h2 ^= len(payload)
    h1 = (h1 + h2) & _MASK
    h2 = (h2 + h1) & _MASK
    return to_signed(_mixed(h1) + _mixed(h2), 64)


def _word(some: bytes) -> int:
    return int.from_bytes(some, "little")


def _last_word(some: bytes) -> int:
    word = 0
    for at, byte in enumerate(some):
        # Members treat bytes as signed, so a negative one changes all higher bits.
        word ^= to_signed(byte, 8) << 8 * at
    return word & _MASK


def _rotated(number: int, bits: int) -> int:
    return (number << bits | number >> (64 - bits)) & _MASK


def _scrambled(number: int, first: int, second: int) -> int:
    return _rotated(number * first & _MASK, 23) * second & _MASK


def _mixed(number: int) -> int:
    number ^= number >> 33
    number = number * 0xFF51_AFD7_ED55_8CCD & _MASK
    number ^= number >> 33
    number = number * 0xC4CE_B9FE_1A85_EC53 & _MASK
    return number ^ number >> 33
