"""Options of the client and of its data structures.

`Config` holds them all; the client takes the same options as keyword arguments. Assigning an option checks
it at once: a wrong type raises `TypeError`, a value out of range `ValueError`. Durations are in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hzclient.config.constants import (
    EvictionPolicy,
    IndexType,
    InFlightPolicy,
    InMemoryFormat,
    IntType,
    QueryConstants,
    ReconnectMode,
    SSLProtocol,
    TopicOverloadPolicy,
    UniqueKeyTransformation,
)
from hzclient.config.index import BitmapIndexOptions, IndexConfig, IndexUtil
from hzclient.config.option import (
    Option,
    OptionSet,
    Rejected,
    boolean,
    constant_of,
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
from hzclient.errors import InvalidConfigurationError
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
    from hzclient.discovery import AddressProvider

__all__ = [
    "BitmapIndexOptions",
    "ClassDefinition",
    "CompactSerializer",
    "Config",
    "EvictionPolicy",
    "FlakeIdGeneratorConfig",
    "IdentifiedDataSerializable",
    "InFlightPolicy",
    "InMemoryFormat",
    "IndexConfig",
    "IndexType",
    "IndexUtil",
    "IntType",
    "InvalidConfigurationError",
    "LoadBalancer",
    "MemberCallback",
    "MemberInfo",
    "MembershipListener",
    "NearCacheConfig",
    "Password",
    "Portable",
    "QueryConstants",
    "ReconnectMode",
    "ReliableTopicConfig",
    "SSLProtocol",
    "SocketOption",
    "StreamSerializer",
    "TokenProvider",
    "TopicOverloadPolicy",
    "UniqueKeyTransformation",
]

SocketOption = tuple[int, int, int | bytes]
MemberCallback = Callable[[MemberInfo], Any]
MembershipListener = tuple[MemberCallback | None, MemberCallback | None]
Password = str | bytes | Callable[[], str | bytes]


def _is_str(value: object) -> bool:
    return isinstance(value, str)


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


def _password(value: object) -> Any:
    if isinstance(value, (str, bytes)) or callable(value):
        return value
    raise Rejected(TypeError, "a str, bytes, or a function without parameters that returns one of them")


# Static types say Sequence and Mapping where only a list or a dict will do: checkers would refuse
# `[(print, None)]` as a list of listeners otherwise.


class Config(OptionSet):
    """Options of the client. Options that are not part of the official API say so."""

    __slots__ = ()
    skips_none = True

    # ------------------------------------------------------------------------------ cluster and client

    cluster_name = Option[str, str]("dev", text, "Name of the cluster. Members refuse clients that differ.")
    cluster_members = Option[list[str], Sequence[str]](
        [],
        list_of(_is_str, "str"),
        "Addresses to connect to first: `host`, `host:port`, `[IPv6]` or `[IPv6]:port`. Without a port, "
        "5701 to 5703 are tried. Empty: 127.0.0.1.",
    )
    client_name = Option[str | None, str](
        None, text, "Name of this client, for the cluster's management. Unset: `hz.client_` and a number."
    )
    labels = Option[list[str], Sequence[str]](
        [], list_of(_is_str, "str"), "Labels of this client, for the cluster's management."
    )

    # ----------------------------------------------------------------------------------------- network

    connection_timeout = Option[float, float](
        5.0,
        number(minimum=0),
        "Seconds to open a connection: TCP, TLS and authentication. 0: no limit.",
    )
    socket_options = Option[list[SocketOption], Sequence[SocketOption]](
        [],
        list_of(_is_socket_option, "tuples (level, option, value)"),
        "Arguments of `socket.setsockopt`, applied to each connection in this order.",
    )
    smart_routing = Option[bool, bool](
        True,
        boolean,
        "Whether the client connects to all members and calls the one that has the data. "
        "False: one connection for everything.",
    )
    use_public_ip = Option[bool, bool](
        False, boolean, "Whether members are reached at their public addresses, as far as they have some."
    )
    shuffle_member_list = Option[bool, bool](
        True, boolean, "Whether the client tries the addresses of the cluster in random order."
    )
    address_provider: Option[AddressProvider | None, AddressProvider] = Option(
        None,
        object_with("load_addresses", "translate"),
        "Finds addresses to connect to, in place of `cluster_members`. Beyond the official API.",
    )
    cloud_discovery_token = Option[str | None, str](
        None,
        text,
        "Token to find the members of a cloud cluster with. Excludes `cluster_members`.",
        secret=True,
    )
    cloud_coordinator_url = Option[str | None, str](
        None,
        text,
        "URL of the cloud's discovery service. Unset: that of the vendor. Beyond the official API.",
    )
    load_balancer = Option[LoadBalancer | None, LoadBalancer](
        None,
        instance_of(LoadBalancer, "a LoadBalancer"),
        "Chooses the member for calls that may go to any. Unset: round robin.",
    )

    # --------------------------------------------------------------------- start, heartbeat, reconnect

    async_start = Option[bool, bool](
        False,
        boolean,
        "Whether the client starts before it is connected. Calls fail meanwhile with `ClientOfflineError`.",
    )
    reconnect_mode = Option[int, int | str](
        ReconnectMode.ON,
        constant_of(ReconnectMode),
        "What the client does when it has lost all connections, one of `ReconnectMode`.",
    )
    retry_initial_backoff = Option[float, float](
        1.0, number(minimum=0), "Seconds between the first and the second round of attempts to connect."
    )
    retry_max_backoff = Option[float, float](
        30.0, number(minimum=0), "Seconds between rounds of attempts to connect at most."
    )
    retry_multiplier = Option[float, float](
        1.05, number(minimum=1), "Factor from one pause between rounds to the next."
    )
    retry_jitter = Option[float, float](
        0.0,
        number(minimum=0, maximum=1),
        "Part of a pause by which it is made longer or shorter at random.",
    )
    cluster_connect_timeout = Option[float, float](
        -1,
        number(minimum=0, also=-1),
        "Seconds after which the client gives up to connect. -1: never.",
    )
    heartbeat_interval = Option[float, float](
        5.0, number(above=0), "Seconds without a write after which a connection sends a heartbeat."
    )
    heartbeat_timeout = Option[float, float](
        60.0, number(above=0), "Seconds without a read after which a connection counts as dead."
    )

    # --------------------------------------------------------------------------------------------- TLS

    ssl_enabled = Option[bool, bool](False, boolean, "Whether connections use TLS.")
    ssl_cafile = Option[str | None, str](
        None,
        text,
        "Path of a PEM file with certificates of authorities to trust. Unset: those of the system.",
    )
    ssl_certfile = Option[str | None, str](
        None, text, "Path of a PEM file with the client's certificate and its chain."
    )
    ssl_keyfile = Option[str | None, str](
        None, text, "Path of a PEM file with the client's private key. Unset: it is in `ssl_certfile`."
    )
    ssl_password = Option[Password | None, Password](
        None,
        _password,
        "Password of the private key, or a function that returns it.",
        secret=True,
    )
    ssl_protocol = Option[int, int | str](
        SSLProtocol.TLSv1_2,
        constant_of(SSLProtocol),
        "The version of TLS to use, one of `SSLProtocol`.",
    )
    ssl_min_protocol = Option[int | None, int | str](
        None,
        constant_of(SSLProtocol),
        "The oldest version of TLS to use, one of `SSLProtocol`; with it or `ssl_max_protocol`, "
        "`ssl_protocol` does not count. Beyond the official API.",
    )
    ssl_max_protocol = Option[int | None, int | str](
        None,
        constant_of(SSLProtocol),
        "The newest version of TLS to use, one of `SSLProtocol`. Beyond the official API.",
    )
    ssl_ciphers = Option[str | None, str](None, text, "Ciphers to use, as a list in OpenSSL's format.")
    ssl_check_hostname = Option[bool, bool](
        False, boolean, "Whether a member's certificate must be for the host that was connected to."
    )

    # ------------------------------------------------------------------------------------ credentials

    creds_username = Option[str | None, str](None, text, "User name for authentication.")
    creds_password = Option[str | None, str](None, text, "Password for authentication.", secret=True)
    token_provider = Option[TokenProvider | None, TokenProvider](
        None,
        object_with("token"),
        "Gives tokens for authentication, in place of user name and password.",
    )

    # ------------------------------------------------------------------------------------------- calls

    invocation_timeout = Option[float, float](
        120.0, number(above=0), "Seconds after which a call is not tried again but fails."
    )
    invocation_retry_pause = Option[float, float](
        1.0, number(above=0), "Seconds between attempts of a call at most."
    )
    redo_operation = Option[bool, bool](
        False,
        boolean,
        "Whether calls that change data are sent again after a lost connection, though they may then take "
        "effect twice.",
    )
    max_in_flight_invocations = Option[int, int](
        0,
        integer(minimum=0),
        "Calls that may be on their way to one member at once. 0: no limit. Beyond the official API.",
    )
    in_flight_policy = Option[int, int | str](
        InFlightPolicy.WAIT,
        constant_of(InFlightPolicy),
        "What happens to a call beyond `max_in_flight_invocations`, one of `InFlightPolicy`. "
        "Beyond the official API.",
    )
    cp_direct_to_leader_routing = Option[bool, bool](
        False,
        boolean,
        "Whether calls to CP structures go to the member that leads their group, which saves a step. Needs "
        "smart routing and members of Enterprise Edition from 5.5 on, which alone tell the leaders. "
        "Beyond the official API.",
    )
    backup_ack_to_client_enabled = Option[bool, bool](
        True,
        boolean,
        "Whether members that hold backups report to the client, which saves a step. Needs smart routing.",
    )
    operation_backup_timeout = Option[float, float](
        5.0, number(above=0), "Seconds that a call which was answered waits for reports of its backups."
    )
    fail_on_indeterminate_operation_state = Option[bool, bool](
        False,
        boolean,
        "Whether a call whose backups did not report in time fails with `IndeterminateOperationStateError`.",
    )

    # ----------------------------------------------------------------------------------- serialization

    portable_version = Option[int, int](
        0, integer(minimum=0), "Version of Portable classes that have none of their own."
    )
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
        "Classes to deserialize, by factory id and class id.",
    )
    portable_factories = Option[
        dict[int, dict[int, type[Portable]]],
        Mapping[int, Mapping[int, type[Portable]]],
    ](
        {},
        dict_of(_is_int, _is_factory_of(Portable), "int to dict of int to class derived from Portable"),
        "Portable classes to deserialize, by factory id and class id.",
    )
    compact_serializers = Option[list[CompactSerializer[Any]], Sequence[CompactSerializer[Any]]](
        [],
        list_of(lambda item: isinstance(item, CompactSerializer), "CompactSerializer instances"),
        "Serializers of classes in the compact format.",
    )
    class_definitions = Option[list[ClassDefinition], Sequence[ClassDefinition]](
        [],
        list_of(lambda item: isinstance(item, ClassDefinition), "ClassDefinition instances"),
        "Definitions of Portable classes, needed for fields that may be None.",
    )
    check_class_definition_errors = Option[bool, bool](
        True, boolean, "Whether `class_definitions` must be complete."
    )
    is_big_endian = Option[bool, bool](True, boolean, "Byte order of serialized values.")
    default_int_type = Option[int, int | str](
        IntType.INT, constant_of(IntType), "What an int becomes for the members, one of `IntType`."
    )
    global_serializer = Option[type[StreamSerializer] | None, type[StreamSerializer]](
        None, subclass_of(StreamSerializer), "Serializer of classes that no other rule covers."
    )
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
        "Serializers by the class of what they serialize.",
    )
    pickle_enabled = Option[bool, bool](
        True,
        boolean,
        "Whether objects that no serializer covers are pickled, and pickled values are unpickled. Turn it "
        "off if others may write to the cluster: unpickling runs code. Beyond the official API.",
    )

    # ---------------------------------------------------------------------------- structures, listeners

    near_caches = Option[dict[str, NearCacheConfig], Mapping[str, NearCacheConfig | dict[str, Any]]](
        {}, named_option_sets(NearCacheConfig), "Options of maps that have a near cache, by name."
    )
    flake_id_generators = Option[
        dict[str, FlakeIdGeneratorConfig], Mapping[str, FlakeIdGeneratorConfig | dict[str, Any]]
    ]({}, named_option_sets(FlakeIdGeneratorConfig), "Options of flake id generators, by name.")
    reliable_topics = Option[
        dict[str, ReliableTopicConfig], Mapping[str, ReliableTopicConfig | dict[str, Any]]
    ]({}, named_option_sets(ReliableTopicConfig), "Options of reliable topics, by name.")
    membership_listeners = Option[list[MembershipListener], Sequence[MembershipListener]](
        [],
        list_of(_is_membership_listener, "tuples of two functions, one of which may be None"),
        "Pairs of functions that are called with a member that joined, and with one that left.",
    )
    lifecycle_listeners = Option[list[Callable[[str], Any]], Sequence[Callable[[str], Any]]](
        [],
        list_of(callable, "functions"),
        "Functions that are called with the client's new state, a constant of `LifecycleState`.",
    )
    event_queue_capacity = Option[int, int](
        100_000,
        integer(minimum=1),
        "Events that may wait for a listener; beyond it the oldest are dropped and the log says so. "
        "Beyond the official API.",
    )

    # -------------------------------------------------------------------------------------- statistics

    statistics_enabled = Option[bool, bool](
        False, boolean, "Whether the client sends statistics to the cluster."
    )
    statistics_period = Option[float, float](3.0, number(above=0), "Seconds between statistics.")
