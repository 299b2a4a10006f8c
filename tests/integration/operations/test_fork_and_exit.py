"""Child processes of a process that has a client, and processes that end without shutting it down."""

from __future__ import annotations

from pathlib import Path

import hzclient
from hzclient.server import LocalCluster
from tests.integration.faces import unique_name
from tests.integration.operations.scripts import run_script


async def test_workers_forked_before_use(tmp_path: Path, hazelcast_cluster: LocalCluster) -> None:
    """As with `gunicorn --preload`: the parent has a client, and each worker creates its own."""
    script = """
    client = hzclient.HazelcastClient(cluster_members=ADDRESSES, near_caches={"prefork": {}})
    shared = client.get_map("prefork").blocking()
    shared.set("k", "from the parent")
    ids = client.get_flake_id_generator("prefork").blocking()
    ids.new_id()
    assert shared.get("k") == shared.get("k")  # now in the near cache

    def refused(call):
        try:
            call()
        except HazelcastClientNotActiveError as error:
            return "parent process" in str(error)
        return False

    def work():
        assert refused(lambda: shared.get("k"))
        assert refused(lambda: shared.put("k", 1))
        assert refused(lambda: client.get_map("prefork").get("k").result())
        assert refused(lambda: client.get_map("another"))
        assert refused(lambda: ids.new_id())
        assert not client.lifecycle_service.is_running()
        client.shutdown()
        with hzclient.HazelcastClient(cluster_members=ADDRESSES) as own:
            own.get_map("prefork").blocking().set(str(os.getpid()), True)

    workers = []
    for _ in range(3):
        worker = os.fork()
        if not worker:
            status = 1
            try:
                work()
                status = 0
            finally:
                os._exit(status)
        workers.append(worker)
    codes = [os.waitpid(worker, 0)[1] for worker in workers]
    assert codes == [0, 0, 0], codes
    assert all(shared.get(str(worker)) for worker in workers)
    assert shared.get("k") == "from the parent"
    client.shutdown()
    print("done")
    """
    code, out, err = await run_script(tmp_path, script, hazelcast_cluster.addresses)
    assert (code, out) == (0, "done\n"), err


async def test_the_parent_can_end_a_connection_that_children_have_inherited(
    tmp_path: Path, hazelcast_cluster: LocalCluster
) -> None:
    script = """
    import psutil
    client = hzclient.HazelcastClient(cluster_members=ADDRESSES)
    ports = {int(address.rpartition(":")[2]) for address in ADDRESSES}
    ready, wait = os.pipe(), os.pipe()
    worker = os.fork()
    if not worker:
        mine = psutil.Process().net_connections("tcp")
        os.write(ready[1], bytes([sum(c.raddr and c.raddr.port in ports for c in mine)]))
        os.read(wait[0], 1)
        os._exit(0)
    print("inherited", os.read(ready[0], 1)[0])
    client.shutdown()
    os.write(wait[1], b"x")
    os.waitpid(worker, 0)
    """
    code, out, err = await run_script(tmp_path, script, hazelcast_cluster.addresses)
    assert (code, out) == (0, "inherited 0\n"), err


async def test_a_child_of_an_asyncio_program(tmp_path: Path, hazelcast_cluster: LocalCluster) -> None:
    script = """
    async def child(client, m):
        try:
            await m.get("k")
        except HazelcastClientNotActiveError:
            pass
        else:
            return 1
        await client.shutdown()
        async with hzclient.asyncio.HazelcastClient(cluster_members=ADDRESSES) as own:
            return 0 if await (await own.get_map("forked")).get("k") == 1 else 2

    async def main():
        async with hzclient.asyncio.HazelcastClient(cluster_members=ADDRESSES) as client:
            m = await client.get_map("forked")
            await m.set("k", 1)
            worker = os.fork()
            if not worker:
                status = 9
                try:
                    thread_result = []
                    run = lambda: thread_result.append(asyncio.run(child(client, m)))
                    thread = threading.Thread(target=run)
                    thread.start()
                    thread.join()
                    status = thread_result[0]
                finally:
                    os._exit(status)
            _, status = await asyncio.to_thread(os.waitpid, worker, 0)
            assert await m.get("k") == 1
            print("child", os.waitstatus_to_exitcode(status))

    asyncio.run(main())
    """
    code, out, err = await run_script(tmp_path, script, hazelcast_cluster.addresses)
    assert (code, out) == (0, "child 0\n"), err


class TestExit:
    SCRIPT = """
    client = hzclient.HazelcastClient(cluster_members=ADDRESSES)
    m = client.get_map("exit").blocking()
    m.set("k", 1)
    client.get_map("exit").add_entry_listener(added_func=lambda event: None).result()
    assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())
    print("end", flush=True)
    """

    async def test_ends_at_once_and_says_nothing(
        self, tmp_path: Path, hazelcast_cluster: LocalCluster
    ) -> None:
        code, out, err = await run_script(tmp_path, self.SCRIPT, hazelcast_cluster.addresses, seconds=60)
        assert (code, out, err) == (0, "end\n", "")

    async def test_warns_where_python_shows_such_warnings(
        self, tmp_path: Path, hazelcast_cluster: LocalCluster
    ) -> None:
        options = ("-W", "always::ResourceWarning")
        code, out, err = await run_script(
            tmp_path, self.SCRIPT, hazelcast_cluster.addresses, *options, seconds=60
        )
        assert (code, out) == (0, "end\n")
        assert "ResourceWarning: unclosed Hazelcast client hz.client_0" in err

    async def test_asyncio(self, tmp_path: Path, hazelcast_cluster: LocalCluster) -> None:
        script = """
        async def main():
            client = await hzclient.asyncio.HazelcastClient.create_and_start(cluster_members=ADDRESSES)
            await (await client.get_map("exit")).set("k", 1)
            print("end", flush=True)

        asyncio.run(main())
        """
        options = ("-W", "always::ResourceWarning")
        code, out, err = await run_script(tmp_path, script, hazelcast_cluster.addresses, *options, seconds=60)
        assert (code, out) == (0, "end\n")
        assert "ResourceWarning: unclosed Hazelcast client hz.client_0" in err


def test_a_client_that_was_shut_down_does_not_warn(hazelcast_cluster: LocalCluster) -> None:
    client = hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses)
    client.get_map(unique_name("map"))
    client.shutdown()
    del client  # a warning would be an error
