"""Python and Java write thousands of random values for each other, through a real member."""

import decimal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import hzclient
from hzclient.serialization.api import FieldKind
from hzclient.serialization.generic_record import GenericRecord
from hzclient.server import LocalCluster
from tests.integration.serialization import constants, records, shapes
from tests.integration.serialization.describe import describe, describe_instant, describe_object
from tests.integration.serialization.values import Values
from tests.peers import Peer, java_peer

SOURCES = Path(__file__).parents[2] / "java" / "comparison"
COMPACT = shapes.compact_shapes(seed=1, count=40)
PORTABLE = shapes.portable_shapes(seed=2, count=40)
# Classes exist for the first half; the others are read as generic records.
COMPACT_CLASSES = shapes.classes_of(COMPACT[:20], shapes.Shaped)
PORTABLE_CLASSES = shapes.classes_of(PORTABLE[:20], shapes.ShapedPortable)
VALUES_OF_A_SHAPE = 50


@pytest.fixture(scope="module")
def peer(hazelcast_cluster: LocalCluster) -> Iterator[Peer]:
    with java_peer(SOURCES, "comparison.Peer", hazelcast_cluster) as peer:
        yield peer


@pytest.fixture(scope="module")
def client(hazelcast_cluster: LocalCluster) -> Iterator[hzclient.HazelcastClient]:
    """Give a client that knows the classes of the comparison."""
    with hzclient.HazelcastClient(
        cluster_members=hazelcast_cluster.addresses,
        compact_serializers=[shapes.ShapedSerializer(cls) for cls in COMPACT_CLASSES.values()],
        portable_factories={shapes.FACTORY_ID: {int(name): cls for name, cls in PORTABLE_CLASSES.items()}},
        data_serializable_factories={records.Thing.FACTORY_ID: {records.Thing.CLASS_ID: records.Thing}},
        class_definitions=[shape.definition() for shape in PORTABLE],
    ) as client:
        client.get_map("shapes").blocking().set("compact", "\n".join(shape.line() for shape in COMPACT))
        client.get_map("shapes").blocking().set("portable", "\n".join(shape.line() for shape in PORTABLE))
        yield client


class Sides:
    """Both sides of the comparison, and the map between them."""

    def __init__(self, client: hzclient.HazelcastClient, peer: Peer, name: str) -> None:
        self.peer = peer
        self.name = name
        self.values = client.get_map(name).blocking()
        self.told = client.get_map(f"{name}-told").blocking()

    def written_by_java(self, what: str, count: int) -> Iterator[tuple[str, Any, str]]:
        """Let Java write values, and give key, value and description of each."""
        self.peer.ask("write", what, self.name, 3, count)
        told = self.told.get_all(self.told.key_set())
        values = self.values.get_all(list(told))
        assert len(values) == len(told) >= count
        for key, description in told.items():
            yield key, values[key], description

    def has_the_same_bytes(self, key: str, value: Any) -> bool:
        """Let the member compare the bytes of a value written here with those it has."""
        return self.values.replace_if_same(key, value, value)

    def write(self, values: Mapping[str, tuple[Any, str]]) -> None:
        """Write values with their descriptions."""
        self.values.put_all({key: value for key, (value, _) in values.items()})
        self.told.put_all({key: told for key, (_, told) in values.items()})

    def check(self, count: int, same_bytes: bool = True) -> None:
        """Let Java compare what it reads with the descriptions, and its own bytes with those it got."""
        answer = self.peer.ask("check", self.name, "same-bytes" if same_bytes else "any-bytes")
        assert answer == f"{count} values"


@pytest.fixture(scope="module")
def ordered(peer: Peer) -> str:
    """Return the name of structures that hold objects of Java, whose fields are in no order of names."""
    assert peer.ask("put-ordered", "ordered") == "300 objects"
    return "ordered"


@pytest.fixture
def sides(client: hzclient.HazelcastClient, peer: Peer, request: pytest.FixtureRequest) -> Sides:
    return Sides(client, peer, request.node.nodeid)


class TestShapes:
    """Objects of classes with serializers, and records without a class."""

    @pytest.mark.parametrize("what", ["compact", "portable"])
    def test_from_java(self, sides: Sides, what: str) -> None:
        generic = 0
        for key, value, told in sides.written_by_java(what, VALUES_OF_A_SHAPE):
            assert describe(value) == told
            if isinstance(value, GenericRecord):
                generic += 1
                assert sides.has_the_same_bytes(key, value), key
        assert generic == 20 * VALUES_OF_A_SHAPE

    @pytest.mark.parametrize("what", ["compact", "portable"])
    def test_records_to_java(self, sides: Sides, what: str) -> None:
        values = Values(4)
        written: dict[str, tuple[Any, str]] = {}
        for shape in COMPACT if what == "compact" else PORTABLE:
            for index in range(VALUES_OF_A_SHAPE):
                record = shape.compact(values) if what == "compact" else shape.portable(values)
                written[f"{shape.name}:{index}"] = record, describe(record)
        sides.write(written)
        sides.check(len(written))

    @pytest.mark.parametrize("what", ["compact", "portable"])
    def test_objects_to_java(self, sides: Sides, what: str) -> None:
        values = Values(5)
        classes = COMPACT_CLASSES if what == "compact" else PORTABLE_CLASSES

        def draw(shape: shapes.Shape) -> Any:
            return classes[shape.name](shape.values(values, what == "portable", draw))

        written: dict[str, tuple[Any, str]] = {}
        for name, cls in classes.items():
            for index in range(VALUES_OF_A_SHAPE):
                obj = draw(cls.SHAPE)
                written[f"{name}:{index}"] = obj, describe(obj)
        sides.write(written)
        # Serializers write compact fields in any order, Java's records in that of the names.
        sides.check(len(written), same_bytes=what == "portable")


class TestConstants:
    def test_from_java(self, sides: Sides) -> None:
        for key, value, told in sides.written_by_java("constants", 40):
            words = describe_instant(value) if told.startswith("instant ") else describe(value)
            assert words == told, key

    @pytest.mark.parametrize(
        ("draws", "same_bytes"),
        [(constants.IN_ORDER, True), (constants.SETS, False), (constants.MAPS, False)],
        ids=["values", "sets", "maps"],
    )
    def test_to_java(self, sides: Sides, draws: Mapping[str, constants.Draw], same_bytes: bool) -> None:
        values = Values(6)
        written: dict[str, tuple[Any, str]] = {}
        for name, draw in draws.items():
            for index in range(40):
                constant = draw(values)
                written[f"{name}:{index}"] = constant.value, constant.told
        sides.write(written)
        sides.check(len(written), same_bytes)


class TestIdentified:
    def test_from_java(self, sides: Sides) -> None:
        for key, value, told in sides.written_by_java("things", 1000):
            assert describe(value) == told
            assert sides.has_the_same_bytes(key, value)

    def test_to_java(self, sides: Sides) -> None:
        write_drawn(sides, lambda values, index: records.Thing.drawn(values, index % 3), 1000)
        sides.check(1000)


class TestDataclasses:
    """Dataclasses here, records there, no serializer anywhere."""

    def test_from_java(self, sides: Sides) -> None:
        same = compared = 0
        for key, value, told in sides.written_by_java("everything", 1000):
            assert type(value) is records.Everything
            assert describe(value) == told
            # A Python set has no order, so one of several items cannot have the bytes of Java's.
            if all(len(items or ()) < 2 for items in (value.textSet, value.longSet)):
                same += sides.has_the_same_bytes(key, value)
                compared += 1
        assert same == compared > 200

    def test_to_java(self, sides: Sides) -> None:
        write_drawn(sides, lambda values, _: records.Everything.drawn(values), 1000)
        # Sets and maps have another order in Java.
        sides.check(1000, same_bytes=False)

    def test_a_point_has_the_same_bytes(self, sides: Sides) -> None:
        write_drawn(sides, lambda values, _: records.Point.drawn(values), 200)
        sides.check(200)

    def test_from_an_evolved_class_in_java(self, sides: Sides) -> None:
        for _, value, told in sides.written_by_java("evolving", 500):
            assert type(value) is records.Evolving
            assert value.legacy is True
            for name in ("name", "age", "numbers", "boxes"):
                assert f"{name}={describe(getattr(value, name))}" in told

    def test_to_an_evolved_class_in_java(self, sides: Sides) -> None:
        values = Values(8)
        written: dict[str, tuple[Any, str]] = {}
        for index in range(500):
            numbers = values.items(lambda: values.integer(64))
            obj = records.Evolving(values.text(), values.integer(32), numbers, numbers[::-1], values.flag())
            seen = {"name": obj.name, "age": obj.age, "numbers": numbers, "boxes": numbers[::-1]}
            seen |= {"email": None, "rank": None}
            written[str(index)] = obj, describe_object("Evolving", seen)
        sides.write(written)
        sides.check(500, same_bytes=False)


class TestDeclarationOrder:
    """Java writes the fields of a class in the order of their declaration, and members compare bytes."""

    def test_values_of_java_are_equal_here(self, client: hzclient.HazelcastClient, ordered: str) -> None:
        values = client.get_map(ordered).blocking()
        items, members = client.get_list(ordered).blocking(), client.get_set(ordered).blocking()
        for key, value in values.entry_set():
            assert isinstance(value, records.Ord | records.Derived | GenericRecord)
            assert values.replace_if_same(key, value, value), key
            assert values.contains_value(value), key
            assert items.index_of(value) >= 0, key
            assert members.contains(value), key

    def test_values_of_java_are_removed_here(self, client: hzclient.HazelcastClient, peer: Peer) -> None:
        assert peer.ask("put-ordered", "removed") == "300 objects"
        values = client.get_map("removed").blocking()
        for key, value in values.entry_set():
            assert values.remove_if_same(key, value), key
        assert values.is_empty()

    def test_keys_of_java_are_found_here(self, client: hzclient.HazelcastClient, ordered: str) -> None:
        labels = client.get_map(f"{ordered}-keys").blocking()
        for label, key in client.get_map(ordered).blocking().entry_set():
            assert labels.get(key) == label

    def test_keys_of_python_are_found_in_java(self, client: hzclient.HazelcastClient, peer: Peer) -> None:
        labels = client.get_map("ours").blocking()
        for index in range(50):
            labels.set(records.Ord(f"z{index}", f"a{index}", decimal.Decimal(index).scaleb(-2)), index)
            labels.set(records.Derived("x", index, "c", "w", "d", f"y{index}", decimal.Decimal(index)), index)
        assert peer.ask("find-keys", "ours") == "100 keys"


def write_drawn(sides: Sides, draw: Callable[[Values, int], Any], count: int) -> None:
    """Write random objects with their descriptions."""
    values = Values(7)
    drawn = [draw(values, index) for index in range(count)]
    sides.write({str(index): (obj, describe(obj)) for index, obj in enumerate(drawn)})


def test_every_kind_is_compared() -> None:
    kinds = {field.kind for shape in COMPACT for field in shape.fields}
    unusable = {kind for kind in FieldKind if "CHAR" in kind.name or "PORTABLE" in kind.name}
    assert kinds == set(FieldKind) - unusable - {FieldKind.NOT_AVAILABLE}
    assert {field.kind for shape in PORTABLE for field in shape.fields} == set(shapes.TYPE_OF_KIND)


def test_partitions_of_keys(client: hzclient.HazelcastClient, peer: Peer) -> None:
    values = Values(seed=7)
    draws = (values.text, values.uuid, values.decimal, values.date, lambda: values.integer(32))
    keys = {draws[i % len(draws)]() for i in range(14_000)}
    partition_of = client.partition_service.get_partition_id
    partitions = {key: partition_of(key) for key in keys}
    assert len(partitions) >= 10_000 and len(set(partitions.values())) == 271
    client.get_map("partitions").blocking().put_all(partitions)
    assert peer.ask("check-partitions", "partitions") == f"{len(partitions)} keys"


def test_keys_that_name_their_partition_are_placed_as_java_places_them(
    client: hzclient.HazelcastClient, peer: Peer
) -> None:
    """Java deserializes the keys, computes their partitions, and finds the values by its own keys."""
    partition_of = client.partition_service.get_partition_id
    values = Values(seed=11)
    owners = {
        values.uuid(),
        None,
        *(values.text() for _ in range(30)),
        *(values.integer(32) for _ in range(30)),
    }
    keys = [records.Owned(owner, number) for owner in owners for number in range(3)]
    assert all(partition_of(key) == partition_of(key.owner) for key in keys if key.owner is not None)
    partitions = {key: partition_of(key) for key in keys}
    assert len(set(partitions.values())) > 20
    client.get_map("owned").blocking().put_all(partitions)
    assert peer.ask("check-partitions", "owned") == f"{len(keys)} keys"
