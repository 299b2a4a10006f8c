"""Identified objects that consist only of a list of fields."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, NamedTuple

from hzclient.serialization import java
from hzclient.serialization.api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput

__all__ = [
    "BIG_INTEGER",
    "BOOLEAN",
    "DOUBLE",
    "INT",
    "LONG",
    "OBJECT",
    "OBJECTS",
    "STRING",
    "STRINGS",
    "Field",
    "Identified",
    "Record",
    "factory",
]


class Field(NamedTuple):
    """How one field is written and read."""

    write: Callable[[ObjectDataOutput, Any], None]
    read: Callable[[ObjectDataInput], Any]


def _stream(name: str) -> Field:
    """Return the field that `write_<name>` and `read_<name>` of the streams are for."""

    def write(out: ObjectDataOutput, value: Any) -> None:
        getattr(out, f"write_{name}")(value)

    def read(inp: ObjectDataInput) -> Any:
        return getattr(inp, f"read_{name}")()

    return Field(write, read)


def _write_objects(out: ObjectDataOutput, values: tuple[Any, ...]) -> None:
    out.write_int(len(values))
    for value in values:
        out.write_object(value)


def _read_objects(inp: ObjectDataInput) -> tuple[Any, ...]:
    return tuple(inp.read_object() for _ in range(inp.read_int()))


def _read_strings(inp: ObjectDataInput) -> tuple[str | None, ...]:
    return tuple(inp.read_string_array() or ())


def _write_big_integer(out: ObjectDataOutput, value: int) -> None:
    out.write_object(java.big_integer(value))


BOOLEAN: Final = _stream("boolean")
INT: Final = _stream("int")
LONG: Final = _stream("long")
DOUBLE: Final = _stream("double")
STRING: Final = _stream("string")
STRINGS: Final = Field(_stream("string_array").write, _read_strings)
OBJECT: Final = _stream("object")
OBJECTS: Final = Field(_write_objects, _read_objects)
BIG_INTEGER: Final = Field(_write_big_integer, OBJECT.read)


class Identified(IdentifiedDataSerializable):
    """Object whose class says its ids."""

    FACTORY_ID: ClassVar[int]
    CLASS_ID: ClassVar[int]

    def get_factory_id(self) -> int:
        """Return the number of the factory."""
        return self.FACTORY_ID

    def get_class_id(self) -> int:
        """Return the number of the class within the factory."""
        return self.CLASS_ID


class Record(Identified):
    """Object that is written as the fields that its class lists.

    Args:
        *values: Value of each field; none if they are about to be read.
    """

    FIELDS: ClassVar[tuple[Field, ...]] = ()

    def __init__(self, *values: Any) -> None:
        self._values = values

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the fields."""
        for field, value in zip(self.FIELDS, self._values, strict=True):
            field.write(object_data_output, value)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the fields."""
        self._values = tuple([field.read(object_data_input) for field in self.FIELDS])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return type(other) is type(self) and other._values == self._values

    def __hash__(self) -> int:
        return hash((type(self), self._values))

    def __repr__(self) -> str:
        return f"{type(self).__name__.strip('_')}({', '.join(map(repr, self._values))})"


def factory(classes: Iterable[type[Identified]]) -> dict[int, type[Identified]]:
    """Return a factory: the classes by their ids."""
    return {cls.CLASS_ID: cls for cls in classes}
