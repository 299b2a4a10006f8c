"""CountDownLatch: every operation, in all faces, on Raft groups and in unsafe mode."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.integration.cp.seen import CPFace


async def test_counting_down(cp: CPFace) -> None:
    latch = await cp.get("count_down_latch")
    assert await latch.get_count() == 0
    assert await latch.try_set_count(2) is True
    assert await latch.try_set_count(3) is False
    assert await latch.count_down() is None
    assert await latch.get_count() == 1
    assert await latch.await_latch(0) is False
    assert await latch.await_latch(-1) is False
    await latch.count_down()
    await latch.count_down()  # does nothing: it is 0
    assert await latch.get_count() == 0
    assert await latch.await_latch(10) is True
    assert await latch.try_set_count(1) is True  # another round


async def test_waiting_for_zero(cp: CPFace) -> None:
    latch = await cp.get("count_down_latch")
    await latch.try_set_count(1)

    async def wait() -> Any:
        return await latch.await_latch(60)

    waiting = cp.start(wait)
    assert await latch.await_latch(0.05) is False
    await latch.count_down()
    assert await asyncio.wait_for(waiting, 30) is True


@pytest.mark.parametrize(
    ("name", "value"), [("try_set_count", 0), ("try_set_count", "1"), ("await_latch", "1")]
)
async def test_wrong_arguments(cp: CPFace, name: str, value: Any) -> None:
    latch = await cp.get("count_down_latch")
    with pytest.raises(AssertionError):
        await getattr(latch, name)(value)
