"""Options of the client."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from hzclient.config.constants import BytesType, InFlightPolicy, IntType, ReconnectMode, SSLProtocol
from hzclient.config.option import (
    Option,
    OptionSet,
    Rejected,
    Schema,
    boolean,
    constant_of,
    described,
    dict_of,
    instance_of,
    integer,
    is_dict,
    is_tuple,
    list_of,
    named_option_sets,
    number,
    object_with,
    subclass_of,
    text,
)
from hzclient.config.structures import FlakeIdGeneratorConfig, NearCacheConfig, ReliableTopicConfig
from hzclient.core import MemberInfo
from hzclient.discovery import AddressProvider
from hzclient.security import TokenProvider
from hzclient.serialization.api import (
    CompactSerializer,
    IdentifiedDataSerializable,
    Portable,
    StreamSerializer,
)
from hzclient.serialization.portable.classdef import ClassDefinition
from hzclient.util import LoadBalancer

if TYPE_CHECKING:
    from hzclient.config._generated.typed import (
        FlakeIdGeneratorOptions,
        NearCacheOptions,
        ReliableTopicOptions,
    )

__all__ = ("Config", "MemberCallback", "MembershipListener", "Password", "SocketOption")

SocketOption = tuple[int, int, int | bytes]
MemberCallback = Callable[[MemberInfo], Any]
MembershipListener = tuple[MemberCallback | None, MemberCallback | None]
Password = str | bytes | Callable[[], str | bytes]


def _is_str(value: object) -> bool:
    return isinstance(value, str)


_list_of_str = described({"type": "array", "items": {"type": "string"}})(list_of(_is_str, "str"))


def _is_int(value: object) -> bool:
    return isinstance(value, int)


def _is_subclass(base: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, type) and issubclass(value, base)


def _is_factory_of(base: type) -> Callable[[object], bool]:
    is_product = _is_subclass(base)
    return lambda value: (
        is_dict(value)
        and all(_is_int(class_id) and is_product(product) for class_id, product in value.items())
    )


def _is_socket_option(value: object) -> bool:
    return is_tuple(value) and len(value) == 3


def _is_membership_listener(value: object) -> bool:
    if not is_tuple(value) or len(value) != 2:
        return False
    given = [listener for listener in value if listener is not None]
    return bool(given) and all(map(callable, given))


@described({"type": "string"})
def _password(value: object) -> Any:
    if isinstance(value, (str, bytes)) or callable(value):
        return value
    raise Rejected(TypeError, "a str, bytes, or a function without parameters that returns one of them")


@described({"type": "array", "items": {"type": "string"}})
def _pickle_names(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple | set | frozenset):
        raise Rejected(TypeError, "a list of classes and full names, such as 'app.models.Order'")
    return frozenset(map(_pickle_name, cast("Iterable[object]", value)))


def _pickle_name(item: object) -> str:
    if isinstance(item, type | FunctionType):
        return f"{item.__module__}.{item.__qualname__}"
    if not isinstance(item, str):
        raise Rejected(TypeError, "a list of classes and full names, such as 'app.models.Order'")
    if not all(part.isidentifier() for part in item.split(".")) or "." not in item:
        raise Rejected(ValueError, f"full names such as 'app.models.Order' (and {item!r} is none)")
    return item


# Each option is defined once, here: type when read, type when assigned, default, rule, unit, and the
# docstring below it. `python codecs` generates from this the `ClientOptions` that type checkers and editors
# see, and the texts that `help()` shows.
#
# The static types of containers are Sequence and Mapping, although only a list or a dict is accepted: list
# and dict are invariant, so type checkers would refuse `[(print, None)]` as a list of listeners.


class Config(OptionSet):
    """Options of the client. Options beyond the official API say so."""

    __slots__ = ()
    __module__ = "hzclient.config"
    skips_none = True

    # ------------------------------------------------------------------------------ cluster and client

    cluster_name = Option[str, str]("dev", text)
    """Name of the cluster. Members of a cluster with another name refuse the client."""
    cluster_members = Option[list[str], Sequence[str]]([], _list_of_str)
    """Addresses to connect to first: `host`, `host:port`, `[IPv6]` or `[IPv6]:port`.

    Without a port, the client tries 5701 to 5703. If the list is empty, it connects to 127.0.0.1.
    """
    client_name = Option[str | None, str](None, text)
    """Name of this client in the cluster's management tools. Unset means `hz.client_` and a number."""
    labels = Option[list[str], Sequence[str]]([], _list_of_str)
    """Labels of this client, for the cluster's management tools."""

    # ----------------------------------------------------------------------------------------- network

    connection_timeout = Option[float, float](5.0, number(minimum=0), unit="seconds")
    """Time limit for opening a connection, including TLS and authentication. 0 means no limit."""
    socket_options = Option[list[SocketOption], Sequence[SocketOption]](
        [], list_of(_is_socket_option, "tuples (level, option, value)")
    )
    """Arguments of `socket.setsockopt`, applied to each connection in this order."""
    smart_routing = Option[bool, bool](True, boolean)
    """Whether to connect to all members and send each request to the member that owns its data.

    If False, the client uses a single connection.
    """
    partition_group_routing = Option[bool, bool](False, boolean)
    """Whether to connect only to the members of one partition group, such as those of one zone.

    The Java client calls it mode `MULTI_MEMBER` with the strategy `PARTITION_GROUPS`. The group is that of
    the member that is connected first; if all its members are lost, the client connects to another group.
    Requests whose data is owned outside the group take one step more. Only Enterprise members (since 5.5)
    report groups; the client connects to all members, with a warning, if they do not. Needs `smart_routing`.
    Beyond the official API.
    """
    use_public_ip = Option[bool, bool](False, boolean)
    """Whether to connect to the public addresses of members that have one."""
    shuffle_member_list = Option[bool, bool](True, boolean)
    """Whether to try the addresses of the cluster in random order."""
    address_provider: Option[AddressProvider | None, AddressProvider] = Option(
        None, object_with("load_addresses", "translate")
    )
    """Finds the addresses to connect to, instead of `cluster_members`. Beyond the official API."""
    cloud_discovery_token = Option[str | None, str](None, text, secret=True)
    """Token for finding the members of a cloud cluster. Excludes `cluster_members`."""
    cloud_coordinator_url = Option[str | None, str](None, text)
    """URL of the cloud's discovery service. Unset means the vendor's. Beyond the official API."""
    load_balancer = Option[LoadBalancer | None, LoadBalancer](
        None, instance_of(LoadBalancer, "a LoadBalancer")
    )
    """Chooses the member for requests that any member can serve. Unset means round robin."""

    # --------------------------------------------------------------------- start, heartbeat, reconnect

    async_start = Option[bool, bool](False, boolean)
    """Whether to start without waiting for a connection.

    Until the client is connected, calls fail with `ClientOfflineError`.
    """
    reconnect_mode = Option[int, int | str](ReconnectMode.ON, constant_of(ReconnectMode))
    """What to do when all connections are lost, one of `ReconnectMode`."""
    retry_initial_backoff = Option[float, float](1.0, number(minimum=0), unit="seconds")
    """Pause between the first and the second round of connection attempts."""
    retry_max_backoff = Option[float, float](30.0, number(minimum=0), unit="seconds")
    """Longest pause between two rounds of connection attempts."""
    retry_multiplier = Option[float, float](1.05, number(minimum=1))
    """Factor by which the pause between rounds grows each time."""
    retry_jitter = Option[float, float](0.0, number(minimum=0, maximum=1))
    """Largest fraction by which a pause is randomly shortened or lengthened."""
    cluster_connect_timeout = Option[float, float](-1, number(minimum=0, also=-1), unit="seconds")
    """Time after which the client stops trying to connect. -1 means never, 0 after one round of attempts."""
    heartbeat_interval = Option[float, float](5.0, number(above=0), unit="seconds")
    """Time between checks of a connection. A ping follows if nothing was written, or if calls wait."""
    heartbeat_timeout = Option[float, float](60.0, number(above=0), unit="seconds")
    """Time after which a connection is closed if nothing was received, or if a ping was not answered."""

    # --------------------------------------------------------------------------------------------- TLS

    ssl_enabled = Option[bool, bool](False, boolean)
    """Whether connections use TLS."""
    ssl_cafile = Option[str | None, str](None, text)
    """Path of a PEM file with the trusted certificate authorities. Unset means those of the system."""
    ssl_certfile = Option[str | None, str](None, text)
    """Path of a PEM file with the client's certificate and its chain."""
    ssl_keyfile = Option[str | None, str](None, text)
    """Path of a PEM file with the client's private key. Unset means it is in `ssl_certfile`."""
    ssl_password = Option[Password | None, Password](None, _password, secret=True)
    """Password of the private key, or a function that returns it."""
    ssl_protocol = Option[int, int | str](SSLProtocol.TLSv1_2, constant_of(SSLProtocol))
    """Version of TLS, one of `SSLProtocol`."""
    ssl_min_protocol = Option[int | None, int | str](None, constant_of(SSLProtocol))
    """Oldest accepted version of TLS, one of `SSLProtocol`.

    `ssl_min_protocol` and `ssl_max_protocol` take precedence over `ssl_protocol`. Beyond the official API.
    """
    ssl_max_protocol = Option[int | None, int | str](None, constant_of(SSLProtocol))
    """Newest accepted version of TLS, one of `SSLProtocol`. Beyond the official API."""
    ssl_ciphers = Option[str | None, str](None, text)
    """Accepted ciphers, as a list in OpenSSL's format."""
    ssl_check_hostname = Option[bool, bool](False, boolean)
    """Whether a member's certificate must be valid for the host that the client connected to."""

    # ------------------------------------------------------------------------------------ credentials

    creds_username = Option[str | None, str](None, text)
    """User name for authentication."""
    creds_password = Option[str | None, str](None, text, secret=True)
    """Password for authentication."""
    token_provider = Option[TokenProvider | None, TokenProvider](None, object_with("token"))
    """Provides tokens for authentication. Takes precedence over user name and password."""

    # ------------------------------------------------------------------------------------------- calls

    invocation_timeout = Option[float, float](120.0, number(above=0), unit="seconds")
    """Time after which a failing call is not retried any more."""
    invocation_retry_pause = Option[float, float](1.0, number(above=0), unit="seconds")
    """Longest pause between two attempts of a call."""
    redo_operation = Option[bool, bool](False, boolean)
    """Whether to send calls that change data again after their connection was lost.

    They may then take effect twice.
    """
    max_in_flight_invocations = Option[int, int](0, integer(minimum=0), unit="calls")
    """Largest number of calls in flight to one member. 0 means no limit. Beyond the official API."""
    in_flight_policy = Option[int, int | str](InFlightPolicy.WAIT, constant_of(InFlightPolicy))
    """What happens to a call beyond `max_in_flight_invocations`, one of `InFlightPolicy`.

    Beyond the official API.
    """
    cp_direct_to_leader_routing = Option[bool, bool](False, boolean)
    """Whether to send calls of CP structures directly to the leader of their group, which saves a hop.

    Needs smart routing and Enterprise members from 5.5 on; other members do not report the leaders.
    Beyond the official API.
    """
    backup_ack_to_client_enabled = Option[bool, bool](True, boolean)
    """Whether backup members acknowledge directly to the client, which saves a hop. Needs smart routing."""
    operation_backup_timeout = Option[float, float](5.0, number(above=0), unit="seconds")
    """How long a call waits for acknowledgements of its backups after its response."""
    fail_on_indeterminate_operation_state = Option[bool, bool](False, boolean)
    """Whether a call fails with `IndeterminateOperationStateError` if backups do not acknowledge in time."""

    # ----------------------------------------------------------------------------------- serialization

    portable_version = Option[int, int](0, integer(minimum=0))
    """Version of Portable classes that do not define their own."""
    data_serializable_factories = Option[
        dict[int, dict[int, type[IdentifiedDataSerializable]]],
        Mapping[int, Mapping[int, type[IdentifiedDataSerializable]]],
    ](
        {},
        dict_of(
            _is_int,
            _is_factory_of(IdentifiedDataSerializable),
            "int to dict of int to class derived from IdentifiedDataSerializable",
        ),
    )
    """IdentifiedDataSerializable classes to deserialize, by factory id and class id."""
    portable_factories = Option[
        dict[int, dict[int, type[Portable]]],
        Mapping[int, Mapping[int, type[Portable]]],
    ](
        {},
        dict_of(_is_int, _is_factory_of(Portable), "int to dict of int to class derived from Portable"),
    )
    """Portable classes to deserialize, by factory id and class id."""
    compact_serializers = Option[list[CompactSerializer[Any]], Sequence[CompactSerializer[Any]]](
        [], list_of(lambda item: isinstance(item, CompactSerializer), "CompactSerializer instances")
    )
    """Serializers of classes in the Compact format."""
    class_definitions = Option[list[ClassDefinition], Sequence[ClassDefinition]](
        [], list_of(lambda item: isinstance(item, ClassDefinition), "ClassDefinition instances")
    )
    """Definitions of Portable classes, needed for fields that may be None."""
    check_class_definition_errors = Option[bool, bool](True, boolean)
    """Whether `class_definitions` must be complete."""
    is_big_endian = Option[bool, bool](True, boolean)
    """Whether values are serialized in big-endian byte order."""
    default_int_type = Option[int, int | str](IntType.INT, constant_of(IntType))
    """Type on the wire of an int, one of `IntType`."""
    global_serializer = Option[type[StreamSerializer] | None, type[StreamSerializer]](
        None, subclass_of(StreamSerializer)
    )
    """Serializer of classes that no other serializer covers."""
    custom_serializers = Option[
        dict[type[Any], type[StreamSerializer]],
        Mapping[type[Any], type[StreamSerializer]],
    ](
        {},
        dict_of(
            lambda key: isinstance(key, type),
            _is_subclass(StreamSerializer),
            "class to class derived from StreamSerializer",
        ),
    )
    """Serializers by the class that they serialize."""
    pickle_enabled = Option[bool, bool](True, boolean)
    """Whether objects that no serializer covers are pickled, and pickled values unpickled.

    Turn it off if others may write to the cluster: unpickling can run any code. Beyond the official API.
    """

    pickle_allowed = Option[frozenset[str] | None, Sequence[str | type[Any]] | None](None, _pickle_names)
    """Classes and functions that pickles may refer to, each as the class itself or by its full name.

    With a list, even an empty one, pickles that refer to anything else are neither read nor written. Plain
    data (numbers, texts, bytes, containers, dates, `Decimal`, `UUID`) is always allowed. None allows
    everything. Beyond the official API.
    """
    bytes_type = Option[int, int | str](BytesType.PICKLE, constant_of(BytesType))
    """Form in which `bytes` are written, one of `BytesType`.

    `BYTE_ARRAY` is much faster for large values, and other languages can read it. Values of Java's `byte[]`
    are then read as `bytes`, and otherwise as `bytearray`. Beyond the official API.
    """

    # ---------------------------------------------------------------------------- structures, listeners

    near_caches = Option[dict[str, NearCacheConfig], Mapping[str, "NearCacheConfig | NearCacheOptions"]](
        {}, named_option_sets(NearCacheConfig)
    )
    """Options of the near caches of maps, by name of the map. One `*` in a name matches any text."""
    flake_id_generators = Option[
        dict[str, FlakeIdGeneratorConfig],
        Mapping[str, "FlakeIdGeneratorConfig | FlakeIdGeneratorOptions"],
    ]({}, named_option_sets(FlakeIdGeneratorConfig))
    """Options of flake id generators, by name. One `*` in a name matches any text."""
    reliable_topics = Option[
        dict[str, ReliableTopicConfig], Mapping[str, "ReliableTopicConfig | ReliableTopicOptions"]
    ]({}, named_option_sets(ReliableTopicConfig))
    """Options of reliable topics, by name. One `*` in a name matches any text."""
    membership_listeners = Option[list[MembershipListener], Sequence[MembershipListener]](
        [], list_of(_is_membership_listener, "tuples of two functions, one of which may be None")
    )
    """Pairs of functions, called with each member that joins and each member that leaves."""
    lifecycle_listeners = Option[list[Callable[[str], Any]], Sequence[Callable[[str], Any]]](
        [], list_of(callable, "functions")
    )
    """Functions called with each new state of the client, a constant of `LifecycleState`."""
    event_queue_capacity = Option[int, int](100_000, integer(minimum=1), unit="events")
    """Largest number of events that may wait for one listener.

    Beyond it the oldest are dropped, and the client logs an error. Beyond the official API.
    """

    # ---------------------------------------------------------------------------------------- failover

    failover: Option[list[Config], Sequence[Config]] = Option(
        [], list_of(lambda item: isinstance(item, Config), "Config objects")
    )
    """Configurations of clusters of which the client uses one at a time, for example blue and green.

    If it cannot connect to one within its `cluster_connect_timeout` (120 seconds if that is -1), it tries the
    next one. They may differ only in the cluster's name, addresses, TLS and credentials. The list excludes
    all options but `try_count`. Beyond the official API.
    """
    try_count = Option[int, int](2**31 - 1, integer(minimum=0), unit="rounds")
    """How often the client tries all clusters of `failover` before it shuts down. Beyond the official API."""

    # -------------------------------------------------------------------------------------- statistics

    statistics_enabled = Option[bool, bool](False, boolean)
    """Whether the client sends statistics to the cluster."""
    statistics_period = Option[float, float](3.0, number(above=0), unit="seconds")
    """Time between two reports of statistics."""

    @classmethod
    def load(
        cls,
        source: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> Config:
        """Load a configuration from a file, a URL or a dict. Beyond the official API.

        The file has the keys of the Java client's `hazelcast-client.yaml`, and the options of this class
        below the key `hzclient`. Environment variables such as `HZCLIENT_NETWORK_CLUSTERMEMBERS` take
        precedence over it. What has no effect here is logged as a warning.

        Args:
            source: Path of a YAML, JSON or TOML file, a URL that begins with `hazelcast://`, or a dict. By
                default the file that the environment variable `HAZELCAST_CLIENT_CONFIG` names, or else
                `hazelcast-client.yaml` in the working directory, or else no file.
            environ: Environment variables. Defaults to those of the process.

        Returns:
            The configuration.

        Raises:
            InvalidConfigurationError: It is invalid. The text names file, line and key.
        """
        from hzclient.config._files.load import load_config  # keeps the import of the package fast

        return load_config(source, os.environ if environ is None else environ)

    @staticmethod
    def json_schema() -> Schema:
        """Return the JSON schema of configuration files, for editors. Beyond the official API.

        Returns:
            The schema, as a dict to be written with `json.dump()`.
        """
        from hzclient.config._files.load import json_schema

        return json_schema()
