"""Python counterparts of the classes in `tests/java`."""

from __future__ import annotations

from typing import ClassVar

from hzclient.serialization.api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput


class Twin(IdentifiedDataSerializable):
    """An object with strings as fields, which only members read.

    Args:
        *fields: The fields, in the order in which the Java class reads them.
    """

    CLASS_ID: ClassVar[int]

    def __init__(self, *fields: str) -> None:
        self.fields = fields

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        for field in self.fields:
            object_data_output.write_string(field)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        raise NotImplementedError

    def get_factory_id(self) -> int:
        return 66

    def get_class_id(self) -> int:
        return self.CLASS_ID


class SetValue(Twin):
    """Entry processor that sets the value to `fields[0]`, and returns it."""

    CLASS_ID = 1


class RemoveEntry(Twin):
    """Entry processor that removes the entry, and returns null."""

    CLASS_ID = 30


class StoredValue(Twin):
    """Entry processor that returns what the map store has for the entry's key."""

    CLASS_ID = 31


class AppendSuffix(Twin):
    """Interceptor that appends `fields[0]` to new values, and refuses removals."""

    CLASS_ID = 32


class DescendingOrder(Twin):
    """Comparator of entries that sorts the largest value first."""

    CLASS_ID = 33


class Prefixed(Twin):
    """Filter of a ringbuffer that accepts texts beginning with `fields[0]`."""

    CLASS_ID = 40


class Echo(Twin):
    """Task that returns `fields[0]`."""

    CLASS_ID = 41


class WhereAmI(Twin):
    """Task that returns the UUID of the member that runs it."""

    CLASS_ID = 42


class Fail(Twin):
    """Task that fails with the message `fields[0]`."""

    CLASS_ID = 43


class Offer(Twin):
    """Task that offers `fields[1]` to the queue `fields[0]`, and returns it."""

    CLASS_ID = 44


class Estimate(Twin):
    """Task that adds the words of `fields[1]` to the cardinality estimator `fields[0]`."""

    CLASS_ID = 45
