"""Python counterparts of the classes in `tests/java`: those that the soak needs too."""

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


class Echo(Twin):
    """Task that returns `fields[0]`."""

    CLASS_ID = 41
