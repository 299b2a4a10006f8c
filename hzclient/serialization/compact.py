"""Compact serialization: its errors, and how a dataclass chooses its type name and the kinds of its fields.

An object of a dataclass is written as compact data without a serializer:

    @compact(type_name="com.acme.Employee")
    @dataclass
    class Employee:
        name: str
        age: Int32          # or Annotated[int, FieldKind.INT32]
        boss: str | None = None

| hint | kind | Java |
|---|---|---|
| `bool` | BOOLEAN | boolean |
| `int`, `Int64` | INT64 | long |
| `Int8`, `Int16`, `Int32` | INT8, INT16, INT32 | byte, short, int |
| `float`, `Float64` | FLOAT64 | double |
| `Float32` | FLOAT32 | float |
| `str` | STRING | String |
| `Decimal`, `date`, `time` | DECIMAL, DATE, TIME | BigDecimal, LocalDate, LocalTime |
| `datetime` (aware) | TIMESTAMP_WITH_TIMEZONE | OffsetDateTime |
| `Timestamp` (a naive `datetime`) | TIMESTAMP | LocalDateTime |
| an `Enum` class | STRING, its name | enum |
| `UUID` | STRING | String |
| `bytes`, `bytearray` | ARRAY_OF_INT8 | byte[] |
| `list[T]`, `tuple[T, ...]`, `Sequence[T]`, `deque[T]` | array of the kind of T | T[], or List to read |
| `list[T | None]` | array of the nullable kind of T | List |
| `set[T]`, `frozenset[T]` | array of the nullable kind of T | Set |
| `dict[K, V]` | two such arrays, `name!keys` and `name!values` | Map |
| a dataclass | COMPACT | record or class |
| `T | None` | nullable | boxed type |

When it is read, a field takes any kind of the same Python type (an `int` any of the integer kinds), a
field that the data lacks gets its default (else 0, False or None), and the class is called with the fields.

Without `@compact` the type name is module and class name, as a Java class with the same package and name
has it (a class of `__main__` has no package). Of such a class, an object whose values are not what the
hints say is pickled instead, and so is every object if a hint has no kind; with `@compact`, both are errors.
"""

import datetime
from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

from hzclient.serialization._compact._names import declare
from hzclient.serialization._schema import SchemaNotFoundError, SchemaNotReplicatedError
from hzclient.serialization.api import FieldKind

__all__ = [
    "Float32",
    "Float64",
    "Int16",
    "Int32",
    "Int64",
    "Int8",
    "SchemaNotFoundError",
    "SchemaNotReplicatedError",
    "Timestamp",
    "compact",
]

T = TypeVar("T")

Int8: TypeAlias = Annotated[int, FieldKind.INT8]
Int16: TypeAlias = Annotated[int, FieldKind.INT16]
Int32: TypeAlias = Annotated[int, FieldKind.INT32]
Int64: TypeAlias = Annotated[int, FieldKind.INT64]
Float32: TypeAlias = Annotated[float, FieldKind.FLOAT32]
Float64: TypeAlias = Annotated[float, FieldKind.FLOAT64]
Timestamp: TypeAlias = Annotated[datetime.datetime, FieldKind.TIMESTAMP]


def compact(*, type_name: str) -> Callable[[type[T]], type[T]]:
    """Give a dataclass the type name by which other languages know it (class decorator).

    Data of this type is then read as objects of the class from the start. Without the decorator, the
    class attribute `__compact_type_name__` has the same effect once an object was written; None as its
    value keeps the class from being written as compact data.

    Args:
        type_name: The name, for example that of a Java record.

    Returns:
        The decorator.

    Raises:
        ValueError: If another class declared the same name.
    """

    def decorate(cls: type[T]) -> type[T]:
        declare(cls, type_name)
        return cls

    return decorate
