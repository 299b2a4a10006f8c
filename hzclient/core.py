"""Values of the client's vocabulary: addresses, members, distributed objects, entries, JSON."""

from __future__ import annotations

import ipaddress
import json
import uuid
from dataclasses import dataclass
from typing import Any, Final, Generic, cast

from hzclient._slots import Slotted, fields_text
from hzclient.types import KeyType, ValueType

__all__ = (
    "Address",
    "AddressHelper",
    "CLIENT_TYPE",
    "DEFAULT_PORT",
    "DistributedObjectEvent",
    "DistributedObjectEventType",
    "DistributedObjectInfo",
    "EndpointQualifier",
    "HazelcastJsonValue",
    "MapEntry",
    "MemberInfo",
    "MemberVersion",
    "ProtocolType",
    "SERIALIZATION_VERSION",
    "SimpleEntryView",
)

CLIENT_TYPE: Final = "PYH"
"""How the client names its kind to the members."""

SERIALIZATION_VERSION: Final = 1
"""Version of the serialization format that the client speaks."""

DEFAULT_PORT: Final = 5701
"""First port of a member whose port is not given; the two after it are tried too."""

_DEFAULT_PORT_COUNT = 3


@dataclass(slots=True, eq=False, repr=False)
class Address(Slotted):
    """Address on which a member listens.

    Treat it as a value: it is hashed by its fields.

    Args:
        host: Host name, IPv4 address, or IPv6 address without brackets.
        port: TCP port.
    """

    host: str
    port: int

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Address):
            return NotImplemented
        return self.port == other.port and self.host == other.host

    def __hash__(self) -> int:
        return hash((self.host, self.port))

    def to_string(self) -> str:
        """Return the address as `host:port`, the form that `address_from_str()` parses."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return fields_text(self, "host", "port")


class AddressHelper:
    """Turns configured texts into addresses."""

    @staticmethod
    def get_possible_addresses(address: str) -> tuple[list[Address], list[Address]]:
        """Addresses to try for one configured member.

        Args:
            address: As for `address_from_str`.

        Returns:
            Those to try first and those to try when they fail. A text with a port gives one address;
            without a port, the default port comes first and the two after it later.

        Raises:
            ValueError: The text is not an address.
        """
        parsed = AddressHelper.address_from_str(address)
        if parsed.port != -1:
            return [parsed], []
        first, *later = (Address(parsed.host, DEFAULT_PORT + i) for i in range(_DEFAULT_PORT_COUNT))
        return [first], later

    @staticmethod
    def address_from_str(address: str, port: int = -1) -> Address:
        """Parse an address.

        Args:
            address: `host`, `host:port`, an IPv6 address, `[IPv6]` or `[IPv6]:port`.
            port: Port for a text that has none.

        Returns:
            The address; its port is `port` if the text has none.

        Raises:
            ValueError: The text is not an address; the message says why.
        """
        host, port_text = _split_address(address)
        if not host:
            raise ValueError(f"address {address!r} has no host")
        return Address(host, port if port_text is None else _parse_port(port_text, address))


def _split_address(address: str) -> tuple[str, str | None]:
    """Host and, if there is one, the text of the port."""
    if "://" in address:
        host = address.partition("://")[2].partition("/")[0]
        raise ValueError(f"address {address!r} is a URL; give host or host:port, {host!r} for example")
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"address {address!r} is not of the form [host] or [host]:port")
        return _check_ipv6(host, address), rest[1:] if rest else None
    if address.count(":") > 1:
        return _check_ipv6(address, address), None
    host, colon, port_text = address.partition(":")
    return host, port_text if colon else None


def _check_ipv6(host: str, address: str) -> str:
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError as error:
            raise ValueError(f"address {address!r} has an invalid IPv6 host: {error}") from error
    return host


def _parse_port(text: str, address: str) -> int:
    # int() alone would take signs, spaces, underscores and other scripts' digits.
    port = int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else 0
    if not 1 <= port <= 65535:
        raise ValueError(f"port {text!r} of address {address!r} is not a number from 1 to 65535")
    return port


class ProtocolType:
    """What an endpoint of a member is for."""

    MEMBER: Final = 0
    CLIENT: Final = 1
    WAN: Final = 2
    REST: Final = 3
    MEMCACHE: Final = 4


@dataclass(frozen=True, slots=True, repr=False)
class EndpointQualifier:
    """Identifies one of the endpoints of a member.

    Args:
        protocol_type: One of `ProtocolType`.
        identifier: Distinguishes endpoints of one type, such as `"public"`.
    """

    protocol_type: int
    identifier: str | None

    def __repr__(self) -> str:
        return fields_text(self, "protocol_type", "identifier")


@dataclass(frozen=True, slots=True, order=True)
class MemberVersion:
    """Version of a member."""

    major: int
    minor: int
    patch: int


class MemberInfo(Slotted):
    """A member of the cluster. Members are equal if address and UUID are.

    Args:
        address: Address at which the client reaches the member.
        member_uuid: Identity of the member; a restarted member has another one.
        attributes: Attributes that the member was configured with.
        lite_member: True if the member holds no data.
        version: Version of the member.
        address_map: All endpoints of the member.

    Attributes:
        address: As given.
        uuid: The `member_uuid`.
        attributes: As given.
        lite_member: As given.
        version: As given.
        address_map: As given.
    """

    __slots__ = ("address", "address_map", "attributes", "lite_member", "uuid", "version")

    def __init__(
        self,
        address: Address,
        member_uuid: uuid.UUID | None,
        attributes: dict[str, str] | None,
        lite_member: bool,
        version: MemberVersion,
        _: object,
        address_map: dict[EndpointQualifier, Address],
    ) -> None:
        # The unnamed parameter says whether the member sent an address map, which the map itself shows.
        self.address = address
        self.uuid = member_uuid
        self.attributes = attributes
        self.lite_member = lite_member
        self.version = version
        self.address_map = address_map

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MemberInfo):
            return NotImplemented
        return self.uuid == other.uuid and self.address == other.address

    def __hash__(self) -> int:
        return hash((self.address, self.uuid))

    def __str__(self) -> str:
        lite = " lite" if self.lite_member else ""
        return f"Member [{self.address.host}]:{self.address.port} - {self.uuid}{lite}"

    def __repr__(self) -> str:
        return (
            f"Member(address={self.address}, uuid={self.uuid}, attributes={self.attributes}, "
            f"lite_member={self.lite_member}, version={self.version})"
        )


@dataclass(frozen=True, slots=True, repr=False)
class DistributedObjectInfo:
    """Name of a distributed object, and the service that it belongs to."""

    service_name: str
    name: str

    def __repr__(self) -> str:
        return f"DistributedObjectInfo(serviceName={self.service_name}, name={self.name})"


class DistributedObjectEventType:
    """What happened to a distributed object."""

    CREATED: Final = "CREATED"
    DESTROYED: Final = "DESTROYED"


@dataclass(frozen=True, slots=True, repr=False)
class DistributedObjectEvent:
    """A distributed object was created or destroyed.

    Attributes:
        name: Name of the object.
        service_name: Service of the object.
        event_type: One of `DistributedObjectEventType`.
        source: UUID of the member that reports it.
    """

    name: str
    service_name: str
    event_type: str
    source: uuid.UUID

    def __repr__(self) -> str:
        return fields_text(self, "name", "service_name", "event_type", "source")


@dataclass(slots=True, eq=False, repr=False)
class SimpleEntryView(Slotted, Generic[KeyType, ValueType]):
    """An entry of a map with what the member knows about it.

    Attributes:
        key: Key of the entry.
        value: Value of the entry.
        cost: Memory that the entry takes on the member, in bytes.
        creation_time: Milliseconds since the epoch, like all times here.
        expiration_time: When the entry expires.
        hits: Number of reads.
        last_access_time: Time of the last read.
        last_stored_time: Time of the last write to the map store.
        last_update_time: Time of the last write.
        version: Number of writes.
        ttl: Time to live, in milliseconds.
        max_idle: Time without access after which the entry expires, in milliseconds.
    """

    key: KeyType
    value: ValueType
    cost: int
    creation_time: int
    expiration_time: int
    hits: int
    last_access_time: int
    last_stored_time: int
    last_update_time: int
    version: int
    ttl: int
    max_idle: int

    def __repr__(self) -> str:
        # The official client prints no closing parenthesis, and neither does this text.
        return fields_text(self, *SimpleEntryView.__slots__)[:-1]


_encode_json = json.JSONEncoder(check_circular=False).encode
_decode_json = json.JSONDecoder().raw_decode


def _dumps(value: Any) -> str:
    """Do what `json.dumps` does, without its bookkeeping against cycles: they exhaust the recursion."""
    try:
        return _encode_json(value)
    except RecursionError:
        return json.dumps(value)


def _loads(text: str) -> Any:
    """Do what `json.loads` does, which looks for white space around the document in any case."""
    try:
        value, end = _decode_json(text)
    except ValueError:
        return json.loads(text)
    return value if end == len(text) else json.loads(text)


class HazelcastJsonValue(Slotted):
    """A JSON document, which members can query.

    Args:
        value: The document as a text, which is taken as it is; or an object that `json.dumps` accepts.

    Raises:
        AssertionError: The value is None.
    """

    __slots__ = ("_json",)

    def __init__(self, value: Any) -> None:
        if value is None:
            raise AssertionError("a JSON value can't be None; for a JSON null use 'null'")
        self._json = value if isinstance(value, str) else _dumps(value)

    def to_string(self) -> str:
        """Return the document as text."""
        return self._json

    def loads(self) -> Any:
        """Return the document as Python objects.

        Returns:
            What `json.loads` makes of the text.

        Raises:
            ValueError: The text is not JSON.
        """
        return _loads(self._json)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HazelcastJsonValue):
            return NotImplemented
        return self._json == other._json

    def __hash__(self) -> int:
        return hash(self._json)

    def __repr__(self) -> str:
        return self._json


class MapEntry(Slotted, Generic[KeyType, ValueType]):
    """Key and value of a map's entry."""

    __slots__ = ("_key", "_value")

    def __init__(self, key: KeyType | None = None, value: ValueType | None = None) -> None:
        # Empty only until it is deserialized: to its users the entry is complete.
        self._key = cast(KeyType, key)
        self._value = cast(ValueType, value)

    @property
    def key(self) -> KeyType:
        """Key of the entry."""
        return self._key

    @property
    def value(self) -> ValueType:
        """Value of the entry."""
        return self._value

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key={self._key!r}, value={self._value!r})"
