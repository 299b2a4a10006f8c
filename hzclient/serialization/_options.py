"""Options of serialization."""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeAlias

from hzclient.serialization.api import (
    CompactSerializer,
    IdentifiedDataSerializable,
    Portable,
    StreamSerializer,
)
from hzclient.serialization.portable.classdef import ClassDefinition

IdentifiedFactories: TypeAlias = Mapping[int, Mapping[int, Callable[[], IdentifiedDataSerializable]]]
PortableFactories: TypeAlias = Mapping[int, Mapping[int, Callable[[], Portable]]]
"""What makes an object without arguments, by factory id and class id."""


class IntType(enum.IntEnum):
    """Type that an int is written as."""

    VAR = 0
    BYTE = 1
    SHORT = 2
    INT = 3
    LONG = 4
    BIG_INT = 5


class BytesType(enum.IntEnum):
    """Form in which `bytes` are written."""

    PICKLE = 0
    BYTE_ARRAY = 1


class SerializationConfig(Protocol):
    """The part of a client's configuration that serialization reads."""

    @property
    def is_big_endian(self) -> bool: ...
    @property
    def default_int_type(self) -> int: ...
    @property
    def portable_version(self) -> int: ...
    @property
    def data_serializable_factories(self) -> IdentifiedFactories: ...
    @property
    def portable_factories(self) -> PortableFactories: ...
    @property
    def compact_serializers(self) -> Sequence[CompactSerializer[Any]]: ...
    @property
    def class_definitions(self) -> Sequence[ClassDefinition]: ...
    @property
    def check_class_definition_errors(self) -> bool: ...
    @property
    def global_serializer(self) -> type[StreamSerializer] | None: ...
    @property
    def custom_serializers(self) -> Mapping[type[Any], type[StreamSerializer]]: ...
    @property
    def pickle_enabled(self) -> bool: ...
    @property
    def pickle_allowed(self) -> frozenset[str] | None: ...
    @property
    def bytes_type(self) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SerializationOptions:
    """Options of a `SerializationService`, checked by those who make them.

    Attributes:
        is_big_endian: Byte order, which must be that of the members.
        default_int_type: Type that an int is written as, a value of `IntType`.
        portable_version: Version of portable classes that have none of their own.
        data_serializable_factories: Identified classes by factory id and class id.
        portable_factories: Portable classes by factory id and class id.
        compact_serializers: Serializers of compact classes.
        class_definitions: Definitions of portable classes to know from the start.
        check_class_definition_errors: True if a definition must come with those of its nested classes.
        global_serializer: Serializer of what no other one takes.
        custom_serializers: Serializers by class; they take the subclasses too.
        pickle_enabled: True if objects that no serializer takes are pickled, and pickles are read.
        pickle_allowed: Full names of the classes and functions that pickles may refer to, beside those of
            plain data; None for any.
        bytes_type: Form in which `bytes` are written, a value of `BytesType`.
    """

    is_big_endian: bool = True
    default_int_type: int = IntType.INT
    portable_version: int = 0
    data_serializable_factories: IdentifiedFactories = field(default_factory=lambda: {})
    portable_factories: PortableFactories = field(default_factory=lambda: {})
    compact_serializers: Sequence[CompactSerializer[Any]] = ()
    class_definitions: Sequence[ClassDefinition] = ()
    check_class_definition_errors: bool = True
    global_serializer: type[StreamSerializer] | None = None
    custom_serializers: Mapping[type[Any], type[StreamSerializer]] = field(default_factory=lambda: {})
    pickle_enabled: bool = True
    pickle_allowed: frozenset[str] | None = None
    bytes_type: int = BytesType.PICKLE

    @classmethod
    def of(cls, config: SerializationConfig) -> "SerializationOptions":
        """Take the options from a configuration."""
        return cls(**{option.name: getattr(config, option.name) for option in fields(cls)})
