"""Transactions, in the threaded and in the asyncio client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from hzclient.errors import OperationTimeoutError, TransactionError
from hzclient.predicate import greater_or_equal
from hzclient.transaction import ONE_PHASE, TWO_PHASE
from tests.integration.faces import Face, Seen, eventually, unique_name
from tests.integration.interrupts import Interruption, interrupted_after
from tests.internals import async_face_of, set_private

pytestmark = pytest.mark.parametrize("face", ["asyncio", "blocking"], indirect=True)


class _Transaction:
    """A transaction of either client whose calls can all be awaited."""

    def __init__(self, transaction: Any) -> None:
        self.target = transaction

    def __getattr__(self, name: str) -> Any:
        if name.startswith("get_"):
            return lambda structure: Seen(getattr(self.target, name)(structure))
        return getattr(Seen(self.target), name)


def begin_new(face: Face, **options: Any) -> Any:
    return _Transaction(face.client.new_transaction(**options))


async def give_up(face: Face, call: Callable[[], Any], seconds: float = 0.2) -> None:
    """Make a call of a transaction and stop waiting for it, as callers of this face do."""
    if face.name == "asyncio":
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await call()
    else:
        with interrupted_after(seconds), pytest.raises(Interruption):
            call()


async def held_by_somebody_else(face: Face, structure: Any, key: str) -> Callable[[], Any]:
    """Lock a key as another thread or task; return a function that releases it."""
    release = asyncio.Event()
    loop = asyncio.get_running_loop()
    held = loop.create_future()

    async def hold() -> None:
        await structure.lock(key)
        loop.call_soon_threadsafe(held.set_result, None)
        await eventually(release.is_set)
        await structure.unlock(key)

    holder = face.start(hold)
    await held

    async def free() -> None:
        release.set()
        await holder

    return free


async def test_a_call_that_was_given_up_leaves_no_key_locked_after_the_rollback(face: Face) -> None:
    outside = await face.get("map")
    free = await held_by_somebody_else(face, outside, "k")
    with pytest.raises(ZeroDivisionError):
        async with face.entered(face.client.new_transaction()) as transaction:
            inside = transaction.get_map(outside.name)
            await Seen(inside).put("other", 1)
            await give_up(face, lambda: inside.put("k", 1))
            raise ZeroDivisionError
    await free()
    await eventually(lambda: unlocked(outside, "k"))
    await eventually(lambda: unlocked(outside, "other"))
    assert await outside.size() == 0


async def unlocked(structure: Any, key: str) -> bool:
    return not await structure.is_locked(key)


async def test_a_call_whose_time_is_over_leaves_no_key_locked_after_the_rollback(face: Face) -> None:
    outside = await face.get("map")
    free = await held_by_somebody_else(face, outside, "k")
    with pytest.raises(OperationTimeoutError):
        async with face.entered(face.client.new_transaction()) as transaction:
            await Seen(transaction.get_map(outside.name).with_timeout(0.2)).put("k", 1)
    assert transaction.state == "rolled_back"
    await free()
    await eventually(lambda: unlocked(outside, "k"))


async def test_a_commit_takes_along_what_was_given_up_and_comes_true(face: Face) -> None:
    outside = await face.get("map")
    free = await held_by_somebody_else(face, outside, "k")
    async with face.entered(face.client.new_transaction()) as transaction:
        inside = transaction.get_map(outside.name)
        await give_up(face, lambda: inside.put("k", 1))
        await free()
    assert transaction.state == "committed"
    assert await outside.get("k") == 1
    assert await unlocked(outside, "k")


async def test_a_commit_that_was_given_up_before_it_was_sent_is_rolled_back(face: Face) -> None:
    outside = await face.get("map")
    free = await held_by_somebody_else(face, outside, "k")
    transaction = face.client.new_transaction()
    await face.result(transaction.begin())
    inside = transaction.get_map(outside.name)
    await give_up(face, lambda: inside.put("k", 1))
    await give_up(face, transaction.commit)  # waits for the put
    await free()
    await eventually(lambda: transaction.state == "rolled_back")
    assert await unlocked(outside, "k")
    assert await outside.size() == 0
    async with face.entered(face.client.new_transaction()):
        pass


@pytest.mark.parametrize("type_", [ONE_PHASE, TWO_PHASE])
async def test_a_commit_shows_all_changes_at_once(face: Face, type_: int) -> None:
    outside = await face.get("map")
    transaction = begin_new(face, type=type_)
    assert transaction.state == "not_started"
    await transaction.begin()
    assert transaction.state == "active"
    assert transaction.id is not None
    inside = transaction.get_map(outside.name)
    assert await inside.put("k", "v") is None
    assert await inside.get("k") == "v"
    assert await outside.size() == 0
    await transaction.commit()
    assert transaction.state == "committed"
    assert await outside.get("k") == "v"


async def test_a_rollback_undoes_all(face: Face) -> None:
    outside = await face.get("queue")
    await outside.put("a")
    transaction = begin_new(face)
    await transaction.begin()
    assert await transaction.get_queue(outside.name).take() == "a"
    await transaction.rollback()
    assert transaction.state == "rolled_back"
    assert await eventually(outside.peek) == "a"


async def test_the_context_manager_commits(face: Face) -> None:
    outside = await face.get("map")
    async with face.entered(face.client.new_transaction()) as transaction:
        await Seen(transaction.get_map(outside.name)).set("k", 1)
    assert transaction.state == "committed"
    assert await outside.get("k") == 1


async def test_the_context_manager_rolls_back(face: Face) -> None:
    outside = await face.get("map")
    with pytest.raises(ZeroDivisionError):
        async with face.entered(face.client.new_transaction()) as transaction:
            await Seen(transaction.get_map(outside.name)).set("k", 1)
            raise ZeroDivisionError
    assert transaction.state == "rolled_back"
    assert await outside.size() == 0


async def test_transactions_are_not_nested(face: Face) -> None:
    async with face.entered(face.client.new_transaction()):
        with pytest.raises(TransactionError, match="nested"):
            await begin_new(face).begin()
    async with face.entered(face.client.new_transaction()):
        pass


async def test_a_second_client_has_transactions_of_its_own(
    face: Face, hazelcast_cluster: Any, threaded_client: Any
) -> None:
    other = Face("blocking", threaded_client) if face.name == "asyncio" else None
    if other is None:
        import hzclient

        with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
            async with face.entered(face.client.new_transaction()):
                with client.new_transaction() as transaction:
                    assert transaction.state == "active"
    else:
        async with face.entered(face.client.new_transaction()):
            async with other.entered(other.client.new_transaction()) as transaction:
                assert transaction.state == "active"


async def test_a_transaction_belongs_to_who_began_it(face: Face) -> None:
    async with face.entered(face.client.new_transaction()) as entered:
        transaction = _Transaction(entered)
        inside = transaction.get_map(unique_name("map"))

        async def use() -> None:
            await inside.put("k", "v")

        async def commit() -> None:
            await transaction.commit()

        for body in (use, commit):
            with pytest.raises(TransactionError, match="belongs"):
                await face.as_somebody_else(body)


async def test_states_are_checked(face: Face) -> None:
    transaction = begin_new(face)
    for call in (transaction.commit, transaction.rollback):
        with pytest.raises(TransactionError):
            await call()
    with pytest.raises(TransactionError):
        transaction.get_map("m")
    await transaction.begin()
    inside = transaction.get_map("m")
    await transaction.rollback()
    for call in (transaction.begin, transaction.commit, transaction.rollback, inside.size):
        with pytest.raises(TransactionError):
            await call()
    with pytest.raises(ValueError, match="ONE_PHASE"):
        begin_new(face, type=3)


async def test_a_commit_that_is_too_late_is_rolled_back_on_the_member(face: Face) -> None:
    outside = await face.get("map")
    transaction = begin_new(face, timeout=100)
    await transaction.begin()
    inside = transaction.get_map(outside.name)
    await inside.put("k", "v")
    set_private(async_face_of(transaction.target), "_deadline", 0.0)
    with pytest.raises(TransactionError, match="more than 100 s"):
        await transaction.commit()
    assert transaction.state == "rolling_back"
    await transaction.rollback()
    assert transaction.state == "rolled_back"
    assert await outside.put("k", "mine") is None  # the lock of the key is free again


async def test_a_structure_is_made_once(face: Face) -> None:
    async with face.entered(face.client.new_transaction()) as transaction:
        assert transaction.get_map("m") is transaction.get_map("m")
        assert transaction.get_map("m").transaction is transaction
        assert transaction.get_map("m") is not transaction.get_multi_map("m")


async def test_map(face: Face) -> None:
    outside = await face.get("map")
    await outside.put("there", 1)
    async with face.entered(face.client.new_transaction()) as transaction:
        m = Seen(transaction.get_map(outside.name))
        assert await m.contains_key("there") is True
        assert await m.contains_key("missing") is False
        assert await m.get_for_update("there") == 1
        assert await m.put("a", 1, ttl=60) is None
        assert await m.size() == 2
        assert await m.put_if_absent("a", 2) == 1
        assert await m.put_if_absent("b", 2) is None
        assert await m.replace("a", 3) == 1
        assert await m.replace("missing", 3) is None
        # An older entry: members show the new value of one that this transaction wrote only later.
        assert await m.replace_if_same("there", 7, 8) is False
        assert await m.replace_if_same("there", 1, 4) is True
        await m.set("c", 5)
        assert await m.is_empty() is False
        assert sorted(await m.key_set()) == ["a", "b", "c", "there"]
        assert sorted(await m.values()) == [2, 3, 4, 5]
        assert sorted(await m.key_set(greater_or_equal("this", 4))) == ["c", "there"]
        assert sorted(await m.values(greater_or_equal("this", 4))) == [4, 5]
        assert await m.remove("a") == 3
        assert await m.remove("a") is None
        assert await m.remove_if_same("b", 7) is False
        assert await m.remove_if_same("b", 2) is True
        await m.delete("there")
        with pytest.raises(AssertionError):
            await m.put("k", None)
    assert await outside.entry_set() == [("c", 5)]


async def test_multi_map(face: Face) -> None:
    name = unique_name("multi-map")
    async with face.entered(face.client.new_transaction()) as transaction:
        m = Seen(transaction.get_multi_map(name))
        assert await m.put("k", 1) is True
        assert await m.put("k", 1) is False
        assert await m.put("k", 2) is True
        assert sorted(await m.get("k")) == [1, 2]
        assert await m.value_count("k") == 2
        assert await m.remove("k", 1) is True
        assert await m.remove("k", 1) is False
        assert await m.size() == 1
        assert await m.remove_all("k") == [2]
        assert await m.get("k") == []


async def test_queue(face: Face) -> None:
    outside = await face.get("queue")
    await outside.put("a")
    async with face.entered(face.client.new_transaction()) as transaction:
        queue = Seen(transaction.get_queue(outside.name))
        assert await queue.peek() == "a"
        assert await queue.offer("b", 0.1) is True
        assert await queue.size() == 2
        assert [await queue.take(), await queue.poll(0.1), await queue.poll()] == ["a", "b", None]
        assert await queue.offer("c") is True
    assert await outside.poll() == "c"


@pytest.mark.parametrize("kind", ["list", "set"])
async def test_list_and_set(face: Face, kind: str) -> None:
    outside = await face.get(kind)
    await outside.add("b")
    async with face.entered(face.client.new_transaction()) as transaction:
        inside = Seen(getattr(transaction, f"get_{kind}")(outside.name))
        assert await inside.add("a") is True
        assert await inside.add("a") is (kind == "list")
        assert await inside.remove("b") is True
        assert await inside.remove("z") is False
        assert await inside.size() == (2 if kind == "list" else 1)
    assert set(await outside.get_all()) == {"a"}
