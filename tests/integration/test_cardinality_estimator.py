"""The cardinality estimator, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.proxy.cardinality_estimator import _hash64
from tests.integration.faces import Face
from tests.integration.twins import Estimate


@pytest.fixture
async def estimator(face: Face) -> Any:
    return await face.get("cardinality_estimator")


async def test_estimating(estimator: Any) -> None:
    assert await estimator.estimate() == 0
    for i in range(200):
        await estimator.add(i % 100)
        await estimator.add(f"text {i % 100}")
    assert abs(await estimator.estimate() - 200) <= 10


async def test_members_take_the_same_items_for_the_same(face: Face, estimator: Any) -> None:
    words = [f"{'ü' * (i % 20)}-{i}" for i in range(100)]
    for word in words:
        await estimator.add(word)
    before = await estimator.estimate()
    executor = await face.get("executor")
    assert await executor.execute_on_key_owner("k", Estimate(estimator.name, " ".join(words))) is True
    assert await estimator.estimate() == before


async def test_none_is_refused(estimator: Any) -> None:
    with pytest.raises(AssertionError):
        await estimator.add(None)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, 9168145165656307917),
        (1, 784733621411429749),
        (15, -4515452473871079779),
        (33, -5268415201210564214),
    ],
)
def test_the_hash_is_that_of_members(length: int, expected: int) -> None:
    assert _hash64(bytes((i * 37 + length + 200) & 255 for i in range(length))) == expected
