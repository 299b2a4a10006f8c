"""From type hints to compact kinds."""

import collections
import collections.abc
import datetime
import decimal
import enum
import types
import uuid
from array import array
from collections.abc import Callable, Iterable, Set
from typing import Annotated, Any, Final, NamedTuple, NewType, Union, cast, get_args, get_origin

from hzclient.serialization._compact._kinds import NULLABLE_OF, PRIMITIVES
from hzclient.serialization.api import FieldKind

Convert = Callable[[Any], Any]

_ARRAY: Final = "ARRAY_OF_"
_NULLABLE: Final = "NULLABLE_"

_SCALARS: Final[dict[Any, FieldKind]] = {
    bool: FieldKind.BOOLEAN,
    int: FieldKind.INT64,
    float: FieldKind.FLOAT64,
    str: FieldKind.STRING,
    decimal.Decimal: FieldKind.DECIMAL,
    datetime.time: FieldKind.TIME,
    datetime.date: FieldKind.DATE,
    datetime.datetime: FieldKind.TIMESTAMP_WITH_TIMEZONE,
}
"""The kind of a class that no annotation chooses one for."""

_CLASS_OF: Final = {
    **{kind: cls for cls, kind in _SCALARS.items()},
    **dict.fromkeys((FieldKind.INT8, FieldKind.INT16, FieldKind.INT32), int),
    FieldKind.FLOAT32: float,
    FieldKind.TIMESTAMP: datetime.datetime,
}
"""The class that values of a kind have."""

_CONTAINERS: Final[dict[Any, tuple[type[Any], ...]]] = {
    list: (list,),
    tuple: (tuple,),
    set: (set,),
    frozenset: (frozenset,),
    collections.deque: (collections.deque,),
    collections.abc.Sequence: (list, tuple),
    collections.abc.MutableSequence: (list,),
    collections.abc.Set: (set, frozenset),
    collections.abc.MutableSet: (set,),
}
"""Classes that the values of a container hint may have; values that are read have the first one."""

_DICTS: Final = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


class UnmappableError(Exception):
    """A hint has no compact kind, or a value is not what its hint says."""


class FieldMapping(NamedTuple):
    """How the values of a hint are written and read.

    Attributes:
        kind: The kind of the field.
        to_wire: Returns the form in which a value (not None) is written. It raises `UnmappableError` for one
            that the hint does not allow. None: the value as it is.
        from_wire: Gives the value for what was read, which is not None. None: what was read.
        nested: Class of the records that the field holds.
    """

    kind: FieldKind
    to_wire: Convert | None = None
    from_wire: Convert | None = None
    nested: type[Any] | None = None


class DictMapping(NamedTuple):
    """How dicts are written and read: as the array of their keys and that of their values."""

    keys: FieldMapping
    values: FieldMapping


def mapping_of(hint: Any) -> FieldMapping | DictMapping:
    """Return how the values of a type hint are written and read.

    Args:
        hint: The type hint.

    Returns:
        The mapping of the field, or of the two fields for a dict.

    Raises:
        UnmappableError: If the hint has no compact kind.
    """
    bare, chosen, optional = _peel(hint)
    if get_origin(bare) not in _DICTS:
        return _single(bare, chosen, optional)
    keys, values = [_container(list, (argument,), None, boxed=True) for argument in get_args(bare)]
    return DictMapping(keys, values)


def python_type(kind: FieldKind) -> tuple[bool, Any]:
    """Return whether a kind is an array, and the class of its values or items (None for records)."""
    name = kind.name.removeprefix(_ARRAY)
    return name != kind.name, _CLASS_OF.get(FieldKind[name.removeprefix(_NULLABLE)])


def _peel(hint: Any) -> tuple[Any, FieldKind | None, bool]:
    """Return a hint without its wrappings, the kind that they choose, and whether it may be None."""
    chosen: FieldKind | None = None
    optional = False
    while True:
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            hint = args[0]
            chosen = chosen or _chosen_kind(args[1:])
        elif origin in (Union, types.UnionType):
            others = [argument for argument in args if argument is not types.NoneType]
            if len(others) != 1:
                raise UnmappableError(f"the union {hint} has no compact kind")
            hint = others[0]
            optional = True
        elif isinstance(hint, NewType):
            hint = hint.__supertype__
        else:
            return hint, chosen, optional


def _chosen_kind(annotations: Iterable[Any]) -> FieldKind | None:
    for annotation in annotations:
        if isinstance(annotation, FieldKind):
            return annotation
        if get_origin(annotation) is Annotated:
            return _chosen_kind(get_args(annotation)[1:])
    return None


def _single(hint: Any, chosen: FieldKind | None, optional: bool) -> FieldMapping:
    container = get_origin(hint)
    if container in _CONTAINERS:
        boxed = issubclass(_CONTAINERS[container][0], Set)
        mapping = _container(container, get_args(hint), chosen, boxed)
    elif hint is bytes or hint is bytearray:
        mapping = _bytes(bytes if hint is bytes else bytearray)
    elif not isinstance(hint, type):
        raise UnmappableError(f"the hint {hint} has no compact kind")
    elif hint in _SCALARS or chosen is not None:
        mapping = _scalar(hint, chosen)
    elif issubclass(hint, enum.Enum):
        mapping = _enum(hint)
    elif hint is uuid.UUID:
        mapping = FieldMapping(FieldKind.STRING, _checked(hint, str), hint)
    else:
        # Whether it can be a record shows when it is looked for.
        nested = cast("type[Any]", hint)
        mapping = FieldMapping(FieldKind.COMPACT, _checked(nested), nested=nested)
    # Other kinds may be None as they are.
    return (
        mapping._replace(kind=NULLABLE_OF[mapping.kind])
        if optional and mapping.kind in PRIMITIVES
        else mapping
    )


def _scalar(cls: type[Any], chosen: FieldKind | None) -> FieldMapping:
    kind = chosen or _SCALARS[cls]
    if chosen is not None:
        kind = FieldKind[chosen.name.removeprefix(_NULLABLE)]
        if _CLASS_OF.get(kind) is not cls:
            raise UnmappableError(f"a field of {cls.__qualname__} cannot have the kind {chosen.name}")
        if kind != chosen:
            return FieldMapping(chosen, _GUARDS.get(kind))
    return FieldMapping(kind, _GUARDS.get(kind))


def _container(container: Any, args: tuple[Any, ...], chosen: FieldKind | None, boxed: bool) -> FieldMapping:
    """Return the mapping of a container; the items of some are objects in Java, so they may be null there."""
    if container is tuple and args[1:] == (...,):
        args = args[:1]
    if len(args) != 1:
        raise UnmappableError(f"the items of a {container.__name__} must be of one kind")
    hint, item_kind, optional = _peel(args[0])
    if chosen is not None:
        item_kind = FieldKind[chosen.name.removeprefix(_ARRAY)]
    item = _single(hint, item_kind, optional or boxed)
    kind = FieldKind.__members__.get(_ARRAY + item.kind.name)
    if kind is None:
        raise UnmappableError(f"an array of {item.kind.name} has no compact kind")
    classes = _CONTAINERS[container]
    to_item, from_item, make = item.to_wire, item.from_wire, classes[0]

    def to_wire(values: Any) -> list[Any]:
        if not isinstance(values, classes):
            raise UnmappableError(f"it is not a {make.__name__}")
        if to_item is None:
            return list(values)
        return [None if value is None else to_item(value) for value in values]

    def from_wire(values: list[Any]) -> Any:
        if from_item is not None:
            values = [None if value is None else from_item(value) for value in values]
        return values if make is list else make(values)

    return FieldMapping(kind, to_wire, from_wire, item.nested)


def _bytes(cls: type[Any]) -> FieldMapping:
    def from_wire(values: list[int]) -> Any:
        return cls(array("b", values).tobytes())

    return FieldMapping(FieldKind.ARRAY_OF_INT8, _checked(cls, _signed), from_wire)


def _signed(value: bytes) -> "array[int]":
    return array("b", value)


def _enum(cls: type[enum.Enum]) -> FieldMapping:
    members = cls.__members__

    def to_wire(value: Any) -> str:
        # Combined flags have no name of their own.
        if not isinstance(value, cls) or members.get(value.name) is not value:
            raise UnmappableError(f"it is no member of {cls.__qualname__}")
        return value.name

    # Not by `cls.__getitem__`: a class of members that are texts has the method of its values there.
    return FieldMapping(FieldKind.STRING, to_wire, members.__getitem__)


def _checked(cls: type[Any], convert: Convert | None = None) -> Convert:
    def to_wire(value: Any) -> Any:
        if not isinstance(value, cls):
            raise UnmappableError(f"it is not a {cls.__qualname__}")
        return value if convert is None else convert(value)

    return to_wire


def _guard(accepts: Callable[[Any], bool], expected: str) -> Convert:
    def to_wire(value: Any) -> Any:
        if not accepts(value):
            raise UnmappableError(f"it is not {expected}")
        return value

    return to_wire


_GUARDS: Final = {
    FieldKind.BOOLEAN: _guard(lambda value: isinstance(value, bool), "a bool"),
    FieldKind.DATE: _guard(
        lambda value: isinstance(value, datetime.date) and not isinstance(value, datetime.datetime), "a date"
    ),
    FieldKind.TIME: _guard(
        lambda value: isinstance(value, datetime.time) and value.tzinfo is None, "a time without time zone"
    ),
    FieldKind.TIMESTAMP: _guard(
        lambda value: isinstance(value, datetime.datetime) and value.tzinfo is None,
        "a datetime without time zone",
    ),
    FieldKind.TIMESTAMP_WITH_TIMEZONE: _guard(
        lambda value: isinstance(value, datetime.datetime) and value.utcoffset() is not None,
        "a datetime with time zone (Timestamp is the hint for one without)",
    ),
}
"""Checks that refuse values that would be read as something else."""
