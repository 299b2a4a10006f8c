"""Class definitions: which fields the portable objects of a class have, and their types."""

import enum
from typing import Final

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._declare import FieldAdder, declared, implemented

__all__ = ["ClassDefinition", "ClassDefinitionBuilder", "FieldDefinition", "FieldType", "UNSET_VERSION"]


class FieldType(enum.IntEnum):
    """Types of portable fields."""

    PORTABLE = 0
    BYTE = 1
    BOOLEAN = 2
    CHAR = 3
    SHORT = 4
    INT = 5
    LONG = 6
    FLOAT = 7
    DOUBLE = 8
    STRING = 9
    UTF = 9
    PORTABLE_ARRAY = 10
    BYTE_ARRAY = 11
    BOOLEAN_ARRAY = 12
    CHAR_ARRAY = 13
    SHORT_ARRAY = 14
    INT_ARRAY = 15
    LONG_ARRAY = 16
    FLOAT_ARRAY = 17
    DOUBLE_ARRAY = 18
    STRING_ARRAY = 19
    UTF_ARRAY = 19
    DECIMAL = 20
    DECIMAL_ARRAY = 21
    TIME = 22
    TIME_ARRAY = 23
    DATE = 24
    DATE_ARRAY = 25
    TIMESTAMP = 26
    TIMESTAMP_ARRAY = 27
    TIMESTAMP_WITH_TIMEZONE = 28
    TIMESTAMP_WITH_TIMEZONE_ARRAY = 29


# Types whose fields name a class.
NESTED_TYPES: Final = frozenset({FieldType.PORTABLE, FieldType.PORTABLE_ARRAY})

# In the place of a version: the version of the client, which is known only when it registers the definition.
UNSET_VERSION: Final = -1


class FieldDefinition:
    """One field of a class definition.

    Args:
        index: Place of the field in the definition.
        field_name: Name of the field.
        field_type: One of the constants of `FieldType`.
        version: Version of the class.
        factory_id: Factory of the nested class; 0 unless the field holds portable objects.
        class_id: Number of the nested class; 0 unless the field holds portable objects.
    """

    __slots__ = ("class_id", "factory_id", "field_name", "field_type", "index", "version")

    def __init__(
        self,
        index: int,
        field_name: str,
        field_type: int,
        version: int,
        factory_id: int = 0,
        class_id: int = 0,
    ) -> None:
        self.index = index
        self.field_name = field_name
        self.field_type = field_type
        self.version = version
        self.factory_id = factory_id
        self.class_id = class_id

    def _key(self) -> tuple[int, str, int, int, int, int]:
        return self.index, self.field_name, self.field_type, self.version, self.factory_id, self.class_id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldDefinition) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.field_name, self.field_type))

    def __repr__(self) -> str:
        return (
            f"FieldDefinition(ix={self.index}, name={self.field_name}, type={self.field_type}, "
            f"version={self.version}, fid={self.factory_id}, cid={self.class_id})"
        )


class ClassDefinition:
    """The fields of the portable objects of one class in one version.

    Args:
        factory_id: Number of the factory that makes the objects.
        class_id: Number of the class within the factory.
        version: Version of the class; -1 means the portable version of the client.

    Attributes:
        factory_id: Number of the factory.
        class_id: Number of the class.
        version: Version of the class.
        field_defs: The fields by name, in the order of the definition.
    """

    __slots__ = ("class_id", "factory_id", "field_defs", "version")

    def __init__(self, factory_id: int, class_id: int, version: int) -> None:
        self.factory_id = factory_id
        self.class_id = class_id
        self.version = version
        self.field_defs: dict[str, FieldDefinition] = {}

    def add_field_def(self, field_def: FieldDefinition) -> None:
        """Add a field.

        Args:
            field_def: The field.

        Raises:
            HazelcastSerializationError: If there is a field of this name.
        """
        if field_def.field_name in self.field_defs:
            raise HazelcastSerializationError(
                f"{self.describe()} has a field {field_def.field_name!r} already"
            )
        self.field_defs[field_def.field_name] = field_def

    def get_field(self, field_name_or_index: int | str) -> FieldDefinition | None:
        """Return a field, None if there is none of this name.

        Args:
            field_name_or_index: Its name, or its place.

        Returns:
            The field.

        Raises:
            IndexError: If there is no such place.
        """
        if isinstance(field_name_or_index, str):
            return self.field_defs.get(field_name_or_index)
        if not 0 <= field_name_or_index < len(self.field_defs):
            raise IndexError(
                f"{self.describe()} has {len(self.field_defs)} fields, none at {field_name_or_index}"
            )
        return list(self.field_defs.values())[field_name_or_index]

    def has_field(self, field_name: str) -> bool:
        """Return whether there is a field of this name."""
        return field_name in self.field_defs

    def get_field_names(self) -> list[str]:
        """Return the names of the fields."""
        return list(self.field_defs)

    def get_field_type(self, field_name: str) -> int:
        """Return the type of a field.

        Args:
            field_name: Name of the field.

        Returns:
            One of the constants of `FieldType`.

        Raises:
            ValueError: If there is no field of this name.
        """
        return self._existing(field_name).field_type

    def get_field_class_id(self, field_name: str) -> int:
        """Return the class number of the portable objects in a field, 0 for other fields.

        Args:
            field_name: Name of the field.

        Returns:
            The class number.

        Raises:
            ValueError: If there is no field of this name.
        """
        return self._existing(field_name).class_id

    def get_field_count(self) -> int:
        """Return the number of fields."""
        return len(self.field_defs)

    def set_version_if_not_set(self, version: int) -> None:
        """Set the version of a definition, and of its fields, that has none."""
        if self.version == UNSET_VERSION:
            self.version = version
            for field in self.field_defs.values():
                if field.version == UNSET_VERSION:
                    field.version = version

    def _existing(self, field_name: str) -> FieldDefinition:
        try:
            return self.field_defs[field_name]
        except KeyError:
            raise ValueError(f"{self.describe()} has no field {field_name!r}") from None

    def _key(self) -> tuple[int, int, int]:
        return self.factory_id, self.class_id, self.version

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ClassDefinition)
            and self._key() == other._key()
            and self.field_defs == other.field_defs
        )

    def __hash__(self) -> int:
        return hash((self.factory_id, self.class_id))

    def describe(self) -> str:
        """Name the class for a message."""
        return f"the portable class {self.factory_id}/{self.class_id} version {self.version}"

    def __repr__(self) -> str:
        return f"fid:{self.factory_id}, cid:{self.class_id}, v:{self.version}, fields:{self.field_defs}"


def type_name(field_type: int) -> str:
    """Name a field type for a message."""
    try:
        return FieldType(field_type).name
    except ValueError:
        return f"the unknown type {field_type}"


@declared
class _FieldAdders:
    add_byte_field: FieldAdder["ClassDefinitionBuilder"]
    add_boolean_field: FieldAdder["ClassDefinitionBuilder"]
    add_char_field: FieldAdder["ClassDefinitionBuilder"]
    add_short_field: FieldAdder["ClassDefinitionBuilder"]
    add_int_field: FieldAdder["ClassDefinitionBuilder"]
    add_long_field: FieldAdder["ClassDefinitionBuilder"]
    add_float_field: FieldAdder["ClassDefinitionBuilder"]
    add_double_field: FieldAdder["ClassDefinitionBuilder"]
    add_string_field: FieldAdder["ClassDefinitionBuilder"]
    add_utf_field: FieldAdder["ClassDefinitionBuilder"]
    add_decimal_field: FieldAdder["ClassDefinitionBuilder"]
    add_time_field: FieldAdder["ClassDefinitionBuilder"]
    add_date_field: FieldAdder["ClassDefinitionBuilder"]
    add_timestamp_field: FieldAdder["ClassDefinitionBuilder"]
    add_timestamp_with_timezone_field: FieldAdder["ClassDefinitionBuilder"]
    add_byte_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_boolean_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_char_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_short_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_int_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_long_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_float_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_double_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_string_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_utf_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_decimal_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_time_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_date_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_timestamp_array_field: FieldAdder["ClassDefinitionBuilder"]
    add_timestamp_with_timezone_array_field: FieldAdder["ClassDefinitionBuilder"]


def _adder(field_type: FieldType) -> "FieldAdder[ClassDefinitionBuilder]":
    def add(self: "ClassDefinitionBuilder", field_name: str) -> "ClassDefinitionBuilder":
        return self.add_field(field_name, field_type)

    return add  # type: ignore[return-value]


@implemented(
    {
        f"add_{name.lower()}_field": _adder(field_type)
        for name, field_type in FieldType.__members__.items()
        if field_type not in NESTED_TYPES
    }
)
class ClassDefinitionBuilder(_FieldAdders):
    """Makes a class definition: `ClassDefinitionBuilder(1, 2).add_int_field("age").build()`.

    Args:
        factory_id: Number of the factory that makes the objects.
        class_id: Number of the class within the factory.
        version: Version of the class; -1 means the portable version of the client.
    """

    def __init__(self, factory_id: int, class_id: int, version: int = 0) -> None:
        self.factory_id = factory_id
        self.class_id = class_id
        self.version = version
        self._definition = ClassDefinition(factory_id, class_id, version)
        self._built = False

    def add_portable_field(self, field_name: str, class_def: ClassDefinition) -> "ClassDefinitionBuilder":
        """Add a nested portable object.

        Args:
            field_name: Name of the field, once in each definition.
            class_def: Definition of the nested class.

        Returns:
            The same builder.

        Raises:
            HazelcastSerializationError: If there is a field of this name, or the definition is built.
            ValueError: If the nested class has the number 0.
        """
        return self._add_nested(field_name, FieldType.PORTABLE, class_def)

    def add_portable_array_field(
        self, field_name: str, class_def: ClassDefinition
    ) -> "ClassDefinitionBuilder":
        """Add an array of nested portable objects.

        Args:
            field_name: Name of the field, once in each definition.
            class_def: Definition of the class of the items.

        Returns:
            The same builder.

        Raises:
            HazelcastSerializationError: If there is a field of this name, or the definition is built.
            ValueError: If the nested class has the number 0.
        """
        return self._add_nested(field_name, FieldType.PORTABLE_ARRAY, class_def)

    def add_field_def(self, field_def: FieldDefinition) -> "ClassDefinitionBuilder":
        """Add a field that was defined elsewhere.

        Args:
            field_def: The field, with the index that comes next.

        Returns:
            The same builder.

        Raises:
            HazelcastSerializationError: If there is a field of this name, its index is not the next
                one, or the definition is built.
        """
        self._check_open()
        if field_def.index != self._definition.get_field_count():
            raise HazelcastSerializationError(
                f"the field {field_def.field_name!r} has the index {field_def.index}, "
                f"but the next one of {self._definition.describe()} is {self._definition.get_field_count()}"
            )
        self._definition.add_field_def(field_def)
        return self

    def build(self) -> ClassDefinition:
        """Return the definition; nothing can be added after it."""
        self._built = True
        return self._definition

    def _add_nested(
        self, field_name: str, field_type: FieldType, class_def: ClassDefinition
    ) -> "ClassDefinitionBuilder":
        if class_def.class_id == 0:
            raise ValueError("the class number of a portable class must not be 0")
        self._check_open()
        index = self._definition.get_field_count()
        ids = class_def.version, class_def.factory_id, class_def.class_id
        self._definition.add_field_def(FieldDefinition(index, field_name, field_type, *ids))
        return self

    def add_field(self, field_name: str, field_type: int) -> "ClassDefinitionBuilder":
        """Add a field of any type but those that hold portable objects.

        Args:
            field_name: Name of the field, once in each definition.
            field_type: One of the constants of `FieldType`.

        Returns:
            The same builder.

        Raises:
            HazelcastSerializationError: If there is a field of this name, or the definition is built.
        """
        self._check_open()
        index = self._definition.get_field_count()
        self._definition.add_field_def(FieldDefinition(index, field_name, field_type, self.version))
        return self

    def _check_open(self) -> None:
        if self._built:
            raise HazelcastSerializationError(f"{self._definition.describe()} is built already")
