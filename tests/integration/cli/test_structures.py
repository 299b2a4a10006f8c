"""Commands that read and change structures, on real members."""

from __future__ import annotations

import datetime
import json
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import hzclient
from hzclient import core
from hzclient.config import BytesType, IntType
from hzclient.serialization import java
from hzclient.serialization.api import FieldKind
from hzclient.serialization.generic_record import compact_record
from hzclient.server import LocalCluster
from tests.integration.cli.conftest import Run
from tests.integration.faces import unique_name
from tests.integration.replicas import wait_for_replicas

KEYED = ("map", "replicatedmap", "multimap")

Settle = Callable[[int], None]


@pytest.fixture
def name() -> str:
    return unique_name("cli")


@pytest.fixture
def settle(request: pytest.FixtureRequest, threaded_client: hzclient.HazelcastClient, name: str) -> Settle:
    """Return a function that waits until every member has so many entries of the structure.

    Each command has a client of its own, which reads a replicated map from any member.
    """

    def settle(count: int) -> None:
        if request.node.callspec.params["kind"] == "replicatedmap":
            wait_for_replicas(threaded_client, name, count)

    return settle


@pytest.mark.parametrize("kind", KEYED)
def test_an_entry_is_put_read_and_removed(run: Run, kind: str, name: str, settle: Settle) -> None:
    run(kind, name, "get", "France", code=3)
    run(kind, name, "put", "France", "Paris")
    settle(1)
    assert run(kind, name, "get", "France").lines == ["Paris"]
    assert run(kind, name, "get", "France", "--json").json == "Paris"
    assert run(kind, name, "keys").lines == ["France"]
    assert run(kind, name, "entries").lines == ["France\tParis"]
    assert run(kind, name, "size").lines == ["1"]
    assert run(kind, name, "remove", "France").lines == ["Paris"]
    missing = run(kind, name, "remove", "France", code=3)
    assert "no key 'France'" in missing.err
    settle(0)
    run(kind, name, "put", "a", "b")
    settle(1)
    run(kind, name, "clear", "--yes")
    settle(0)
    assert run(kind, name, "size", "--json").json == 0


@pytest.mark.parametrize(
    ("kind", "word", "java_class"),
    [
        ("int", "5", "java.lang.Integer"),
        ("long", "5", "java.lang.Long"),
        ("short", "5", "java.lang.Short"),
        ("byte", "5", "java.lang.Byte"),
        ("double", "1.5", "java.lang.Double"),
        ("float", "1.5", "java.lang.Float"),
        ("bool", "true", "java.lang.Boolean"),
        ("decimal", "1.50", "java.math.BigDecimal"),
        ("uuid", "6b7f1c1e-7c0b-4f6e-9c4f-1d2a3b4c5d6e", "java.util.UUID"),
        ("date", "2026-11-28", "java.time.LocalDate"),
    ],
)
def test_keys_and_values_have_the_java_type_that_is_named(
    run: Run, threaded_client: hzclient.HazelcastClient, kind: str, word: str, java_class: str, name: str
) -> None:
    run("--key-type", kind, "map", name, "put", word, word, "--value-type", kind)
    assert run("map", name, "get", word, f"--key-type={kind}").lines == [word]
    statement = f'CREATE OR REPLACE MAPPING "{name}" TYPE IMap OPTIONS (' + (
        f"'keyFormat'='java', 'keyJavaClass'='{java_class}', "
        f"'valueFormat'='java', 'valueJavaClass'='{java_class}')"
    )
    with threaded_client.sql.execute(statement).result():
        pass
    with threaded_client.sql.execute(f'SELECT __key, this FROM "{name}"').result() as rows:
        assert [[str(cell).lower() for cell in row] for row in rows] == [[word, word]]


def test_a_word_of_the_wrong_type_is_wrong_usage(run: Run, name: str) -> None:
    outcome = run("map", name, "get", "five", "--key-type", "int", code=2)
    assert "'five' is not of the type int" in outcome.err
    as_json = run("map", name, "get", "five", "--key-type", "int", "--json", code=2)
    assert json.loads(as_json.err)["exit_code"] == 2


def test_records_are_shown_with_their_fields(
    run: Run, threaded_client: hzclient.HazelcastClient, name: str
) -> None:
    record = compact_record("Employee", {"name": (FieldKind.STRING, "Ann"), "age": (FieldKind.INT32, 31)})
    threaded_client.get_map(name).blocking().put("ann", record)
    assert run("map", name, "get", "ann").lines == ['Employee {"age": 31, "name": "Ann"}']
    assert run("map", name, "get", "ann", "--json").json == {"age": 31, "name": "Ann"}


def test_a_pickled_value_is_not_read_unless_the_user_trusts_the_cluster(
    run: Run, threaded_client: hzclient.HazelcastClient, name: str
) -> None:
    threaded_client.get_map(name).blocking().put("point", 1 + 2j)
    assert "pickle is turned off" in run("map", name, "get", "point", code=1).err
    assert run("map", name, "get", "point", "--pickle").lines == ["(1+2j)"]
    assert "unreadable" in run("map", name, "entries").out


@pytest.mark.parametrize("kind", KEYED)
def test_every_exported_value_is_imported_again(
    run: Run, hazelcast_cluster: LocalCluster, kind: str, name: str, tmp_path: Path, settle: Settle
) -> None:
    values: list[Any] = [
        "text", 5, 2**40, 1.5, True, b"\x00\xff", [1, "a"], java.hash_map({"a": 1}), Decimal("1.50"),
        uuid.UUID(int=5),
        java.local_date_time(datetime.datetime(2026, 11, 28, 16, 0)),
        datetime.datetime(2026, 11, 28, 16, 0, tzinfo=datetime.UTC),
        datetime.date(2026, 11, 28),
        datetime.time(16, 0),
        core.HazelcastJsonValue('{"a": 1}'),
        compact_record("Point", {"x": (FieldKind.INT64, 1), "y": (FieldKind.FLOAT32, 0.5)}),
    ]  # fmt: skip
    getter = {"map": "get_map", "replicatedmap": "get_replicated_map", "multimap": "get_multi_map"}[kind]
    with hzclient.HazelcastClient(
        cluster_members=hazelcast_cluster.addresses,
        cluster_name=hazelcast_cluster.cluster_name,
        bytes_type=BytesType.BYTE_ARRAY,
        default_int_type=IntType.VAR,
    ) as client:
        structure = getattr(client, getter)(name).blocking()
        for number, value in enumerate(values):
            structure.put(number, value)
        settle(len(values))
        expected = {key: str(value) for key, value in structure.entry_set()}
        run(kind, name, "export", str(tmp_path / "data"))
        run(kind, name, "clear", "--yes")
        settle(0)
        imported = run(kind, name, "import", str(tmp_path / "data"), "--batch", "4", "--json").json
        assert imported == {"imported": len(values)}
        settle(len(values))
        assert {key: str(value) for key, value in structure.entry_set()} == expected


def test_a_wrong_line_is_named(run: Run, name: str, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text('{"key": 1, "value": 2}\n\n{"key": 1}\n')
    assert (
        "Line 3 is wrong: a record must be an object with key and value"
        in run("map", name, "import", str(file), code=2).err
    )
    file.write_text('{"key": 1, "value": {"a": 1}}\n')
    assert "must have a tag" in run("map", name, "import", str(file), code=2).err
    assert "cannot be read" in run("map", name, "import", str(tmp_path / "none"), code=1).err


def test_items_of_a_queue(run: Run, name: str) -> None:
    run("queue", name, "get", code=3)
    run("queue", name, "put", "5", "--value-type", "int")
    run("queue", name, "put", "x")
    assert run("queue", name, "items").lines == ["5", "x"]
    assert run("queue", name, "peek", "--json").json == 5
    assert run("queue", name, "get").lines == ["5"]
    assert run("queue", name, "size").lines == ["1"]


def test_items_of_a_list_and_a_set(run: Run, name: str) -> None:
    for kind in ("list", "set"):
        run(kind, name, "put", "a")
        run(kind, name, "put", "b")
        assert sorted(run(kind, name, "items").lines) == ["a", "b"]
        run(kind, name, "remove", "b")
        run(kind, name, "remove", "b", code=3)
    assert run("list", name, "get", "0").lines == ["a"]
    run("list", name, "get", "1", code=3)
    assert "was not added" in run("set", name, "put", "a", code=1).err


@pytest.mark.parametrize("kind", ["queue", "list", "set", "ringbuffer"])
def test_items_are_exported_and_imported(run: Run, kind: str, name: str, tmp_path: Path) -> None:
    run(kind, name, "put", "a")
    exported = run(kind, name, "export")
    assert exported.lines == ['{"item": "a"}']
    (tmp_path / "data").write_text(exported.out)
    run(kind, f"{name}-copy", "import", str(tmp_path / "data"))
    assert run(kind, f"{name}-copy", "export").out == exported.out


def test_a_ringbuffer_is_read_by_number_and_from_its_tail(run: Run, name: str) -> None:
    assert run("ringbuffer", name, "tail").lines == []
    assert [run("ringbuffer", name, "put", word).out.strip() for word in "abc"] == ["0", "1", "2"]
    assert run("ringbuffer", name, "get", "1").lines == ["b"]
    assert "has 0 to 2" in run("ringbuffer", name, "get", "3", code=3).err
    assert run("ringbuffer", name, "tail", "-n", "2").lines == ["b", "c"]
    assert run("ringbuffer", name, "size").lines == ["3"]


@pytest.mark.parametrize("kind", [*KEYED, "queue", "list", "set", "topic"])
def test_a_listener_prints_what_happens(
    run: Run, hazelcast_cluster: LocalCluster, kind: str, name: str
) -> None:
    happened = threading.Event()

    def make_it_happen() -> None:
        with hzclient.HazelcastClient(
            cluster_members=hazelcast_cluster.addresses, cluster_name=hazelcast_cluster.cluster_name
        ) as client:
            while not happened.wait(0.05):  # until the listener, which reports nothing, is registered
                match kind:
                    case "map":
                        client.get_map(name).blocking().put("k", "v")
                    case "replicatedmap":
                        client.get_replicated_map(name).blocking().put("k", "v")
                    case "multimap":
                        client.get_multi_map(name).blocking().put("k", uuid.uuid4().hex)
                    case "topic":
                        client.get_topic(name).blocking().publish("v")
                    case _:
                        getattr(client, f"get_{kind}")(name).blocking().add(uuid.uuid4().hex)

    thread = threading.Thread(target=make_it_happen)
    thread.start()
    try:
        shown = run(kind, name, "listen", "--limit", "1", "--json").json
    finally:
        happened.set()
        thread.join()
    if kind == "topic":
        assert shown["message"] == "v"
    elif kind in KEYED:
        assert shown["key"] == "k"
        assert shown["event"] in ("ADDED", "UPDATED")
    else:
        assert shown["event"] == "ADDED"
