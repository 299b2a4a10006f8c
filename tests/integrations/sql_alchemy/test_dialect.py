"""The dialect on real members: Core, DDL, reflection, ORM, tasks."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Time,
    UniqueConstraint,
    create_engine,
    delete,
    exc,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

import hzclient
from hzclient.contrib.sqlalchemy import generate_series, sink
from hzclient.server import LocalCluster
from tests.internals import private


def name(prefix: str) -> str:
    return f"{prefix}_{uuid4().hex[:8]}"


def make_people(metadata: MetaData) -> Table:
    return Table(
        name("people"),
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(20)),
        Column("age", Integer),
    )


@pytest.fixture
def people(engine: Engine) -> Table:
    metadata = MetaData()
    table = make_people(metadata)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(table), [{"id": i, "name": f"p{i}", "age": 20 + i % 3} for i in range(1, 7)]
        )
    return table


def test_select_update_and_delete(engine: Engine, people: Table) -> None:
    with engine.begin() as connection:
        connection.execute(update(people).where(people.c.id == 2).values(name="x"))
        connection.execute(delete(people).where(people.c.id == 3))
        rows = connection.execute(select(people.c.id, people.c.name).order_by(people.c.id)).all()
        paged = connection.scalars(select(people.c.id).order_by(people.c.id).limit(2).offset(1)).all()
        none = connection.scalars(select(people.c.id).where(people.c.id.in_([]))).all()
    assert rows == [(1, "p1"), (2, "x"), (4, "p4"), (5, "p5"), (6, "p6")]
    assert (paged, none) == ([2, 4], [])


def test_joins_and_aggregates(engine: Engine, people: Table) -> None:
    other = people.alias()
    by_age = select(people.c.age, func.count(), func.max(people.c.name)).group_by(people.c.age)
    joined = select(people.c.id, other.c.id).join(other, people.c.id == other.c.id - 1)
    with engine.connect() as connection:
        ages = connection.execute(by_age.order_by(people.c.age)).all()
        pairs = connection.execute(joined.order_by(people.c.id)).all()
    assert ages == [(20, 2, "p6"), (21, 2, "p4"), (22, 2, "p5")]
    assert pairs == [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]


def test_a_series_joins_a_table(engine: Engine, people: Table) -> None:
    series = generate_series(5, 9, 2)
    with engine.connect() as connection:
        numbers = connection.scalars(select(series.c.v).order_by(series.c.v)).all()
        names = connection.scalars(select(people.c.name).join(series, series.c.v == people.c.id)).all()
    assert (numbers, names) == ([5, 7, 9], ["p5"])


def test_insert_refuses_a_key_that_exists_and_sink_replaces_it(engine: Engine, people: Table) -> None:
    with engine.connect() as connection:
        with pytest.raises(exc.DBAPIError, match="Duplicate key"):
            connection.execute(insert(people), {"id": 1, "name": "again"})
        connection.execute(sink(people), {"id": 1, "name": "again"})
        assert connection.scalar(select(people.c.name).where(people.c.id == 1)) == "again"


def test_every_type_round_trips(engine: Engine) -> None:
    metadata = MetaData()
    table = Table(
        name("types"),
        metadata,
        Column("id", BigInteger, primary_key=True),
        Column("flag", Boolean),
        Column("amount", Numeric),
        Column("ratio", Double),
        Column("day", Date),
        Column("at", Time),
        Column("naive", DateTime),
        Column("aware", DateTime(timezone=True)),
        Column("data", JSON),
    )
    metadata.create_all(engine)
    row: dict[str, Any] = {
        "id": 2**40,
        "flag": True,
        "amount": Decimal("1.50"),
        "ratio": 0.1,
        "day": date(2024, 2, 29),
        "at": time(1, 2, 3, 4),
        "naive": datetime(2024, 2, 29, 1, 2, 3, 4),
        "aware": datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=UTC),
        "data": {"a": [1, 2], "b": None},
    }
    with engine.begin() as connection:
        connection.execute(insert(table), row)
        connection.execute(insert(table), {"id": 1})
        rows = connection.execute(select(table).order_by(table.c.id)).mappings().all()
        by_time = connection.scalar(select(table.c.id).where(table.c.naive == row["naive"]))
        with pytest.raises(exc.StatementError, match="use DateTime\\(timezone=True\\)"):
            connection.execute(sink(table), {"id": 3, "naive": row["aware"]})
    assert [dict(each) for each in rows] == [
        {key: row[key] if key == "id" else None for key in row} | {"id": 1},
        row,
    ]
    assert by_time == 2**40


def test_steps_into_json(engine: Engine) -> None:
    metadata = MetaData()
    table = Table(
        name("documents"), metadata, Column("__key", Integer, primary_key=True), Column("this", JSON)
    )
    metadata.create_all(engine)
    this = table.c.this
    with engine.begin() as connection:
        connection.execute(
            insert(table),
            [
                {"__key": i, "this": {"name": f"n{i}", "point": {"x": i}, "tags": ["a", "b"]}}
                for i in range(3)
            ],
        )
        row = connection.execute(
            select(
                this["name"].as_string(),
                this["point", "x"].as_integer(),
                this["point"],
                this["tags"],
                this["tags", 1].as_string(),
            ).where(this["point", "x"].as_integer() == 2)
        ).one()
        built = connection.scalar(text("SELECT JSON_OBJECT('a': 1)"))
    assert row == ("n2", 2, {"x": 2}, ["a", "b"], "b")
    assert str(built) == '{"a":1}'


def test_a_table_is_a_map_that_the_client_sees(engine: Engine, hazelcast_cluster: LocalCluster) -> None:
    metadata = MetaData()
    table = Table(
        name("prices"),
        metadata,
        Column("__key", String, primary_key=True),
        Column("this", BigInteger),
        hazelcast_external_name=(map_name := name("map")),
    )
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(table), {"__key": "tea", "this": 5})
    with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
        assert dict(client.get_map(map_name).blocking().entry_set()) == {"tea": 5}
    reflected = Table(table.name, MetaData(), autoload_with=engine)
    assert reflected.dialect_options["hazelcast"]["external_name"] == map_name
    assert reflected.dialect_options["hazelcast"]["options"]["keyFormat"] == "varchar"


def test_reflection_of_mappings_and_views(engine: Engine, people: Table) -> None:
    view = name("view")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE VIEW {view} AS SELECT id, name FROM {people.name}"))
    inspector = inspect(engine)
    assert people.name in inspector.get_table_names()
    assert view in inspector.get_view_names()
    assert "SELECT" in inspector.get_view_definition(view)
    assert [column["name"] for column in inspector.get_columns(view)] == ["id", "name"]
    reflected = Table(people.name, MetaData(), autoload_with=engine)
    assert [(column.name, str(column.type), column.primary_key) for column in reflected.columns] == [
        ("id", "INTEGER", True),
        ("name", "VARCHAR", False),
        ("age", "INTEGER", False),
    ]
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(reflected)) == 6
        connection.execute(text(f"DROP VIEW {view}"))
    with pytest.raises(exc.NoSuchTableError):
        Table("no_such_table", MetaData(), autoload_with=engine)


def test_a_table_without_a_primary_key_gets_generated_keys(engine: Engine) -> None:
    metadata = MetaData()
    table = Table(name("log"), metadata, Column("line", String), Column("level", Integer))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(table), {"line": "a", "level": 1})
        connection.execute(insert(table), [{"line": "a", "level": 1}, {"line": "b", "level": 2}])
        connection.execute(insert(table).values([{"line": "c"}, {"line": "c"}]))
        reflected = Table(table.name, MetaData(), autoload_with=engine)
        connection.execute(insert(reflected), {"line": "d"})
        lines = connection.scalars(select(table.c.line).order_by(table.c.line)).all()
    assert lines == ["a", "a", "b", "c", "c", "d"]
    assert [column.name for column in reflected.columns] == ["line", "level"]


def test_indexes(engine: Engine, people: Table) -> None:
    for kind, column in (("sorted", "age"), ("hash", "name")):
        index = Index(name("index"), people.c[column], hazelcast_type=kind)
        index.create(engine)
        index.create(engine)  # exists
        with pytest.raises(exc.CompileError, match="cannot drop an index"):
            index.drop(engine)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (Column("x", Integer, server_default="1"), "has a server_default, but mappings have none"),
        (UniqueConstraint("id"), "has a UniqueConstraint, which members do not enforce"),
    ],
)
def test_ddl_that_members_cannot_do_is_refused(engine: Engine, item: Any, message: str) -> None:
    table = Table("refused", MetaData(), Column("id", Integer, primary_key=True), item)
    with pytest.raises(exc.CompileError, match=message):
        table.create(engine)


def test_an_insert_without_its_key_is_refused(engine: Engine, people: Table) -> None:
    with engine.connect() as connection, pytest.raises(exc.CompileError, match="part of the key"):
        connection.execute(insert(people), {"name": "nobody"})


def test_connections_share_a_client_and_a_closed_engine_starts_another(address: str) -> None:
    engine = create_engine(f"hazelcast://{address}/", pool_pre_ping=True)
    shared: Any = private(engine.dialect, "_shared")
    with engine.connect() as one, engine.connect() as two:
        client = private(shared, "_client")
        assert one.scalar(select(1)) == two.scalar(select(1)) == 1
        assert private(shared, "_users") == 2
    engine.dispose()
    assert not shared.is_running
    assert not client.lifecycle_service.is_running()
    with engine.connect() as connection:
        assert connection.scalar(select(1)) == 1
        private(shared, "_client").shutdown()  # as after a crash
    with engine.connect() as connection:  # the ping finds out, and a new client is started
        assert connection.scalar(select(1)) == 1
    engine.dispose()


def test_threads_use_one_engine(engine: Engine, people: Table) -> None:
    counts: list[Any] = []

    def count() -> None:
        with engine.connect() as connection:
            counts.append(connection.scalar(select(func.count()).select_from(people)))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [6] * 8


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = f"authors_{uuid4().hex[:8]}"
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    name: Mapped[str]
    books: Mapped[list[Book]] = relationship(back_populates="author", cascade="all, delete-orphan")


class Book(Base):
    __tablename__ = f"books_{uuid4().hex[:8]}"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[str] = mapped_column(ForeignKey(Author.id))
    author: Mapped[Author] = relationship(back_populates="books")


def test_the_orm_writes_reads_changes_and_deletes(engine: Engine) -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Author(name="Ann", books=[Book(id=1, title="One"), Book(id=2, title="Two")]))
        session.commit()
    with Session(engine) as session:
        author = session.scalars(select(Author).join(Author.books).where(Book.title == "Two")).one()
        assert sorted(book.title for book in author.books) == ["One", "Two"]
        author.name = "Anna"
        author.books.remove(next(book for book in author.books if book.id == 1))
        session.commit()
    with Session(engine) as session:
        assert session.execute(select(Author.name, Book.title).join(Author.books)).all() == [("Anna", "Two")]
        session.delete(session.scalars(select(Author)).one())
        session.commit()
        assert session.scalars(select(Book)).all() == []
        with pytest.raises(exc.InvalidRequestError, match="no savepoints"):
            session.begin_nested()
            session.connection()


async def test_tasks(async_engine: AsyncEngine) -> None:
    metadata = MetaData()
    table = make_people(metadata)
    async with async_engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(insert(table), [{"id": i, "name": f"p{i}"} for i in range(10)])
        names = (
            await connection.scalars(select(table.c.name).where(table.c.id < 2).order_by(table.c.id))
        ).all()
        streamed = [row.id async for row in await connection.stream(select(table.c.id).order_by(table.c.id))]
    assert (names, streamed) == (["p0", "p1"], list(range(10)))
    async with AsyncSession(async_engine) as session:
        assert await session.scalar(select(func.count()).select_from(table)) == 10


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("hazelcast://localhost/dev", "has no database: write \\?cluster_name=dev"),
        ("hazelcast://localhost/?cluster=dev", "'cluster' is no option of a hazelcast URL"),
        ("hazelcast://localhost/?ssl_enabled=1", "ssl_enabled must be true or false, not '1'"),
        ("hazelcast://localhost/?invocation_timeout=x", "must be a number of seconds, not 'x'"),
        (
            "hazelcast://?host=a:b",
            "the address of a member is a name and a port, as in member2:5701, not 'a:b'",
        ),
    ],
)
def test_wrong_urls_are_refused(url: str, message: str) -> None:
    with pytest.raises(exc.ArgumentError, match=message):
        create_engine(url).connect()


def test_several_hosts_and_a_cluster_that_cannot_be_reached(address: str) -> None:
    engine = create_engine(f"hazelcast://127.0.0.1:1/?host={address}&cluster_name=dev")
    with engine.connect() as connection:
        assert connection.scalar(select(1)) == 1
    engine.dispose()
    with pytest.raises(exc.OperationalError):
        create_engine(f"hazelcast://{address}/?cluster_name=other&cluster_connect_timeout=0.5").connect()
