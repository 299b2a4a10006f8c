"""`with_timeout` holds for every operation: all of them, on a member that never responds."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

import pytest

from hzclient._codec import topic as topic_codec
from hzclient._runtime.faces import blocking_operation, view
from hzclient.errors import OperationTimeoutError
from tests.internals import private
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.net.clients import soon, until
from tests.unit.runtime.test_order_of_calls import (
    ARGUMENTS,
    CP_STRUCTURES,
    KINDS,
    SENDS_NOTHING,
    Caller,
    arguments_of,
    caller_of,
)

LIMIT = 0.1
IN_TIME = 12.0
"""Seconds that all operations of a structure together may take on a loaded machine."""


async def outcome_of(call: Any) -> str:
    """Make a call, and return what became of it."""
    try:
        outcome = call()
        if hasattr(outcome, "__anext__"):
            outcome = anext(outcome)
        elif hasattr(outcome, "__aenter__"):
            outcome = outcome.__aenter__()
        if inspect.isawaitable(outcome):
            await as_awaitable(outcome)
    except OperationTimeoutError:
        return "in time"
    except Exception as error:
        return repr(error)
    return "no error"


def as_awaitable(outcome: Any) -> Awaitable[Any]:
    return asyncio.wait_for(outcome, 20) if inspect.iscoroutine(outcome) else outcome


async def check(caller: Caller, face: str, kind: str, structure: Any, shell: Any) -> None:
    """Call all operations of a structure at once; each must end at its limit."""
    limited = structure.with_timeout(LIMIT)
    names, calls = [], []
    # The last one: it ends streams at once, and Python 3.12 starts calls in this order.
    members = sorted(private(shell, "_marked").items(), key=lambda each: each[0] == "destroy")
    for name, marked in members:
        if not hasattr(structure, name) or isinstance(marked, view) or (kind, name) in SENDS_NOTHING:
            continue
        if face == "future" and isinstance(marked, blocking_operation):
            continue
        arguments = ARGUMENTS.get((kind, name)) or arguments_of(marked.function, caller.member)
        method = getattr(limited, name)
        names.append(name)
        calls.append(outcome_of(lambda method=method, arguments=arguments: method(*arguments)))
    answer, caller.member.handle = caller.member.handle, hang  # type: ignore[method-assign]
    loop = asyncio.get_running_loop()
    began = loop.time()
    outcomes = await soon(asyncio.gather(*calls))
    took = loop.time() - began
    caller.member.handle = answer  # type: ignore[method-assign]
    assert {name: each for name, each in zip(names, outcomes, strict=True) if each != "in time"} == {}
    assert took < IN_TIME


def hang(connection: Any, message: Any) -> None:
    """Take a request, and never respond."""


@pytest.mark.parametrize("face", ["future", "asyncio"])
@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_operation_of_a_structure(kind: str, face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        structure = await caller.get(f"get_{kind}", "s")
        await check(caller, face, kind, structure, KINDS[kind].future_face)


@pytest.mark.parametrize("face", ["future", "asyncio"])
@pytest.mark.parametrize("kind", sorted(CP_STRUCTURES))
async def test_every_operation_of_a_cp_structure(kind: str, face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        structure = await caller.get(f"get_{kind}", "s", of=caller.client.cp_subsystem)
        await check(caller, face, f"cp {kind}", structure, CP_STRUCTURES[kind])


def registered(member: ScriptedMember) -> int:
    return len(member.requests_of(topic_codec.ADD_MESSAGE_LISTENER))


@pytest.mark.parametrize("face", ["future", "asyncio"])
async def test_listeners_that_were_given_up_are_removed_on_the_member(face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        member, go_on = caller.member, asyncio.Event()
        given: set[Any] = set()

        async def accept(*_: object) -> Any:
            await go_on.wait()
            given.add(id_ := uuid4())
            return id_

        def remove(name: str, registration_id: Any) -> bool:
            given.discard(registration_id)
            return True

        member.on(topic_codec.ADD_MESSAGE_LISTENER, accept)
        member.on(topic_codec.REMOVE_MESSAGE_LISTENER, remove)
        topic = await caller.get("get_topic", "t")
        calls = [topic.with_timeout(LIMIT).add_listener(print) for _ in range(50)]
        later = [asyncio.ensure_future(topic.add_listener(print)) for _ in range(50)]
        outcomes = asyncio.gather(*calls, return_exceptions=True)
        await soon(member.received(topic_codec.ADD_MESSAGE_LISTENER, 100))
        for each in later:
            each.cancel()
        assert {type(each) for each in await soon(outcomes)} == {OperationTimeoutError}
        go_on.set()
        await until(lambda: len(member.requests_of(topic_codec.REMOVE_MESSAGE_LISTENER)) == 100)
        assert not given
        assert registered(member) == 100
