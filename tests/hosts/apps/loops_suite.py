"""A suite of an application with pytest-asyncio, where each test has a loop of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import hzclient.asyncio
from tests.hosts.apps.clients import OPTIONS

kept: list[Any] = []


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Any]:
    async with hzclient.asyncio.HazelcastClient(**OPTIONS) as client:
        yield client


@pytest.mark.asyncio
@pytest.mark.parametrize("number", range(5))
async def test_each_loop_has_its_client(client: Any, number: int) -> None:
    numbers = await client.get_map("loops")
    await numbers.put(number, number)
    assert await numbers.get(number) == number


@pytest.mark.asyncio
async def test_a_client_is_kept() -> None:
    kept.append(await hzclient.asyncio.HazelcastClient.create_and_start(**OPTIONS))
    kept.append(await kept[0].get_map("loops"))


@pytest.mark.asyncio
async def test_it_is_refused_in_the_next_loop_and_can_be_shut_down_there() -> None:
    client, numbers = kept
    with pytest.raises(RuntimeError, match="belongs to another event loop"):
        await numbers.get(1)
    await client.shutdown()
    await client.shutdown()
