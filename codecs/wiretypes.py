"""Python types of the protocol's types, and the functions that read and write them."""

from dataclasses import dataclass

from definitions import CustomType, DefinitionError
from naming import snake


@dataclass(frozen=True)
class FixedType:
    """Type of fixed size; all values of such types share one frame.

    Attributes:
        annotation: Type in Python.
        pack: Format of `struct` for writing.
        unpack: Format of `struct` for reading.
        size: Size in bytes.
    """

    annotation: str
    pack: str
    unpack: str
    size: int


FIXED = {
    "boolean": FixedType("bool", "?", "b", 1),
    "byte": FixedType("int", "b", "b", 1),
    "int": FixedType("int", "i", "i", 4),
    "long": FixedType("int", "q", "q", 8),
    "float": FixedType("float", "f", "f", 4),
    "UUID": FixedType("UUID", "17s", "17s", 17),
}


@dataclass(frozen=True)
class VariableType:
    """Type that has frames of its own.

    Attributes:
        annotation: Type in Python when it is read.
        accepted: Type in Python that can be written.
        read: Name of the function that reads it, and names of those that read its items.
        put: Name of the function that writes it, and names of those that write its items.
    """

    annotation: str
    accepted: str
    read: tuple[str, ...]
    put: tuple[str, ...]


def _simple(name: str, annotation: str, accepted: str = "", put: str = "") -> VariableType:
    return VariableType(annotation, accepted or annotation, (f"read_{name}",), (f"put_{put or name}",))


_SIMPLE = {
    "String": _simple("string", "str"),
    "Data": _simple("data", "bytes"),
    "byteArray": _simple("data", "bytes"),
    "longArray": _simple("longs", "list[int]", "Collection[int]"),
    "floatArray": _simple("floats", "list[float]", "Collection[float]"),
    "List_Long": _simple("longs", "list[int]", "Collection[int]"),
    "List_Integer": _simple("ints", "list[int]", "Collection[int]"),
    "List_UUID": _simple("uuids", "list[UUID]", "Iterable[UUID]"),
    "Set_UUID": _simple("uuid_set", "set[UUID]", "Iterable[UUID]", put="uuids"),
    "List_Data": _simple("data_list", "list[bytes]", "Iterable[bytes]"),
    "ListCN_Data": _simple("nullable_data_list", "list[bytes | None]", "Iterable[bytes | None]"),
    "EntryList_Integer_Integer": _simple(
        "int_int_entries", "list[tuple[int, int]]", "Iterable[tuple[int, int]]"
    ),
    "EntryList_Integer_Long": _simple(
        "int_long_entries", "list[tuple[int, int]]", "Iterable[tuple[int, int]]"
    ),
    "EntryList_Integer_UUID": _simple(
        "int_uuid_entries", "list[tuple[int, UUID]]", "Iterable[tuple[int, UUID]]"
    ),
    "EntryList_UUID_Long": _simple(
        "uuid_long_entries", "list[tuple[UUID, int]]", "Iterable[tuple[UUID, int]]"
    ),
    "EntryList_UUID_UUID": _simple(
        "uuid_uuid_entries", "list[tuple[UUID, UUID]]", "Iterable[tuple[UUID, UUID]]"
    ),
    "EntryList_Data_Data": _simple(
        "data_entries", "list[tuple[bytes, bytes]]", "Iterable[tuple[bytes, bytes]]"
    ),
    "EntryList_Long_byteArray": _simple(
        "long_bytes_entries", "list[tuple[int, bytes]]", "Collection[tuple[int, bytes]]"
    ),
    "EntryList_UUID_List_Integer": _simple(
        "uuid_ints_entries", "list[tuple[UUID, list[int]]]", "Collection[tuple[UUID, Sequence[int]]]"
    ),
    "SqlPage": _simple("sql_page", "SqlPage"),
}

ONE_FRAME = {"String", "Data", "byteArray"}
"""Types of one frame whose content is a text or bytes."""


LAYOUT = {
    **{"boolean": "b", "byte": "y", "int": "i", "long": "q", "float": "f", "UUID": "u"},
    **{"String": "s", "Data": "d", "byteArray": "d", "List_Data": "l", "EntryList_Data_Data": "e"},
}
"""Letters of the types that the compiled path reads and writes itself (see `Method` in the protocol package).

A capital letter stands for a variable-size type that may be null.
"""


@dataclass(frozen=True)
class PublicType:
    """Composite type that is part of the public API: a class written by hand elsewhere.

    Attributes:
        module: Module of the class.
        arguments: Fields in the order of the constructor's parameters; None for a parameter without a field.
        attributes: Expressions for the fields that are not attributes of the same name.
    """

    module: str
    arguments: tuple[str | None, ...]
    attributes: dict[str, str]


PUBLIC = {
    "Address": PublicType("hzclient.core", ("host", "port"), {}),
    "DistributedObjectInfo": PublicType("hzclient.core", ("serviceName", "name"), {}),
    "EndpointQualifier": PublicType("hzclient.core", ("type", "identifier"), {"type": "protocol_type"}),
    "MemberInfo": PublicType(
        "hzclient.core",
        ("address", "uuid", "attributes", "liteMember", "version", None, "addressMap"),
        {"attributes": "attributes or {}"},
    ),
    "MemberVersion": PublicType("hzclient.core", ("major", "minor", "patch"), {}),
    "RaftGroupId": PublicType("hzclient.protocol", ("name", "seed", "id"), {}),
}


class WireTypes:
    """All types, including the composite ones.

    Args:
        custom_types: The composite types.
    """

    def __init__(self, custom_types: tuple[CustomType, ...]) -> None:
        self.custom = {each.name: each for each in custom_types}

    def variable(self, name: str) -> VariableType:
        """Return the variable-size type with the given name.

        Args:
            name: Name of the type in the protocol.

        Returns:
            The type.

        Raises:
            DefinitionError: If there is no such type.
        """
        if name in _SIMPLE:
            return _SIMPLE[name]
        if name in self.custom:
            return _simple(snake(name), name)
        kind, _, rest = name.partition("_")
        if kind == "List":
            return self._list(rest)
        if kind in ("EntryList", "Map"):
            key, _, value = rest.partition("_")
            return self._entries(kind == "Map", key, value)
        raise DefinitionError(f"unknown type {name}")

    def _list(self, item_name: str) -> VariableType:
        item = self._item(item_name)
        return VariableType(
            f"list[{item.annotation}]",
            f"Iterable[{item.accepted}]",
            ("read_list", *item.read),
            ("put_list", *item.put),
        )

    def _entries(self, is_map: bool, key_name: str, value_name: str) -> VariableType:
        key, value = self._item(key_name), self._item(value_name)
        inner = f"{key.annotation}, {value.annotation}"
        accepted = f"{key.accepted}, {value.accepted}"
        return VariableType(
            f"dict[{inner}]" if is_map else f"list[tuple[{inner}]]",
            f"Mapping[{accepted}]" if is_map else f"Iterable[tuple[{accepted}]]",
            ("read_map" if is_map else "read_entries", *key.read, *value.read),
            ("put_map" if is_map else "put_entries", *key.put, *value.put),
        )

    def _item(self, name: str) -> VariableType:
        item = self.variable(name)
        if len(item.read) != 1:
            raise DefinitionError(f"{name} as an item of another type needs a reader of its own")
        return item
