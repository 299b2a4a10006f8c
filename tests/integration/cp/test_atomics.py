"""AtomicLong and AtomicReference: every operation, in all faces, on Raft groups and in unsafe mode."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.errors import DistributedObjectDestroyedError
from hzclient.serialization.api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput
from tests.integration.cp.seen import CPFace


class Multiply(IdentifiedDataSerializable):
    """Counterpart of the Java class of this name."""

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def get_factory_id(self) -> int:
        return 66

    def get_class_id(self) -> int:
        return 140

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_long(self.factor)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.factor = object_data_input.read_long()


class AppendText(IdentifiedDataSerializable):
    """Counterpart of the Java class of this name."""

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix

    def get_factory_id(self) -> int:
        return 66

    def get_class_id(self) -> int:
        return 141

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_string(self.suffix)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.suffix = object_data_input.read_string() or ""


async def test_atomic_long(cp: CPFace) -> None:
    number = await cp.get("atomic_long")
    assert await number.get() == 0
    assert await number.add_and_get(5) == 5
    assert await number.get_and_add(-7) == 5
    assert await number.increment_and_get() == -1
    assert await number.get_and_increment() == -1
    assert await number.decrement_and_get() == -1
    assert await number.get_and_decrement() == -1
    assert await number.get_and_set(2**40) == -2
    assert await number.set(-(2**63)) is None
    assert await number.compare_and_set(0, 1) is False
    assert await number.compare_and_set(-(2**63), 11) is True
    assert await number.get() == 11


async def test_atomic_long_and_functions(cp: CPFace) -> None:
    number = await cp.get("atomic_long")
    await number.set(3)
    assert await number.alter(Multiply(2)) is None
    assert await number.alter_and_get(Multiply(2)) == 12
    assert await number.get_and_alter(Multiply(10)) == 12
    assert await number.apply(Multiply(-1)) == -120
    assert await number.get() == 120


async def test_atomic_long_takes_whole_numbers_only(cp: CPFace) -> None:
    number = await cp.get("atomic_long")
    calls: list[tuple[str, tuple[Any, ...]]] = [
        ("add_and_get", ("1",)),
        ("get_and_add", (1.5,)),
        ("set", (None,)),
        ("get_and_set", (None,)),
        ("compare_and_set", (1, "2")),
        ("compare_and_set", (None, 2)),
        ("alter", (None,)),
        ("alter_and_get", (None,)),
        ("get_and_alter", (None,)),
        ("apply", (None,)),
    ]
    for name, arguments in calls:
        with pytest.raises(AssertionError):
            await getattr(number, name)(*arguments)


async def test_atomic_reference(cp: CPFace) -> None:
    value = await cp.get("atomic_reference")
    assert await value.get() is None
    assert await value.is_none() is True
    assert await value.set("one") is None
    assert await value.is_none() is False
    assert await value.get_and_set("two") == "one"
    assert await value.contains("two") is True
    assert await value.contains(None) is False
    assert await value.compare_and_set("one", "three") is False
    assert await value.compare_and_set("two", None) is True
    assert await value.compare_and_set(None, [1, "two"]) is True
    assert await value.get() == [1, "two"]
    assert await value.clear() is None
    assert await value.get_and_set(None) is None


async def test_atomic_reference_and_functions(cp: CPFace) -> None:
    value = await cp.get("atomic_reference")
    assert await value.alter(AppendText("a")) is None
    assert await value.alter_and_get(AppendText("b")) == "ab"
    assert await value.get_and_alter(AppendText("c")) == "ab"
    assert await value.apply(AppendText("d")) == "abcd"
    assert await value.get() == "abc"
    for name in ("alter", "alter_and_get", "get_and_alter", "apply"):
        with pytest.raises(AssertionError):
            await getattr(value, name)(None)


@pytest.mark.parametrize("kind", ["atomic_long", "atomic_reference"])
async def test_destroyed_structures_stay_destroyed(cp: CPFace, kind: str) -> None:
    structure = await cp.get(kind)
    await structure.set(1)
    assert await structure.destroy() is None
    again = await cp.get(kind, structure.name)
    for proxy in (structure, again):
        with pytest.raises(DistributedObjectDestroyedError):
            await proxy.get()


async def test_groups_hold_structures_of_their_own(cp: CPFace) -> None:
    here = await cp.get("atomic_long")
    there = await cp.get("atomic_long", f" {here.name} @ other ")
    default = await cp.get("atomic_long", f"{here.name}@DEFAULT")
    await here.set(1)
    await there.set(2)
    assert await default.get() == 1
    assert await there.get() == 2
    assert repr(there.target).endswith(f'AtomicLong(name="{here.name} @ other")')


@pytest.mark.parametrize("name", ["", " ", "a@", "@g", "a@b@c", "a@METADATA", None])
async def test_names_that_are_none(cp: CPFace, name: Any) -> None:
    for kind in ("atomic_long", "atomic_reference", "count_down_latch", "lock", "semaphore"):
        getter = getattr(cp.client, f"get_{kind}")
        with pytest.raises(AssertionError):
            await cp.result(getter(name))
