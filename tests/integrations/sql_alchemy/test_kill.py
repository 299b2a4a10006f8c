"""Pools of connections while a member dies, and when their client is lost."""

from __future__ import annotations

import operator
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, exc, func, insert, select

import hzclient.db
from hzclient.server import LocalCluster
from tests.integration.faces import eventually
from tests.internals import private

ROWS = 100


@pytest.fixture(scope="module")
def pair() -> Iterator[LocalCluster]:
    """Start two members, of which the test kills one."""
    with LocalCluster(members=2) as cluster:
        yield cluster


def numbers(engine: Engine) -> Table:
    """Create a table with the numbers below `ROWS`."""
    metadata = MetaData()
    table = Table("numbers", metadata, Column("id", Integer, primary_key=True), Column("n", Integer))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(table.delete())
        connection.execute(insert(table), [{"id": n, "n": n} for n in range(ROWS)])
    return table


def client_of(engine: Engine) -> Any:
    return private(engine.dialect, "_shared", "_client")


class Readers:
    """Threads that query a table again and again, each with a connection of the pool at a time."""

    def __init__(self, engine: Engine, table: Table, count: int) -> None:
        self.done = [0] * count
        self.errors: list[Exception] = []
        self._engine = engine
        self._query = select(func.count()).select_from(table)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(n,)) for n in range(count)]

    def _read(self, number: int) -> None:
        while not self._stop.wait(0.02):
            try:
                with self._engine.connect() as connection:
                    connection.scalar(self._query)
                self.done[number] += 1
            except Exception as error:
                self.errors.append(error)

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


async def went_on(readers: Sequence[Readers]) -> None:
    """Wait until each thread has succeeded some times more; the first time may have begun before."""
    goals = [[done + 5 for done in each.done] for each in readers]

    async def all_went_on() -> bool:
        done = [each.done for each in readers]
        return all(map(operator.ge, chain(*done), chain(*goals)))

    await eventually(all_went_on, 120)


async def test_pools_survive_the_death_of_a_member(pair: LocalCluster) -> None:
    """One pool pings its connections before it gives them away, the other does not."""
    url = f"hazelcast://?host={','.join(pair.addresses)}"
    engines = [create_engine(url, pool_size=2, pool_pre_ping=pings) for pings in (False, True)]
    table = numbers(engines[0])
    with ExitStack() as stack:
        readers = [stack.enter_context(Readers(engine, table, 2)) for engine in engines]
        await went_on(readers)
        client = client_of(engines[0])
        pair.members[0].kill()
        await went_on(readers)
    for error in (error for each in readers for error in each.errors):
        assert isinstance(error, exc.DatabaseError), repr(error)
        assert not error.connection_invalidated  # the client reconnects by itself
    assert [engine.pool.checkedout() for engine in engines] == [0, 0]
    assert client_of(engines[0]) is client

    async def has_all_rows() -> bool:
        try:
            with engines[1].connect() as connection:
                return connection.scalar(select(func.count()).select_from(table)) == ROWS
        except exc.DBAPIError:  # the members still move partitions
            return False

    await eventually(has_all_rows, 60)
    for engine in engines:
        engine.dispose()


def test_a_lost_client_invalidates_its_connections(address: str) -> None:
    engine = create_engine(f"hazelcast://{address}/")
    with engine.connect() as connection:
        client_of(engine).shutdown()  # as after a crash
        with pytest.raises(exc.DBAPIError) as raised:
            connection.scalar(select(1))
        assert raised.value.connection_invalidated
        connection.rollback()
        assert connection.scalar(select(1)) == 1  # by a new client
    engine.dispose()


def test_a_failed_ping_invalidates_no_connection(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As while members agree on a loss: the client reconnects by itself, so it is not lost."""
    engine = create_engine(f"hazelcast://{address}/", pool_pre_ping=True)
    with engine.connect():
        pass

    def ping(connection: object) -> bool:
        raise hzclient.db.OperationalError("a member has left")

    with monkeypatch.context() as patched:
        patched.setattr(engine.dialect, "do_ping", ping)
        with pytest.raises(exc.DBAPIError, match="a member has left") as raised, engine.connect():
            pass
    assert not raised.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.scalar(select(1)) == 1
    engine.dispose()
