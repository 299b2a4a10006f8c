"""Every operation of every structure, with arguments that no member could take.

A wrong argument is reported by an error of the API that names it, never by one that escaped from the
machinery (`struct.error`, `KeyError`, `OverflowError`, `AttributeError`).
"""

from __future__ import annotations

import asyncio
import inspect
import linecache
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID, uuid4

import pytest

import hzclient
from hzclient import _structures as structures
from hzclient._codec import cp_group as cp_group_codec
from hzclient._codec import pn_counter as pn_counter_codec
from hzclient._codec import ringbuffer as ringbuffer_codec
from hzclient._codec import semaphore as semaphore_codec
from hzclient._codec import transaction as transaction_codec
from hzclient._runtime.faces import Marked, blocking_operation, operation, run_blocking
from hzclient.asyncio import HazelcastClient
from hzclient.errors import HazelcastError
from hzclient.future import Future
from hzclient.protocol import RaftGroupId
from hzclient.proxy._manager import Structure
from hzclient.proxy.scheduled_executor import ScheduledTask
from hzclient.vector import Document, Type, Vector
from tests.internals import engine_of
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import SECONDS, options, soon

PACKAGE = Path(hzclient.__file__).parent

HOSTILE: tuple[Any, ...] = (
    None,
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    -1,
    0,
    True,
    float("nan"),
    float("inf"),
    float("-inf"),
    1e300,
    "x",
    "\ud800",
    b"x",
    (),
    [],
    [None],
    {},
    object(),
    uuid4(),
    print,
)
"""Arguments of every kind: each is wrong for most parameters."""

CP_STRUCTURES = ("atomic_long", "atomic_reference", "count_down_latch", "lock", "semaphore", "map")
TRANSACTIONAL = ("list", "map", "multi_map", "queue", "set")
KINDS = sorted(name for name, kind in vars(structures).items() if isinstance(kind, Structure))


def fitting(parameter: inspect.Parameter, member: Any) -> Any:
    """Return an argument that is right for a parameter."""
    annotation = str(parameter.annotation)
    by_name: dict[str, Any] = {
        "member": member,
        "members": [member],
        "task": ScheduledTask("s", "t", 1, None) if annotation == "ScheduledTask" else "task",
        "document": Document("value", [Vector("", Type.DENSE, [1.0])]),
        "vector": Vector("", Type.DENSE, [1.0]),
        "registration_id": str(uuid4()),
        "map": {"k": Document("v", [])} if "Document" in annotation else {"k": "v"},
    }
    if parameter.name in by_name:
        return by_name[parameter.name]
    for start, value in (("int", 1), ("float", 1.0), ("bool", True), ("str", "x"), ("dict", {"k": "v"})):
        if annotation.startswith(start):
            return value
    if annotation.startswith(("Sequence", "list", "Iterable", "Collection")):
        return ["x"]
    if annotation.startswith(("Mapping", "Dict")):
        return {"k": "v"}
    return parameter.default if parameter.default is not parameter.empty else "x"


def operations_of(face: type) -> dict[str, Marked[Any, Any]]:
    """Return the operations of a class of structures, by name."""
    members = {
        name: member
        for base in reversed(face.__mro__)
        for name, member in vars(base).items()
        if isinstance(member, (operation, blocking_operation))
    }
    return {name: member for name, member in members.items() if name != "destroy"}


def calls_of(structure: Any, member: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield names of operations and arguments, of which one or all are hostile."""
    for name, marked in sorted(operations_of(type(structure)).items()):
        signature = inspect.signature(marked.function)
        parameters = list(signature.parameters.values())[1:]
        fit = {each.name: fitting(each, member) for each in parameters}
        for value in HOSTILE:
            for each in parameters:
                yield name, {**fit, each.name: value}
            if len(parameters) > 1:
                yield name, dict.fromkeys(fit, value)


def is_of_the_api(error: BaseException) -> bool:
    """Return True if the API may raise the error on purpose."""
    if isinstance(error, (HazelcastError, AssertionError)):
        return True
    return isinstance(error, (TypeError, ValueError)) and was_raised_on_purpose(error.__traceback__)


def was_raised_on_purpose(trace: TracebackType | None) -> bool:
    """Return True if an error comes from a `raise` statement of the package."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    assert trace is not None
    path = trace.tb_frame.f_code.co_filename
    if not Path(path).is_relative_to(PACKAGE):
        return False
    code = linecache.getline(path, trace.tb_lineno).strip()
    return code.startswith("raise")


class Complaints:
    """Calls whose error does not belong to the API."""

    def __init__(self) -> None:
        self.calls = 0
        self._all: list[str] = []

    def add(self, where: str, arguments: dict[str, Any], error: BaseException) -> None:
        if not is_of_the_api(error):
            shown = {name: repr_of(value) for name, value in arguments.items()}
            self._all.append(f"{where}({shown}): {type(error).__name__}: {error}")

    def check(self) -> None:
        assert self.calls
        assert not self._all, "\n".join(self._all)


def repr_of(value: Any) -> str:
    return "huge" if isinstance(value, int) and value.bit_length() > 999 else repr(value)[:40]


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        cluster.on(cp_group_codec.CREATE_CP_GROUP, lambda *_: RaftGroupId("default", 0, 1))
        cluster.on(semaphore_codec.GET_SEMAPHORE_TYPE, lambda *_: True)
        cluster.on(transaction_codec.CREATE, lambda *_: UUID(int=1))
        cluster.on(transaction_codec.ROLLBACK, lambda *_: None)
        cluster.on(ringbuffer_codec.CAPACITY, lambda *_: 10)
        cluster.on(pn_counter_codec.GET_CONFIGURED_REPLICA_COUNT, lambda *_: 1)
        yield cluster


async def check(structure: Any, cluster: ScriptedCluster) -> None:
    """Call every operation of a structure with each hostile argument."""
    complaints = Complaints()
    for name, arguments in calls_of(structure, cluster.members[0].info):
        complaints.calls += 1
        try:
            await soon(getattr(structure, name)(**arguments))
        except Exception as error:
            complaints.add(f"{structure!r}.{name}", arguments, error)
    complaints.check()


def check_at_once(structure: Any, core: Any, cluster: ScriptedCluster) -> None:
    """Do the same in the Future or the blocking face, from a thread."""
    complaints = Complaints()
    for name, arguments in calls_of(core, cluster.members[0].info):
        complaints.calls += 1
        try:
            outcome = getattr(structure, name)(**arguments)
            if isinstance(outcome, Future):
                outcome.result(SECONDS)
        except Exception as error:
            complaints.add(f"{structure!r}.{name}", arguments, error)
    complaints.check()


WITHOUT_PARAMETERS = "FLAKE_ID_GENERATOR"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != WITHOUT_PARAMETERS])
@pytest.mark.parametrize("face", ["asyncio", "future", "blocking"])
async def test_structures(cluster: ScriptedCluster, kind: str, face: str) -> None:
    def run() -> None:
        with hzclient.HazelcastClient(**options(cluster)) as client:
            faces = run_blocking(engine_of(client).structure(getattr(structures, kind), "s"))
            seen = faces.future_face.blocking() if face == "blocking" else faces.future_face
            check_at_once(seen, faces.operations, cluster)

    if face == "asyncio":
        async with HazelcastClient(**options(cluster)) as client:
            structure = await engine_of(client).structure(getattr(structures, kind), "s")
            await check(structure.operations, cluster)
    else:
        await asyncio.to_thread(run)


@pytest.mark.parametrize("kind", CP_STRUCTURES)
async def test_cp_structures(cluster: ScriptedCluster, kind: str) -> None:
    async with HazelcastClient(**options(cluster)) as client:
        await check(await getattr(client.cp_subsystem, f"get_{kind}")("s"), cluster)


@pytest.mark.parametrize("kind", TRANSACTIONAL)
async def test_transactional_structures(cluster: ScriptedCluster, kind: str) -> None:
    async with HazelcastClient(**options(cluster)) as client:
        async with client.new_transaction() as transaction:
            await check(getattr(transaction, f"get_{kind}")("s"), cluster)
            await transaction.rollback()
