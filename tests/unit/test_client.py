"""What clients of all kinds share, as far as it needs no real member."""

from __future__ import annotations

import asyncio
import copy
import pickle
import subprocess
import sys
import textwrap
import threading
import traceback
import warnings
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

import hzclient
import hzclient.asyncio
from hzclient import _starting
from hzclient._codec import client as codec
from hzclient._codec import map as map_codec
from hzclient.core import Address, MemberInfo
from hzclient.errors import IllegalStateError
from hzclient.future import Future
from hzclient.lifecycle import LifecycleState
from tests.member.answers import Silence
from tests.member.scripted import ScriptedCluster

KINDS = ("asyncio", "blocking")


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster(2) as scripted:
        yield scripted


async def make(kind: str, *args: Any, **options: Any) -> Any:
    """Return a started client of a kind. The constructor of the threaded one blocks, so it runs elsewhere."""
    if kind == "asyncio":
        return await hzclient.asyncio.HazelcastClient.create_and_start(*args, **options)
    return await asyncio.to_thread(hzclient.HazelcastClient, *args, **options)


async def end(client: Any) -> None:
    if isinstance(client, hzclient.asyncio.HazelcastClient):
        await client.shutdown()
    else:
        await asyncio.to_thread(client.shutdown)


async def test_default_names_count_every_client_of_the_process() -> None:
    names = [hzclient.asyncio.HazelcastClient(client_name=name).name for name in (None, "named", None)]
    first, last = (int(name.removeprefix("hz.client_")) for name in (names[0], names[2]))
    assert last == first + 2


# ------------------------------------------------------------------------------- before the call returns


@pytest.mark.parametrize("kind", KINDS)
async def test_listeners_of_the_configuration_have_been_notified_when_the_client_is_ready(
    kind: str, cluster: ScriptedCluster
) -> None:
    states: list[str] = []
    members: list[MemberInfo] = []
    in_coroutine: list[MemberInfo] = []

    async def added(member: MemberInfo) -> None:
        await asyncio.sleep(0)
        in_coroutine.append(member)

    client = await make(
        kind,
        cluster_members=cluster.addresses,
        lifecycle_listeners=[states.append],
        membership_listeners=[(members.append, None), (added, None)],
    )
    seen = states[:], members[:], in_coroutine[:], client.cluster_service.get_members()
    await end(client)

    assert seen[0] == [LifecycleState.STARTING, LifecycleState.STARTED, LifecycleState.CONNECTED]
    assert seen[1] == seen[2] == seen[3]
    assert {member.uuid for member in seen[3]} == {member.uuid for member in cluster.members}
    assert states[3:] == [LifecycleState.SHUTTING_DOWN, LifecycleState.DISCONNECTED, LifecycleState.SHUTDOWN]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_client_waits_for_a_member_list_that_follows_the_authentication(kind: str) -> None:
    async with ScriptedCluster(1) as cluster:
        member = cluster.members[0]
        infos = list(member.view.members)
        authenticate = member._authenticate

        def without_members(*args: Any) -> Any:
            answer = authenticate(*args)
            return answer._replace(member_infos=None) if hasattr(answer, "_replace") else answer

        cluster.on(codec.AUTHENTICATION, without_members)
        client = await make(kind, cluster_members=cluster.addresses)
        found = client.cluster_service.get_members()
        await end(client)
    assert [each.uuid for each in found] == [each.uuid for each in infos]


@pytest.mark.parametrize("kind", KINDS)
async def test_existing_members_are_reported_before_add_listener_returns(
    kind: str, cluster: ScriptedCluster
) -> None:
    client = await make(kind, cluster_members=cluster.addresses)
    service = client.cluster_service
    threads = set()
    seen = []

    def added(member: MemberInfo) -> None:
        threads.add(threading.current_thread())
        seen.append(member)

    service.add_listener(added, fire_for_existing=True)
    at_once = seen[:]
    awaited: asyncio.Queue[MemberInfo] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def added_in_coroutine(member: MemberInfo) -> None:
        loop.call_soon_threadsafe(awaited.put_nowait, member)

    service.add_listener(added_in_coroutine, fire_for_existing=True)
    later = [await awaited.get() for _ in at_once]
    await end(client)

    assert at_once == later == service.get_members()
    assert len(at_once) == 2
    assert threads == {threading.current_thread()}


async def test_a_listener_that_raises_does_not_keep_the_others_from_the_existing_members(
    cluster: ScriptedCluster, caplog: pytest.LogCaptureFixture
) -> None:
    client = await make("asyncio", cluster_members=cluster.addresses)
    client.cluster_service.add_listener(lambda: None, fire_for_existing=True)  # wrong number of parameters
    await client.shutdown()
    raised = [record for record in caplog.records if "membership listener raised" in record.getMessage()]
    assert len(raised) == 2


# ------------------------------------------------------------------------------------------ wrong usage


def one_line(error: BaseException) -> str:
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    assert "\n" not in str(error)
    return str(error)


@pytest.mark.parametrize(
    ("config", "advice"),
    [
        ("127.0.0.1:5701", "; give addresses as cluster_members=['127.0.0.1:5701']"),
        (["a", "b"], "; give addresses as cluster_members=[...]"),
        ({"cluster_name": "dev"}, "; give options as keyword arguments, HazelcastClient(**options)"),
        (5701, ", or give options as keyword arguments"),
    ],
)
async def test_what_is_no_config_is_refused(config: Any, advice: str) -> None:
    for client in (hzclient.HazelcastClient, hzclient.asyncio.HazelcastClient):
        with pytest.raises(TypeError) as caught:
            client(config)
        assert one_line(caught.value) == f"config must be a Config, not {config!r}{advice}"


async def test_urls_are_no_addresses() -> None:
    for client in (hzclient.HazelcastClient, hzclient.asyncio.HazelcastClient):
        with pytest.raises(ValueError) as caught:
            client(cluster_members=["http://127.0.0.1:5701/x"])
        assert one_line(caught.value) == (
            "address 'http://127.0.0.1:5701/x' is a URL; give host or host:port, '127.0.0.1:5701' for example"
        )


@pytest.mark.parametrize("kind", KINDS)
async def test_names_of_structures_are_texts(kind: str, cluster: ScriptedCluster) -> None:
    client = await make(kind, cluster_members=cluster.addresses)
    getters = [name for name in dir(client) if name.startswith("get_") and name != "get_distributed_objects"]
    assert len(getters) >= 16
    for getter in getters:
        for name in (5, None, b"m"):
            with pytest.raises(TypeError) as caught:
                found = getattr(client, getter)(name)
                await found
            assert one_line(caught.value) == f"the name of a structure must be a str, not {name!r}"
    await end(client)


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("get_atomic_long", "client.cp_subsystem.get_atomic_long(name)"),
        ("get_atomic_reference", "client.cp_subsystem.get_atomic_reference(name)"),
        ("get_count_down_latch", "client.cp_subsystem.get_count_down_latch(name)"),
        ("get_id_generator", "client.get_flake_id_generator(name)"),
        ("get_lock", "client.cp_subsystem.get_lock(name)"),
        ("get_semaphore", "client.cp_subsystem.get_semaphore(name)"),
    ],
)
async def test_methods_of_older_clients_say_what_replaces_them(name: str, now: str) -> None:
    client = hzclient.asyncio.HazelcastClient()
    assert not hasattr(client, name)
    with pytest.raises(AttributeError) as caught:
        getattr(client, name)
    assert one_line(caught.value) == f"'HazelcastClient' object has no attribute '{name}'; use {now}"
    target: Any = client
    for part in now.removeprefix("client.").partition("(")[0].split("."):
        target = getattr(target, part)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'$"):
        client.nothing  # type: ignore[attr-defined] # noqa: B018


async def test_a_client_that_was_not_started_says_how_to_start_it() -> None:
    client = hzclient.asyncio.HazelcastClient()
    calls: list[Callable[[], Any]] = [
        lambda: client.get_map("m"),
        lambda: client.get_distributed_objects(),
        lambda: client.cp_subsystem.get_atomic_long("a"),
        lambda: client.sql.execute("SELECT 1"),
        lambda: client.new_transaction().begin(),
    ]
    for call in calls:
        async with asyncio.timeout(30):
            with pytest.raises(IllegalStateError, match="not been started: use `async with HazelcastClient"):
                await call()
    await client.shutdown()


# -------------------------------------------------------------------------------------- first-run silence


SILENT = {"cluster_members": ["127.0.0.1:1"], "cluster_connect_timeout": 0.5}


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_starting, "_FIRST_SECONDS", 0.05)
    monkeypatch.setattr(_starting, "_NEXT_SECONDS", 0.1)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("kind", KINDS)
async def test_it_warns_while_no_member_responds(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_starting, "is_shown", lambda logger, level: False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        with pytest.raises(IllegalStateError):
            await make(kind, **SILENT, client_name="mine")
    texts = [str(each.message) for each in caught if each.category is RuntimeWarning]
    assert len(texts) >= 2
    assert texts[-1].startswith("no Hazelcast member has responded to client 'mine' of cluster 'dev' for ")
    assert "127.0.0.1:1 (" in texts[-1]
    assert "cluster_connect_timeout is 0.5, so the client stops trying after 0.5 s" in texts[-1]
    where = {each.filename for each in caught if each.category is RuntimeWarning}
    assert where == {__file__} if kind == "asyncio" else len(where) == 1  # to_thread() calls the other


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("kind", KINDS)
async def test_it_does_not_warn_of_what_logging_shows(kind: str) -> None:
    with pytest.raises(IllegalStateError):
        await make(kind, **SILENT)  # warnings are errors here


@pytest.mark.parametrize("kind", KINDS)
async def test_a_start_that_reaches_no_member_raises_one_short_error(kind: str) -> None:
    with pytest.raises(IllegalStateError, match=r"unable to connect .* 127\.0\.0\.1:1 ") as raised:
        await make(kind, cluster_members=["127.0.0.1:1"], cluster_connect_timeout=0)
    text = "".join(traceback.format_exception(raised.value))
    assert "direct cause" not in text
    assert "During handling" not in text
    assert "_net" not in text


def test_reasons_are_named_in_short() -> None:
    failures = {Address("h", port): "refused" for port in range(1, 8)}
    reminder = _starting.Reminder("c", hzclient.config.Config(), lambda: failures)
    assert reminder.text().endswith(
        "tried h:1 (refused), h:2 (refused), h:3 (refused), h:4 (refused), h:5 (refused) and 2 more; "
        "cluster_connect_timeout is -1, so the client never stops trying"
    )
    failures.clear()
    assert "the address provider has given no address" in reminder.text()


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "start",
    [
        "hzclient.HazelcastClient(cluster_members=['127.0.0.1:1'])",
        "asyncio.run(hzclient.asyncio.HazelcastClient.create_and_start(cluster_members=['127.0.0.1:1']))",
    ],
)
def test_ctrl_c_says_what_the_client_waited_for(start: str) -> None:
    done = run(
        f"""
        import asyncio, signal, threading, hzclient, hzclient.asyncio
        from hzclient._net.manager import ConnectionManager
        opened = ConnectionManager._open
        async def interrupted(*args):
            threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
            return await opened(*args)
        ConnectionManager._open = interrupted
        {start}
        """
    )
    assert done.returncode == -2
    assert "no Hazelcast member has responded to client" in done.stderr
    assert "127.0.0.1:1 (" in done.stderr


# ------------------------------------------------------------------------------------- errors in callbacks


CALLBACKS = """
import asyncio, logging, sys, hzclient
SHOW = logging.StreamHandler()
from hzclient._runtime.attached import AttachedRuntime
from hzclient._services.events import EventDispatcher
from hzclient.future import Future
async def main():
    async def decoded(decode): return decode()
    dispatcher = EventDispatcher(AttachedRuntime(), 10, decoded)
    def raising(event): raise ValueError(event)
    for name, handler in (("one", raising), ("two", raising), ("three", lambda: None)):
        queue = dispatcher.queue(name, handler)
        queue.put("why")
        queue.put("again")
        await queue.drained()
    future = Future()
    future.add_done_callback(lambda: None)
    future.set_result(1)
{configure}
asyncio.run(main())
"""


def test_errors_in_callbacks_are_shown_once_per_kind() -> None:
    lines = run(CALLBACKS.format(configure="")).stderr.splitlines()
    shown = [line for line in lines if line.startswith("hzclient: ")]
    assert [line.rpartition(" (")[0].partition("<")[0] for line in shown] == [
        "hzclient: The callback of one raised",
        "hzclient: The callback of three raised",
        "hzclient: A callback of ",
    ]
    assert all(line.endswith("(shown once; configure logging to see each)") for line in shown)
    assert "ValueError: why" in lines
    assert sum(line.startswith("TypeError: ") for line in lines) == 2


@pytest.mark.parametrize(
    ("configure", "count"),
    [
        ("logging.basicConfig()", 7),
        ("logging.getLogger('hzclient').addHandler(SHOW)", 7),
        ("logging.getLogger('hzclient').setLevel(logging.CRITICAL)", 0),
        ("hzclient.install_as_hazelcast(); logging.getLogger('hazelcast').addHandler(SHOW)", 7),
    ],
)
def test_logging_that_is_configured_replaces_it(configure: str, count: int) -> None:
    stderr = run(CALLBACKS.format(configure=configure)).stderr
    assert stderr.count("callback of ") == count
    assert "shown once" not in stderr


# ------------------------------------------------------------------------------------- loops and processes


def test_a_client_whose_loop_was_closed_can_be_shut_down() -> None:
    """In a process of its own, in which warnings of sockets and coroutines that are left are errors."""
    done = run(
        """
        import asyncio, gc, sys, threading, warnings
        sys.unraisablehook = lambda each: print("unraisable", each.exc_value)
        from tests.member.scripted import ScriptedCluster
        from hzclient.asyncio import HazelcastClient
        warnings.simplefilter("error")
        ready, members = threading.Event(), {}
        async def serve():
            async with ScriptedCluster() as cluster:
                members["loop"], members["end"] = asyncio.get_running_loop(), asyncio.Event()
                members["addresses"] = cluster.addresses
                ready.set()
                await members["end"].wait()
        server = threading.Thread(target=asyncio.run, args=[serve()])  # its members outlive the client's loop
        server.start()
        ready.wait()
        async def start():
            client = await HazelcastClient.create_and_start(cluster_members=members["addresses"])
            return client, await client.get_map("m")
        client, m = asyncio.run(start())
        async def use():
            for call in (m.size, lambda: client.get_map("m2"), lambda: client.get_map("m")):
                try:
                    await call()
                    print("called")
                except RuntimeError as error:
                    print(str(error)[:46], "closed=True" in str(error))
        asyncio.run(use())
        asyncio.run(client.shutdown())
        asyncio.run(client.shutdown())
        print(client.lifecycle_service.is_running())
        del client, m
        gc.collect()
        members["loop"].call_soon_threadsafe(members["end"].set)
        server.join()
        """
    )
    message = "this client belongs to another event loop, <_U"
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"{message} True", f"{message} True", "called", "False"]


async def test_a_client_is_used_in_its_own_loop_only(cluster: ScriptedCluster) -> None:
    cluster.on(map_codec.SIZE, lambda name: 5)
    client = await make("asyncio", cluster_members=cluster.addresses)
    m = await client.get_map("m")
    requests = [len(member.requests) for member in cluster.members]

    def elsewhere() -> list[str]:
        errors = []
        calls: list[Callable[[], Any]] = [
            m.size,
            lambda: m.add_entry_listener(added_func=print),
            lambda: client.get_map("other"),
            client.shutdown,
        ]
        for call in calls:
            with pytest.raises(RuntimeError) as caught:
                asyncio.run(asyncio.wait_for(call(), 5))
            errors.append(str(caught.value))
        return errors

    for error in await asyncio.to_thread(elsewhere):
        assert error.startswith("this client belongs to another event loop, <")
        assert error.endswith(
            "use it in the loop in which it was started, or create a client in each event loop"
        )
    assert [len(member.requests) for member in cluster.members] == requests
    assert await m.size() == 5
    await client.shutdown()
    await asyncio.to_thread(lambda: asyncio.run(client.shutdown()))  # it has ended, wherever that is asked


@pytest.mark.parametrize("kind", KINDS)
async def test_what_belongs_to_a_client_cannot_be_copied(kind: str, cluster: ScriptedCluster) -> None:
    cluster.on(map_codec.SIZE, lambda name: Silence)
    client = await make(kind, cluster_members=cluster.addresses)
    m = await client.get_map("m") if kind == "asyncio" else await asyncio.to_thread(client.get_map, "m")
    objects: list[tuple[Any, str]] = [
        (client, "create a client in each process, with the same options"),
        (m, "pass its name, and get it from the client of the process that needs it"),
        (client.cluster_service, "create it with the client"),
        (client.lifecycle_service, "create it with the client"),
        (client.partition_service, "create it with the client"),
        (client.cp_subsystem, "create it with the client"),
        (client.sql, "create it with the client"),
    ]
    if kind == "blocking":
        objects += [
            (m.blocking(), "pass its name"),
            (m.size(), "pass its result"),
            (Future(), "pass its result"),
        ]
    for each, advice in objects:
        for copying in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError) as caught:
                copying(each)
            name = type(each).__name__
            assert one_line(caught.value).startswith(f"{name} objects cannot be pickled or copied")
            assert advice in str(caught.value)
    limited = m.with_timeout(1)
    assert type(limited) is type(m)
    await end(client)
