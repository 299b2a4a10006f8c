"""What the client knows about schemas, and which ones it owes the cluster."""

import threading

import pytest

from hzclient.errors import IllegalStateError
from hzclient.serialization._schema import Schema, SchemaRegistry
from hzclient.serialization.api import FieldKind
from hzclient.serialization.compact import SchemaNotFoundError

FIRST = Schema("first", [("a", FieldKind.INT32)])
SECOND = Schema("second", [("a", FieldKind.INT32)])


def test_registered_schemas_are_owed_until_they_are_replicated() -> None:
    registry = SchemaRegistry()
    assert registry.register(FIRST) is FIRST
    registry.register(SECOND)
    assert set(registry.unreplicated.values()) == {FIRST, SECOND}
    registry.mark_replicated(FIRST)
    assert list(registry.unreplicated.values()) == [SECOND]
    assert list(registry.replicated.values()) == [FIRST]


def test_equal_schemas_are_one() -> None:
    registry = SchemaRegistry()
    registry.register(FIRST)
    assert registry.register(Schema("first", [("a", FieldKind.INT32)])) is FIRST


def test_a_replicated_schema_is_not_owed_again() -> None:
    registry = SchemaRegistry()
    registry.mark_replicated(FIRST)
    registry.register(FIRST)
    assert not registry.unreplicated


def test_a_fetched_schema_is_known() -> None:
    registry = SchemaRegistry()
    with pytest.raises(SchemaNotFoundError):
        registry.get(FIRST.schema_id)
    registry.mark_replicated(FIRST)
    assert registry.get(FIRST.schema_id) is FIRST


def test_two_schemas_of_one_id() -> None:
    registry = SchemaRegistry()
    registry.register(FIRST)
    clash = Schema("second", [("a", FieldKind.INT32)])
    object.__setattr__(clash, "schema_id", FIRST.schema_id)
    with pytest.raises(IllegalStateError, match="two schemas have the id"):
        registry.register(clash)


def test_what_was_seen_does_not_change() -> None:
    """Schemas are sent by iterating over them, while other threads add some."""
    registry = SchemaRegistry()
    registry.register(FIRST)
    seen = registry.unreplicated
    registry.register(SECOND)
    registry.mark_replicated(FIRST)
    assert list(seen.values()) == [FIRST]


def test_threads() -> None:
    registry = SchemaRegistry()
    schemas = [Schema(f"type{index}", []) for index in range(200)]
    start = threading.Barrier(4)

    def register() -> None:
        start.wait()
        for schema in schemas:
            registry.register(schema)

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(registry.unreplicated.values()) == set(schemas)
