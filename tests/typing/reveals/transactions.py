"""Transactions and their structures, in the clients of both kinds."""

from __future__ import annotations

import hzclient
import hzclient.asyncio
from hzclient.proxy.transactional_map import AsyncTransactionalMap, TransactionalMap


def threaded(client: hzclient.HazelcastClient) -> None:
    transaction = client.new_transaction()
    reveal_type(transaction)  # R: Transaction
    reveal_type(transaction.begin())  # R: None
    reveal_type(transaction.get_list("l"))  # R: TransactionalList[Any]
    reveal_type(transaction.get_map("m"))  # R: TransactionalMap[Any, Any]
    reveal_type(transaction.get_multi_map("m"))  # R: TransactionalMultiMap[Any, Any]
    reveal_type(transaction.get_queue("q"))  # R: TransactionalQueue[Any]
    reveal_type(transaction.get_set("s"))  # R: TransactionalSet[Any]
    reveal_type(transaction.commit())  # R: None
    with transaction as entered:
        reveal_type(entered)  # R: Transaction
    transaction.get_map(1)  # E


async def attached(client: hzclient.asyncio.HazelcastClient) -> None:
    transaction = client.new_transaction()
    reveal_type(transaction)  # R: AsyncTransaction
    reveal_type(await transaction.begin())  # R: None
    reveal_type(transaction.get_list("l"))  # R: AsyncTransactionalList[Any]
    reveal_type(transaction.get_map("m"))  # R: AsyncTransactionalMap[Any, Any]
    reveal_type(transaction.get_multi_map("m"))  # R: AsyncTransactionalMultiMap[Any, Any]
    reveal_type(transaction.get_queue("q"))  # R: AsyncTransactionalQueue[Any]
    reveal_type(transaction.get_set("s"))  # R: AsyncTransactionalSet[Any]
    reveal_type(await transaction.commit())  # R: None
    async with transaction as entered:
        reveal_type(entered)  # R: AsyncTransaction
    transaction.get_map(1)  # E


def in_blocking(m: TransactionalMap[str, int]) -> None:
    reveal_type(m.get("a"))  # R: int | None
    reveal_type(m.key_set())  # R: list[str]
    reveal_type(m.with_timeout(1.0))  # R: TransactionalMap[str, int]
    m.put("a", "1")  # E


async def in_asyncio(m: AsyncTransactionalMap[str, int]) -> None:
    reveal_type(await m.get("a"))  # R: int | None
    reveal_type(await m.key_set())  # R: list[str]
    reveal_type(m.with_timeout(1.0))  # R: AsyncTransactionalMap[str, int]
    await m.put("a", "1")  # E
