"""Dataclasses as compact records, without a serializer."""

import dataclasses
import inspect
import math
import typing
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol, TypeAlias
from weakref import WeakKeyDictionary

from hzclient._slots import Slotted
from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import unfit
from hzclient.serialization._compact._hints import (
    Convert,
    DictMapping,
    FieldMapping,
    UnmappableError,
    mapping_of,
    python_type,
)
from hzclient.serialization._compact._kinds import FLOATS, NULLABLE_OF, NUMBERS, PRIMITIVES
from hzclient.serialization._compact._layout import NULL, Layout
from hzclient.serialization._compact._names import is_declared, type_name_of
from hzclient.serialization._compact._reader import GETTERS, RecordReader, holds_none
from hzclient.serialization._compact._writer import ValueWriters, write_record_array
from hzclient.serialization._output import Output
from hzclient.serialization._primitives import PACK_ERRORS
from hzclient.serialization._schema import Schema
from hzclient.serialization.api import FieldKind

_Get: TypeAlias = Callable[[RecordReader], Any]

KEYS_SUFFIX: Final = "!keys"
VALUES_SUFFIX: Final = "!values"


class NotCompactError(HazelcastSerializationError):
    """An object of a dataclass that did not ask for compact data cannot be written as such."""


class Part(NamedTuple):
    """A compact field, and the field of the dataclass that it belongs to.

    Attributes:
        name: Name of the compact field.
        mapping: How its values are written and read.
        attribute: Name of the field of the dataclass.
    """

    name: str
    mapping: FieldMapping
    attribute: str


class ClassPlan(NamedTuple):
    """What a dataclass is written as.

    Attributes:
        parts: Its compact fields, in the order in which their values are written.
        dicts: Names of the dict fields, each of which becomes two compact fields.
        nested: Classes of the records that it holds.
        called: Names of the fields that its `__init__` takes; None if that has another signature.
    """

    parts: tuple[Part, ...]
    dicts: frozenset[str]
    nested: frozenset[type[Any]]
    called: frozenset[str] | None


_plans: Final[WeakKeyDictionary[type, ClassPlan | str]] = WeakKeyDictionary()
"""The plan of each class that was asked for, or the reason why it has none."""


def class_plan(cls: type[Any]) -> ClassPlan:
    """Return the plan by which a dataclass is written.

    Args:
        cls: The class.

    Returns:
        Its plan; the same object each time.

    Raises:
        UnmappableError: If it is no dataclass, must not be written so, or a hint has no compact kind.
    """
    plan = _plans.get(cls)
    if plan is None:
        try:
            plan = _make_plan(cls)
        except UnmappableError as error:
            plan = str(error)
        _plans[cls] = plan
    if isinstance(plan, str):
        raise UnmappableError(plan)
    return plan


def _make_plan(cls: type[Any]) -> ClassPlan:
    if "__dataclass_fields__" not in cls.__dict__:
        raise UnmappableError("it is not a dataclass")
    if type_name_of(cls) is None:
        raise UnmappableError("its __compact_type_name__ is None")
    if not is_declared(cls) and _has_own_state(cls):
        raise UnmappableError("it has a way of its own to be copied and pickled")
    try:
        hints = typing.get_type_hints(cls, localns={cls.__name__: cls}, include_extras=True)
    except Exception as error:  # a hint may be any expression
        raise UnmappableError(f"its hints cannot be resolved: {error}") from error
    parts: list[Part] = []
    dicts: set[str] = set()
    for field in _fields_as_java(cls):
        try:
            mapping = mapping_of(hints[field.name])
        except UnmappableError as error:
            raise UnmappableError(f"its field {field.name!r} cannot be a compact field: {error}") from error
        if isinstance(mapping, DictMapping):
            dicts.add(field.name)
            parts.append(Part(field.name + KEYS_SUFFIX, mapping.keys, field.name))
            parts.append(Part(field.name + VALUES_SUFFIX, mapping.values, field.name))
        else:
            parts.append(Part(field.name, mapping, field.name))
    nested = frozenset([part.mapping.nested for part in parts if part.mapping.nested is not None])
    return ClassPlan(tuple(parts), frozenset(dicts), nested, _call_names(cls))


def _fields_as_java(cls: type[Any]) -> list["dataclasses.Field[Any]"]:
    """Return the fields in the order in which Java writes those of a class with the same declarations.

    Java's reflection takes the fields that the class itself declares, then those of its base, and so on.
    Dataclasses list the fields of the bases first.
    """
    fields = dataclasses.fields(cls)
    declared_in: dict[str, int] = {}
    for place, base in enumerate(cls.__mro__):
        own = base.__dict__.get("__dataclass_fields__", {})
        # A class shares the field objects of its bases, except for fields that it declares again.
        declared_in.update({field.name: place for field in fields if own.get(field.name) is field})
    return sorted(fields, key=lambda field: declared_in[field.name])


def _has_own_state(cls: type[Any]) -> bool:
    if any(getattr(cls, name) is not getattr(object, name) for name in ("__reduce_ex__", "__reduce__")):
        return True
    if any(base.__module__ == "builtins" and base is not object for base in cls.__mro__):
        return True
    # Those that dataclasses themselves or this package add, for slots, only handle the fields.
    return any(
        inspect.isfunction(method) and method.__module__ not in ("dataclasses", Slotted.__module__)
        for method in (
            getattr(cls, name, None) for name in ("__getstate__", "__setstate__", "__getnewargs__")
        )
    )


def _call_names(cls: type[Any]) -> frozenset[str] | None:
    names = frozenset([field.name for field in dataclasses.fields(cls) if field.init])
    try:
        parameters = inspect.signature(cls).parameters
    except (TypeError, ValueError):
        return None
    required = {
        name for name, p in parameters.items() if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    }
    return names if names <= parameters.keys() and required <= names else None


class Bindings(ValueWriters, Protocol):
    """What a dataclass asks of the format."""

    def new_layout(self, schema: Schema) -> Layout:
        """Return the layout of a schema that something here is going to be written with."""
        ...


class DataclassBinding:
    """Objects of a dataclass.

    Args:
        values: The format.
        cls: The class.
        type_name: Name of the compact type.

    Raises:
        UnmappableError: If the class cannot be written as compact data.
    """

    def __init__(self, values: Bindings, cls: type[Any], type_name: str) -> None:
        self._format = values
        self._cls = cls
        self._plan = class_plan(cls)
        self._schema = Schema(type_name, [(part.name, part.mapping.kind) for part in self._plan.parts])
        self._writer: _Writer | None = None
        self._readers: dict[int, _Reader] = {}

    def write(self, out: Output, obj: Any) -> Schema:
        """Append schema id and record of an object.

        Args:
            out: Stream to append to.
            obj: The object.

        Returns:
            Schema of the record.

        Raises:
            NotCompactError: If a value is not what its hint says, unless the class was declared compact.
        """
        if self._writer is None:
            self._writer = _Writer(self._format, self._plan, self._format.new_layout(self._schema))
        try:
            self._writer.write(out, obj)
        except (HazelcastSerializationError, RecursionError) as error:
            if not is_declared(self._cls):
                raise error if isinstance(error, NotCompactError) else NotCompactError(str(error)) from error
            if not isinstance(error, NotCompactError):
                raise
            # An object within this one would be pickled, but not this one.
            raise HazelcastSerializationError(str(error)) from error
        return self._schema

    def read(self, reader: RecordReader) -> Any:
        """Build an object from a record of any schema of its type."""
        schema_id = reader.layout.schema.schema_id
        read = self._readers.get(schema_id)
        if read is None:
            read = self._readers[schema_id] = _Reader(self._cls, self._plan, reader.layout)
        return read.read(reader)


class _Writer:
    """Writes objects of a dataclass, the values in the order in which Java declares them.

    Readers do not depend on the order, because the offsets locate each value. But members compare keys and
    values by their bytes, so these must be the bytes that Java writes.
    """

    def __init__(self, values: Bindings, plan: ClassPlan, layout: Layout) -> None:
        self._format = values
        self._layout = layout
        attributes = {part.name: part for part in plan.parts}
        self._numbers = _getter([attributes[field.field_name].attribute for field in layout.numbers])
        self._has_floats = any(field.kind in FLOATS for field in layout.numbers)
        self._flags = _getter([attributes[field.field_name].attribute for field in layout.flags])
        self._values = [
            (layout.slots[part.mapping.kind][part.name], _value_writer(values, layout, part, plan))
            for part in plan.parts
            if part.mapping.kind not in PRIMITIVES
        ]

    def write(self, out: Output, obj: Any) -> None:
        layout = self._layout
        buffer = out.buffer
        try:
            numbers = self._numbers(obj)
            if self._has_floats:
                numbers = [value if value == value else math.nan for value in numbers]
            flags = 0
            for place, value in enumerate(self._flags(obj)):
                if value is True:
                    flags |= 1 << place
                elif value is not False:
                    raise unfit(layout.describe(layout.flags[place]), value, "it is not a bool")
            start = layout.begin(buffer)
            offsets = [NULL] * len(self._values)
            for slot, write in self._values:
                offset = len(buffer) - start
                if write(out, obj):
                    offsets[slot] = offset
            layout.finish(buffer, start, numbers, flags, offsets)
        except AttributeError as error:
            raise HazelcastSerializationError(
                f"an object of {layout.schema.type_name!r} lacks a field: {error}"
            ) from error


def _getter(names: Sequence[str]) -> Callable[[Any], Sequence[Any]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda obj: [getattr(obj, name) for name in names]


def _value_writer(
    values: Bindings, layout: Layout, part: Part, plan: ClassPlan
) -> Callable[[Output, Any], bool]:
    """Return what appends the value of a field, and returns False if it is None."""
    attribute, (kind, to_wire, _, _) = part.attribute, part.mapping
    what = f"the {kind.name} field {part.name!r} of {layout.schema.type_name!r}"
    pack = values.packs[kind]
    content: Convert | None = None
    if attribute in plan.dicts:
        content = _dict_values if part.name.endswith(VALUES_SUFFIX) else _dict_keys

    def append(out: Output, value: Any) -> None:
        if kind is FieldKind.COMPACT:
            values.write_nested(out, value)
        elif kind is FieldKind.ARRAY_OF_COMPACT:
            write_record_array(values, out, value, what)
        else:
            out.buffer += pack(value)

    def write(out: Output, obj: Any) -> bool:
        value = getattr(obj, attribute)
        if value is None:
            return False
        try:
            if content is not None:
                value = content(value)
            append(out, value if to_wire is None else to_wire(value))
        except (UnmappableError, *PACK_ERRORS) as error:
            raise unfit(what, value, error) from error
        return True

    return write


def _dict_keys(value: Any) -> list[Any]:
    return list(value.keys())


def _dict_values(value: Any) -> list[Any]:
    return list(value.values())


class _Reader:
    """Builds objects of a dataclass from records of one schema."""

    def __init__(self, cls: type[Any], plan: ClassPlan, layout: Layout) -> None:
        self._cls = cls
        self._called = plan.called is not None
        self._arguments: list[tuple[str, _Get]] = []
        self._attributes: list[tuple[str, _Get]] = []
        self._missing: list[tuple[str, _Get]] = []
        for field in dataclasses.fields(cls):
            parts = [part for part in plan.parts if part.attribute == field.name]
            argument = self._called and field.init
            present = all(part.name in layout.schema.kinds for part in parts)
            if not present and argument and _has_default(field):
                continue
            get = (
                _joined([_field_getter(part, layout) for part in parts])
                if present
                else _default(field, parts)
            )
            others = self._attributes if present else self._missing
            (self._arguments if argument else others).append((field.name, get))

    def read(self, reader: RecordReader) -> Any:
        arguments = {name: get(reader) for name, get in self._arguments}
        obj: Any = self._cls(**arguments) if self._called else object.__new__(self._cls)
        for name, get in self._attributes:
            # A frozen class has no other way.
            object.__setattr__(obj, name, get(reader))
        for name, get in self._missing:
            # The class may have computed it from other fields.
            if not hasattr(obj, name):
                object.__setattr__(obj, name, get(reader))
        return obj


def _field_getter(part: Part, layout: Layout) -> _Get:
    kind = part.mapping.kind
    actual = layout.schema.kinds[part.name]
    if python_type(actual) != python_type(kind):
        raise HazelcastSerializationError(
            f"the field {part.name!r} of {layout.schema.type_name!r} is {actual.name}, and cannot be read as"
            f" the {kind.name} that its hint stands for"
        )
    slot = layout.slots[actual][part.name]
    if actual in NUMBERS:
        return lambda reader: reader.numbers[slot]
    convert = part.mapping.from_wire
    refuse_none = kind in NULLABLE_OF and actual not in NULLABLE_OF
    read = GETTERS[actual]

    def get(reader: RecordReader) -> Any:
        value = read(reader, slot)
        if refuse_none and holds_none(kind, value):
            raise HazelcastSerializationError(
                f"{reader.describe(slot)} holds None, which its hint does not allow"
            )
        if value is None or convert is None:
            return value
        try:
            return convert(value)
        except (LookupError, ValueError, TypeError, OverflowError) as error:
            raise HazelcastSerializationError(
                f"{reader.describe(slot)} cannot be read as its hint says: {error!r}"
            ) from error

    return get


def _joined(getters: Sequence[_Get]) -> _Get:
    if len(getters) == 1:
        return getters[0]
    get_keys, get_values = getters

    def get(reader: RecordReader) -> Any:
        keys, values = get_keys(reader), get_values(reader)
        return None if keys is None or values is None else dict(zip(keys, values, strict=True))

    return get


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _default(field: "dataclasses.Field[Any]", parts: Sequence[Part]) -> _Get:
    if field.default_factory is not dataclasses.MISSING:
        make = field.default_factory
        return lambda reader: make()
    value = field.default
    if value is dataclasses.MISSING:
        kind = parts[0].mapping.kind
        _, cls = python_type(kind)
        value = cls() if kind in PRIMITIVES else None
    return lambda reader: value
