"""Values of Java types that no Python type is written as by default.

    numbers.put("primes", java.int_array([2, 3, 5]))    # an int[] for Java
    ages.put("Ada", java.short(36))                     # a Short, whatever default_int_type says

They are read back as the Python values that they hold.
"""

import datetime
import decimal
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from hzclient.serialization import serialization_const as ids

__all__ = [
    "JavaType",
    "JavaValue",
    "array_blocking_queue",
    "array_deque",
    "array_list",
    "big_decimal",
    "big_integer",
    "boolean",
    "boolean_array",
    "byte",
    "byte_array",
    "char",
    "char_array",
    "class_name",
    "concurrent_hash_map",
    "concurrent_skip_list_map",
    "concurrent_skip_list_set",
    "copy_on_write_array_list",
    "copy_on_write_array_set",
    "date",
    "delay_queue",
    "double_array",
    "float32",
    "float64",
    "float_array",
    "hash_map",
    "hash_set",
    "int_array",
    "integer",
    "linked_blocking_queue",
    "linked_hash_map",
    "linked_hash_set",
    "linked_list",
    "linked_transfer_queue",
    "local_date",
    "local_date_time",
    "local_time",
    "long",
    "long_array",
    "object_array",
    "offset_date_time",
    "optional",
    "priority_blocking_queue",
    "priority_queue",
    "short",
    "short_array",
    "simple_entry",
    "simple_immutable_entry",
    "string",
    "string_array",
    "synchronous_queue",
    "tree_map",
    "tree_set",
    "uuid_",
]

T = TypeVar("T")


class JavaValue:
    """A value together with the type that Java sees.

    Args:
        type_id: Number of the type.
        value: The value in Python.
    """

    __slots__ = ("type_id", "value")

    def __init__(self, type_id: int, value: Any) -> None:
        self.type_id: Final = type_id
        self.value: Final = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JavaValue):
            return NotImplemented
        return (self.type_id, self.value) == (other.type_id, other.value)

    def __hash__(self) -> int:
        return hash((self.type_id, self.value))

    def __repr__(self) -> str:
        return f"JavaValue({self.type_id}, {self.value!r})"


class JavaType(Generic[T]):
    """A Java type, to be called with a value that it holds.

    Args:
        type_id: Number of the type.
    """

    __slots__ = ("type_id",)

    def __init__(self, type_id: int) -> None:
        self.type_id: Final = type_id

    def __call__(self, value: T) -> JavaValue:
        """Return the value as one of this type; whether it fits shows when it is written."""
        return JavaValue(self.type_id, value)


boolean: Final = JavaType[bool](ids.CONSTANT_TYPE_BOOLEAN)
byte: Final = JavaType[int](ids.CONSTANT_TYPE_BYTE)
char: Final = JavaType[str](ids.CONSTANT_TYPE_CHAR)
short: Final = JavaType[int](ids.CONSTANT_TYPE_SHORT)
integer: Final = JavaType[int](ids.CONSTANT_TYPE_INTEGER)
long: Final = JavaType[int](ids.CONSTANT_TYPE_LONG)
float32: Final = JavaType[float](ids.CONSTANT_TYPE_FLOAT)
float64: Final = JavaType[float](ids.CONSTANT_TYPE_DOUBLE)
string: Final = JavaType[str](ids.CONSTANT_TYPE_STRING)
class_name: Final = JavaType[str](ids.JAVA_DEFAULT_TYPE_CLASS)
uuid_: Final = JavaType[uuid.UUID](ids.CONSTANT_TYPE_UUID)
big_integer: Final = JavaType[int](ids.JAVA_DEFAULT_TYPE_BIG_INTEGER)
big_decimal: Final = JavaType[decimal.Decimal](ids.JAVA_DEFAULT_TYPE_BIG_DECIMAL)

date: Final = JavaType[datetime.datetime](ids.JAVA_DEFAULT_TYPE_DATE)
local_date: Final = JavaType[datetime.date](ids.JAVA_DEFAULT_TYPE_LOCAL_DATE)
local_time: Final = JavaType[datetime.time](ids.JAVA_DEFAULT_TYPE_LOCAL_TIME)
local_date_time: Final = JavaType[datetime.datetime](ids.JAVA_DEFAULT_TYPE_LOCAL_DATE_TIME)
offset_date_time: Final = JavaType[datetime.datetime](ids.JAVA_DEFAULT_TYPE_OFFSET_DATE_TIME)

byte_array: Final = JavaType[bytes | bytearray | memoryview](ids.CONSTANT_TYPE_BYTE_ARRAY)
boolean_array: Final = JavaType[Sequence[bool]](ids.CONSTANT_TYPE_BOOLEAN_ARRAY)
char_array: Final = JavaType[Sequence[str]](ids.CONSTANT_TYPE_CHAR_ARRAY)
short_array: Final = JavaType[Sequence[int]](ids.CONSTANT_TYPE_SHORT_ARRAY)
int_array: Final = JavaType[Sequence[int]](ids.CONSTANT_TYPE_INTEGER_ARRAY)
long_array: Final = JavaType[Sequence[int]](ids.CONSTANT_TYPE_LONG_ARRAY)
float_array: Final = JavaType[Sequence[float]](ids.CONSTANT_TYPE_FLOAT_ARRAY)
double_array: Final = JavaType[Sequence[float]](ids.CONSTANT_TYPE_DOUBLE_ARRAY)
string_array: Final = JavaType[Sequence[str | None]](ids.CONSTANT_TYPE_STRING_ARRAY)
object_array: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_ARRAY)

array_list: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_ARRAY_LIST)
linked_list: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_LINKED_LIST)
copy_on_write_array_list: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_COPY_ON_WRITE_ARRAY_LIST)
array_deque: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_ARRAY_DEQUE)
linked_blocking_queue: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_LINKED_BLOCKING_QUEUE)
array_blocking_queue: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_ARRAY_BLOCKING_QUEUE)
delay_queue: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_DELAY_QUEUE)
synchronous_queue: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_SYNCHRONOUS_QUEUE)
linked_transfer_queue: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_LINKED_TRANSFER_QUEUE)
priority_blocking_queue: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_PRIORITY_BLOCKING_QUEUE)
priority_queue: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_PRIORITY_QUEUE)

hash_set: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_HASH_SET)
linked_hash_set: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_LINKED_HASH_SET)
tree_set: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_TREE_SET)
copy_on_write_array_set: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_COPY_ON_WRITE_ARRAY_SET)
concurrent_skip_list_set: Final = JavaType[Iterable[Any]](ids.JAVA_DEFAULT_TYPE_CONCURRENT_SKIP_LIST_SET)

hash_map: Final = JavaType[Mapping[Any, Any]](ids.JAVA_DEFAULT_TYPE_HASH_MAP)
linked_hash_map: Final = JavaType[Mapping[Any, Any]](ids.JAVA_DEFAULT_TYPE_LINKED_HASH_MAP)
tree_map: Final = JavaType[Mapping[Any, Any]](ids.JAVA_DEFAULT_TYPE_TREE_MAP)
concurrent_hash_map: Final = JavaType[Mapping[Any, Any]](ids.JAVA_DEFAULT_TYPE_CONCURRENT_HASH_MAP)
concurrent_skip_list_map: Final = JavaType[Mapping[Any, Any]](ids.JAVA_DEFAULT_TYPE_CONCURRENT_SKIP_LIST_MAP)

optional: Final = JavaType[Any](ids.JAVA_DEFAULT_TYPE_OPTIONAL)
simple_entry: Final = JavaType[tuple[Any, Any]](ids.JAVA_DEFAULT_TYPE_SIMPLE_ENTRY)
simple_immutable_entry: Final = JavaType[tuple[Any, Any]](ids.JAVA_DEFAULT_TYPE_SIMPLE_IMMUTABLE_ENTRY)
