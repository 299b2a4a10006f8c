"""Compact serialization: its errors, and what makes a dataclass choose its own name and field kinds.

An object of a plain dataclass is written as compact data without a serializer. Hints choose the kinds
of its fields; `Int32` and its like name the kinds that a hint such as `int` cannot tell:

    @compact(type_name="com.acme.Employee")
    @dataclass
    class Employee:
        name: str
        age: Int32          # or Annotated[int, Int32]; a plain int is INT64, Java's long
"""

from hzclient.serialization._schema import SchemaNotFoundError, SchemaNotReplicatedError

__all__ = ["SchemaNotFoundError", "SchemaNotReplicatedError"]
