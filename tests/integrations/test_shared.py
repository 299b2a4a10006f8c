"""The shared client and its guarded calls on real members."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from hzclient.config import ClientOptions
from hzclient.contrib._shared import Guarded, Steps, guarded_map, is_unavailable, run_steps, shared_client
from hzclient.proxy.map import Map
from hzclient.server import LocalCluster
from tests.integration.faces import eventually, unique_name
from tests.integration.operations.scripts import run_script


@run_steps
def increment(counters: Guarded[Map[str, int]], key: str) -> Steps[int]:
    """Read and write, as an integration does."""
    value = (yield counters.call(lambda m: m.get(key))) or 0
    yield counters.call(lambda m: m.set(key, value + 1))
    return value + 1


async def test_one_definition_for_threads_and_for_tasks(shared_options: ClientOptions) -> None:
    counters = guarded_map(unique_name("map"), shared_options)
    assert increment(counters, "k").result() == 1
    assert await increment(counters, "k") == 2


def test_threads_that_come_first_together_share_one_client(shared_options: ClientOptions) -> None:
    guarded = guarded_map(unique_name("map"), shared_options)
    start, sizes = threading.Barrier(8), []

    def work() -> None:
        start.wait()
        sizes.append(guarded.call(lambda m: m.size()).result())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == [0] * 8
    assert guarded.client is shared_client(**shared_options)


async def test_a_child_process_gets_a_client_of_its_own(
    tmp_path: Path, hazelcast_cluster: LocalCluster
) -> None:
    """As with `gunicorn --preload`, and a parent that has used the cache before the fork."""
    script = """
    import traceback
    from hzclient.contrib._shared import guarded_map
    used = guarded_map("forked", {"cluster_members": ADDRESSES})
    unused = guarded_map("forked-unused", {"cluster_members": ADDRESSES})
    used.call(lambda m: m.set("k", "parent")).result()
    workers = []
    for number in range(3):
        if not (worker := os.fork()):
            status = 1
            try:
                assert used.call(lambda m: m.get("k")).result() == "parent"
                used.call(lambda m: m.set(number, os.getpid())).result()
                unused.call(lambda m: m.set(number, os.getpid())).result()
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        workers.append(worker)
    assert [os.waitpid(worker, 0)[1] for worker in workers] == [0, 0, 0]
    for guarded in (used, unused):
        assert [guarded.call(lambda m: m.get(number)).result() for number in range(3)] == workers
    print("done")
    """
    options = ("-W", "error", "-W", "always::ResourceWarning")
    code, out, err = await run_script(tmp_path, script, hazelcast_cluster.addresses, *options)
    assert (code, out, err) == (0, "done\n", ""), err


async def set_in_time(guarded: Guarded[Map[str, int]], value: int) -> bool:
    """Return whether a call ends before its deadline, which is short in tests: one that connects may not."""
    try:
        await guarded.call(lambda m: m.set("k", value))
    except Exception as error:
        assert is_unavailable(error)
        return False
    return True


async def test_comes_back_by_itself_after_the_member_was_killed(
    mortal_cluster: LocalCluster, mortal_options: ClientOptions
) -> None:
    guarded = guarded_map("comes-back", mortal_options, deadline=1.0, failures=3, pause=0.2)
    await eventually(lambda: set_in_time(guarded, 1), 30)
    opened = guarded.breaker.statistics()["opened"]
    (member,) = mortal_cluster.members
    member.kill()
    durations = []
    for number in range(30):
        started = time.monotonic()
        with pytest.raises(Exception) as failure:
            if number % 2:
                await guarded.call(lambda m: m.get("k"))
            else:
                guarded.call(lambda m: m.get("k")).result()
        assert is_unavailable(failure.value)
        durations.append(time.monotonic() - started)
    assert max(durations) < 15, durations
    assert guarded.breaker.is_open
    await asyncio.to_thread(member.start)
    await eventually(lambda: set_in_time(guarded, 2), 30)
    assert not guarded.breaker.is_open
    assert await guarded.call(lambda m: m.get("k")) == 2
    assert guarded.breaker.statistics()["opened"] == opened + 1


async def test_a_member_that_hangs_costs_no_call_more_than_the_deadline(
    mortal_cluster: LocalCluster, mortal_options: ClientOptions
) -> None:
    known = guarded_map("hangs", mortal_options, deadline=0.3, failures=2, pause=0.2)
    await eventually(lambda: set_in_time(known, 1), 30)
    (member,) = mortal_cluster.members
    member.pause()
    try:
        for guarded in (known, guarded_map("hangs-new", mortal_options, deadline=0.3, failures=100)):
            started = time.monotonic()
            with pytest.raises(Exception) as failure:
                await guarded.call(lambda m: m.get("k"))
            assert is_unavailable(failure.value)
            assert time.monotonic() - started < 15
    finally:
        member.resume()
    await eventually(lambda: set_in_time(known, 2), 30)


async def test_calls_before_the_first_connection_wait_for_it(
    tmp_path: Path, hazelcast_cluster: LocalCluster
) -> None:
    """The first request of a fresh process finds its session: the client connects in the background."""
    script = """
    from hzclient.contrib._shared import guarded_map
    guarded = guarded_map("first", {"cluster_members": ADDRESSES}, deadline=10)
    print(guarded.call(lambda m: m.get("k")).result(), guarded.breaker.statistics()["failed"])
    """
    code, out, err = await run_script(tmp_path, script, hazelcast_cluster.addresses)
    assert (code, out, err) == (0, "None 0\n", ""), os.fspath(tmp_path)
