"""The keys of `hazelcast-client.yaml`: which option each one sets, or why it sets none."""

from __future__ import annotations

import base64
import binascii
import socket
import sys
from typing import Any, Final

from hzclient.config._files.kinds import (
    BOOL,
    TEXT,
    Finish,
    Items,
    Kind,
    Named,
    Open,
    Section,
    Value,
    choice,
    integer,
    number,
)
from hzclient.config._files.reader import Reader
from hzclient.config._files.references import instance_of_reference, is_reference, referred_object
from hzclient.config._files.tree import Node
from hzclient.config.constants import EvictionPolicy, TopicOverloadPolicy
from hzclient.config.structures import FlakeIdGeneratorConfig, NearCacheConfig, ReliableTopicConfig
from hzclient.core import DEFAULT_PORT
from hzclient.discovery import AddressProvider, DnsAddressProvider, KubernetesAddressProvider
from hzclient.errors import InvalidConfigurationError
from hzclient.security import BasicTokenProvider
from hzclient.util import RandomLB, RoundRobinLB

__all__ = ("CLIENT",)


# -------------------------------------------------------------------------------------- what is said

_JVM = "has no effect: there is no Java virtual machine in this client"
_JAVA_CLASS = "names a Java class, which this client cannot run; refer to a Python object as `module:Name`"
_JAVA_SERIALIZATION = "has no effect: this client neither writes nor reads Java's own serialization"
_FILTER = (
    "has no effect: this client creates no Java objects; pickle_enabled and pickle_allowed limit pickles"
)


def _ignored(note: str, **keys: Any) -> Section:
    return Section({key.replace("_", "-"): kind for key, kind in keys.items()}, note=note)


def _refused_if_enabled(reason: str) -> Finish:
    def finish(_: Reader, node: Node, values: dict[str, Any]) -> None:
        if values.get("enabled"):
            raise node.error(f"cannot be enabled: {reason}")

    return finish


# -------------------------------------------------------------------------------------- conversions


def _seconds(milliseconds: float) -> float:
    return milliseconds / 1000


def _seconds_or_never(milliseconds: float) -> float:
    return -1 if milliseconds < 0 else milliseconds / 1000


def _seconds_or_no_limit(seconds: int) -> int | None:
    return seconds or None


def _socket_options(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    options: list[tuple[int, int, int]] = [
        (level, name, int(values[key])) for key, level, name in _FLAGS if key in values
    ]
    size = values.get("buffer-size", 0) * 1024
    if size:
        options += [(socket.SOL_SOCKET, name, size) for name in (socket.SO_RCVBUF, socket.SO_SNDBUF)]
    reader.put("socket_options", options, node)


_FLAGS: Final = (
    ("tcp-no-delay", socket.IPPROTO_TCP, socket.TCP_NODELAY),
    ("keep-alive", socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    ("reuse-address", socket.SOL_SOCKET, socket.SO_REUSEADDR),
)


def _routing(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    mode = values.get("mode", "ALL_MEMBERS")
    reader.put("smart_routing", mode != "SINGLE_MEMBER", node)
    reader.put("partition_group_routing", mode == "MULTI_MEMBER", node)


_TLS_VERSIONS: Final = {"TLSv1": "TLSv1", "TLSv1.1": "TLSv1_1", "TLSv1.2": "TLSv1_2", "TLSv1.3": "TLSv1_3"}

_PEM_PROPERTIES: Final = {
    "keyFile": "ssl_keyfile",
    "keyPassword": "ssl_password",
    "keyCertChainFile": "ssl_certfile",
    "trustCertCollectionFile": "ssl_cafile",
    "ciphersuites": "ssl_ciphers",
}
_JAVA_STORES: Final = ("trustStore", "keyStore")
_NO_MEANING: Final = (
    "trustStorePassword",
    "trustStoreType",
    "trustManagerAlgorithm",
    "keyStorePassword",
    "keyStoreType",
    "keyManagerAlgorithm",
    "keyMaterialDuration",
    "mutualAuthentication",
    "openssl",
    "fipsMode",
)
_SSL_PROPERTIES: Final = (*_PEM_PROPERTIES, "protocol", "validateIdentity", *_JAVA_STORES, *_NO_MEANING)


def _ssl(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    reader.put("ssl_enabled", values.get("enabled", False), node)
    inner = node.value.get("properties") if isinstance(node.value, dict) else None
    given = inner.value if inner is not None and isinstance(inner.value, dict) else {}
    for key, child in given.items():
        value = values["properties"][key]
        if key in _PEM_PROPERTIES:
            reader.put(_PEM_PROPERTIES[key], value, child)
        elif key == "validateIdentity":
            reader.put("ssl_check_hostname", Value(BOOL).read(child, reader), child)
        elif key == "protocol":
            version = Value(choice("TLS", *_TLS_VERSIONS)).read(child, reader)
            option, name = (
                ("ssl_min_protocol", "TLSv1_2")
                if version == "TLS"
                else ("ssl_protocol", _TLS_VERSIONS[version])
            )
            reader.put(option, name, child)
        elif key in _JAVA_STORES and values.get("enabled"):
            raise child.error(
                "stores of Java cannot be read; convert it to PEM and give trustCertCollectionFile, "
                "keyCertChainFile and keyFile"
            )
        else:
            reader.note(child, "has no effect: Python reads certificates and keys as PEM files")


def _credentials(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    text = values.get("class-name", "")
    if is_reference(text):
        reader.put("token_provider", instance_of_reference(text, node, values.get("properties")), node)
    else:
        reader.note(node, f"{_JAVA_CLASS}, whose instance has a method `token`")


def _token(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    token: str | bytes = values.get("value", "")
    if values.get("encoding") == "base64":
        try:
            token = base64.b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            raise node.error("the value is not valid base64") from None
    reader.put("token_provider", BasicTokenProvider(token), node)


def _no_kerberos(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    raise node.error("Kerberos is not supported; use username-password or token, or give a token_provider")


def _load_balancer(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    kind, text = values.get("type", "round-robin"), values.get("class-name", "")
    if kind == "custom" and not is_reference(text):
        raise node.error("a custom load balancer needs `class-name: module:Name`, a Python class")
    balancers = {"random": RandomLB, "round-robin": RoundRobinLB}
    made = instance_of_reference(text, node) if kind == "custom" else balancers[kind]()
    reader.put("load_balancer", made, node)


def _discovery_strategy(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    text = values.get("class", "")
    if not values.get("enabled", True):
        return
    if is_reference(text):
        reader.put("address_provider", instance_of_reference(text, node, values.get("properties")), node)
    else:
        reader.note(node, f"{_JAVA_CLASS}, an address provider")


def _listeners(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    items = node.value.get("listeners") if isinstance(node.value, dict) else None
    lifecycle: list[Any] = []
    membership: list[Any] = []
    for item in items.value if items is not None and isinstance(items.value, list) else []:
        text = str(item.value)
        if not is_reference(text):
            reader.note(item, _JAVA_CLASS)
            continue
        found = instance_of_reference(text, item)
        (membership if isinstance(found, tuple) else lifecycle).append(found)
    if items is not None:
        reader.put("lifecycle_listeners", lifecycle or None, items)
        reader.put("membership_listeners", membership or None, items)


def _byte_order(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    order = values.get("byte-order", "BIG_ENDIAN")
    native = values.get("use-native-byte-order", False)
    reader.put("is_big_endian", sys.byteorder == "big" if native else order == "BIG_ENDIAN", node)
    for key, option in _FACTORIES:
        children = node.value.get(key) if isinstance(node.value, dict) else None
        items = children.value if children is not None and isinstance(children.value, list) else []
        pairs = zip(items, values.get(key, ()), strict=True)
        reader.put(option, _factories(reader, pairs), node)
    _serializers(reader, node, values)


_FACTORIES: Final = (
    ("data-serializable-factories", "data_serializable_factories"),
    ("portable-factories", "portable_factories"),
)


def _factories(reader: Reader, pairs: Any) -> dict[int, Any] | None:
    made: dict[int, Any] = {}
    for node, values in pairs:
        text = values.get("class-name", "")
        if is_reference(text):
            made[values.get("factory-id", 0)] = referred_object(text, node)
        else:
            reader.note(node, f"{_JAVA_CLASS}, a dict of class ids to classes")
    return made or None


def _serializers(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    custom: dict[Any, Any] = {}
    for each in values.get("serializers", ()):
        names = each.get("type-class", ""), each.get("class-name", "")
        if all(map(is_reference, names)):
            custom[referred_object(names[0], node)] = referred_object(names[1], node)
        else:
            reader.note(node, f"serializers: {_JAVA_CLASS}")
    reader.put("custom_serializers", custom or None, node)
    compact: list[Any] = []
    for each in values.get("compact-serialization", {}).get("serializers", ()):
        text = each.get("serializer", "")
        if is_reference(text):
            compact.append(instance_of_reference(text, node))
        else:
            reader.note(node, f"compact-serialization: {_JAVA_CLASS}")
    reader.put("compact_serializers", compact or None, node)


def _global_serializer(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    text = values.get("class-name", "")
    if is_reference(text):
        reader.put("global_serializer", referred_object(text, node), node)
    else:
        reader.note(node, _JAVA_CLASS)


def _cloud(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    if values.get("enabled"):
        if "discovery-token" not in values:
            raise node.error("needs a discovery-token")
        reader.put("cloud_discovery_token", values["discovery-token"], node)


_KUBERNETES_UNSUPPORTED: Final = (
    *("api-token", "ca-certificate", "resolve-not-ready-addresses"),
    *("use-node-name-as-external-address", "service-per-pod-label-name", "service-per-pod-label-value"),
)


def _kubernetes(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    if not values.get("enabled"):
        return
    for key in _KUBERNETES_UNSUPPORTED:
        if key in values:
            raise node.error(f"{key} is not supported; give a KubernetesAddressProvider as address_provider")
    try:
        reader.put("address_provider", _kubernetes_provider(values), node)
    except InvalidConfigurationError as error:
        raise node.error(str(error)) from None


def _kubernetes_provider(values: dict[str, Any]) -> AddressProvider:
    if "service-dns" in values:
        port, timeout = values.get("service-port") or DEFAULT_PORT, values.get("service-dns-timeout") or 5.0
        return DnsAddressProvider(values["service-dns"], port, timeout=timeout)
    label = None
    if "service-label-name" in values:
        label = f"{values['service-label-name']}={values.get('service-label-value', '')}"
    pod_label = None
    if "pod-label-name" in values:
        pod_label = f"{values['pod-label-name']}={values.get('pod-label-value', '')}"
    return KubernetesAddressProvider(
        values.get("service-name"),
        label,
        pod_label=pod_label,
        namespace=values.get("namespace"),
        port_name=values.get("service-port-name", "hazelcast"),
        use_public_ip=values.get("use-public-ip") or values.get("expose-externally", False),
        api_url=values.get("kubernetes-master", "https://kubernetes.default.svc"),
        retries=values.get("kubernetes-api-retries", 3),
    )


def _near_cache(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    if values.get("in-memory-format") == "NATIVE":
        raise node.error("the in-memory-format NATIVE is not supported; use BINARY or OBJECT")
    reader.put("in_memory_format", values.get("in-memory-format"), node)


def _eviction(reader: Reader, node: Node, values: dict[str, Any]) -> None:
    policy = values.get("max-size-policy", "ENTRY_COUNT")
    if policy != "ENTRY_COUNT":
        raise node.error(f"the max-size-policy {policy} is not supported; use ENTRY_COUNT")


# --------------------------------------------------------------------------------------- the sections

_PROPERTIES: Final = {
    "hazelcast.client.shuffle.member.list": Value(BOOL, "shuffle_member_list"),
    "hazelcast.client.heartbeat.timeout": Value(number(0), "heartbeat_timeout", _seconds),
    "hazelcast.client.heartbeat.interval": Value(number(0), "heartbeat_interval", _seconds),
    "hazelcast.client.event.queue.capacity": Value(integer(1), "event_queue_capacity"),
    "hazelcast.client.event.thread.count": Value(
        integer(1), note="has no effect: each listener has a queue of its own"
    ),
    "hazelcast.client.invocation.timeout.seconds": Value(number(0), "invocation_timeout"),
    "hazelcast.client.invocation.retry.pause.millis": Value(number(0), "invocation_retry_pause", _seconds),
    "hazelcast.client.max.concurrent.invocations": Value(integer(0), "max_in_flight_invocations"),
    "hazelcast.client.operation.backup.timeout.millis": Value(
        number(0), "operation_backup_timeout", _seconds
    ),
    "hazelcast.client.operation.fail.on.indeterminate.state": Value(
        BOOL, "fail_on_indeterminate_operation_state"
    ),
    "hazelcast.client.statistics.enabled": Value(BOOL, "statistics_enabled"),
    "hazelcast.client.statistics.period.seconds": Value(number(0), "statistics_period"),
    "hazelcast.client.cloud.url": Value(TEXT, "cloud_coordinator_url"),
    "hazelcast.discovery.public.ip.enabled": Value(BOOL, "use_public_ip"),
}

_CLASS: Final[dict[str, Kind]] = {"class-name": Value(), "properties": Open({})}


def _provider(name: str) -> Section:
    """Return the section of a discovery service: its own keys are open, as in Java."""
    return Section(
        {"enabled": Value(BOOL), **dict.fromkeys(_PROVIDER_KEYS[name], Value())},
        _refused_if_enabled(
            f"discovery by {name} is not supported; give cluster-members, DNS names among them, "
            "or an address_provider"
        ),
    )


_SHARED: Final = ("hz-port", "use-public-ip", "region", "connection-timeout-seconds", "connection-retries")
_PROVIDER_KEYS: Final = {
    "aws": (
        *_SHARED,
        *("access-key", "secret-key", "host-header", "read-timeout-seconds", "security-group-name"),
        *("tag-key", "tag-value", "iam-role", "cluster", "family", "service-name"),
    ),
    "gcp": (*_SHARED, "private-key-path", "projects", "zones", "label"),
    "azure": (
        *_SHARED,
        *("instance-metadata-available", "client-id", "tenant-id", "client-secret", "subscription-id"),
        *("resource-group", "scale-set", "tag"),
    ),
    "eureka": (
        *("self-registration", "namespace", "use-metadata-for-host-and-port", "skip-eureka-registration"),
        *("use-classpath-eureka-client-props", "name", "shouldUseDns", "serviceUrl.default"),
    ),
}

_KUBERNETES: Final = Section(
    {
        "enabled": Value(BOOL),
        "namespace": Value(),
        "service-name": Value(),
        "service-label-name": Value(),
        "service-label-value": Value(),
        "pod-label-name": Value(),
        "pod-label-value": Value(),
        "service-dns": Value(),
        "service-dns-timeout": Value(number(0)),
        "service-port": Value(integer(0, 65535)),
        "service-port-name": Value(),
        "kubernetes-master": Value(),
        "kubernetes-api-retries": Value(integer(0)),
        "use-public-ip": Value(BOOL),
        "expose-externally": Value(BOOL),
        **dict.fromkeys(_KUBERNETES_UNSUPPORTED, Value(secret=True)),
    },
    _kubernetes,
)

_NETWORK: Final = Section(
    {
        "cluster-members": Items(Value(), "cluster_members"),
        "smart-routing": Value(BOOL, "smart_routing"),
        "cluster-routing": Section(
            {
                "mode": Value(choice("ALL_MEMBERS", "SINGLE_MEMBER", "MULTI_MEMBER")),
                "routing-strategy": Value(choice("PARTITION_GROUPS")),
            },
            _routing,
        ),
        "redo-operation": Value(BOOL, "redo_operation"),
        "connection-timeout": Value(integer(0), "connection_timeout", _seconds),
        "outbound-ports": Items(
            Value(), note="has no effect: the operating system chooses the port of the client's end"
        ),
        "socket-options": Section(
            {
                "tcp-no-delay": Value(BOOL),
                "keep-alive": Value(BOOL),
                "reuse-address": Value(BOOL),
                "linger-seconds": Value(
                    integer(0), note="has no effect: closing never waits, because that would block the loop"
                ),
                "buffer-size": Value(integer(0)),
            },
            _socket_options,
        ),
        "socket-interceptor": Section(
            {"enabled": Value(BOOL), **_CLASS}, note="has no effect: there are no socket interceptors"
        ),
        "ssl": Section(
            {
                "enabled": Value(BOOL),
                "factory-class-name": Value(note=_JVM),
                "properties": Section({key: Value(secret=True) for key in _SSL_PROPERTIES}),
            },
            _ssl,
        ),
        "auto-detection": _ignored(
            "has no effect: an empty list of members means 127.0.0.1", enabled=Value(BOOL)
        ),
        **{name: _provider(name) for name in _PROVIDER_KEYS},
        "kubernetes": _KUBERNETES,
        "icmp-ping": _ignored(
            "has no effect: heartbeats notice members that do not respond",
            enabled=Value(BOOL),
            timeout_milliseconds=Value(integer(0)),
            interval_milliseconds=Value(integer(1000)),
            ttl=Value(integer(0)),
            max_attempts=Value(integer(0)),
            echo_fail_fast_on_startup=Value(BOOL),
        ),
        "hazelcast-cloud": Section(
            {"enabled": Value(BOOL), "discovery-token": Value(secret=True)},
            _cloud,
        ),
        "discovery-strategies": Section(
            {
                "node-filter": _ignored(_JAVA_CLASS, **{"class": Value(), "properties": Open({})}),
                "discovery-strategies": Items(
                    Section(
                        {"enabled": Value(BOOL), "class": Value(), "properties": Open({})},
                        _discovery_strategy,
                    )
                ),
            }
        ),
    }
)

_JAAS: Final = Section(
    {
        "class-name": Value(),
        "usage": Value(choice("REQUIRED", "REQUISITE", "SUFFICIENT", "OPTIONAL")),
        "properties": Open({}),
    }
)

_SECURITY: Final = Section(
    {
        "username-password": Section(
            {
                "username": Value(TEXT, "creds_username"),
                "password": Value(TEXT, "creds_password", secret=True),
            }
        ),
        "token": Section(
            {"value": Value(secret=True), "encoding": Value(choice("none", "base64"))},
            _token,
        ),
        "credentials-factory": Section(_CLASS, _credentials),
        "kerberos": Section(
            dict.fromkeys(
                (
                    *("realm", "security-realm", "principal", "keytab-file", "service-name-prefix"),
                    *("spn", "use-canonical-hostname"),
                ),
                Value(),
            ),
            _no_kerberos,
        ),
        "realms": Items(
            Section({"name": Value(), "authentication": Section({"jaas": Items(_JAAS)})}),
            note="has no effect: only Kerberos uses realms, and it is not supported",
        ),
    }
)

_NAMES: Final = Items(Value())
_CLASS_LIST: Final = Section({"class": _NAMES, "package": _NAMES, "prefix": _NAMES})

_SERIALIZATION: Final = Section(
    {
        "portable-version": Value(integer(0), "portable_version"),
        "use-native-byte-order": Value(BOOL),
        "byte-order": Value(choice("BIG_ENDIAN", "LITTLE_ENDIAN")),
        "enable-compression": Value(BOOL, note=_JAVA_SERIALIZATION),
        "enable-shared-object": Value(BOOL, note=_JAVA_SERIALIZATION),
        "allow-unsafe": Value(BOOL, note=_JVM),
        "allow-override-default-serializers": Value(
            BOOL, note="has no effect: the serializers of built-in types cannot be replaced"
        ),
        "data-serializable-factories": Items(
            Section({"factory-id": Value(integer()), "class-name": Value()})
        ),
        "portable-factories": Items(Section({"factory-id": Value(integer()), "class-name": Value()})),
        "global-serializer": Section(
            {
                "class-name": Value(),
                "override-java-serialization": Value(BOOL, note=_JAVA_SERIALIZATION),
            },
            _global_serializer,
        ),
        "serializers": Items(Section({"type-class": Value(), "class-name": Value()})),
        "check-class-def-errors": Value(BOOL, "check_class_definition_errors"),
        "java-serialization-filter": _ignored(
            _FILTER, defaults_disabled=Value(BOOL), blacklist=_CLASS_LIST, whitelist=_CLASS_LIST
        ),
        "compact-serialization": Section(
            {
                "serializers": Items(Section({"serializer": Value()})),
                "classes": Items(
                    Section({"class": Value()}),
                    note="has no effect: any dataclass can be written in the Compact format",
                ),
                "zero-config-filter": _ignored(
                    _FILTER, defaults_disabled=Value(BOOL), blacklist=_CLASS_LIST, whitelist=_CLASS_LIST
                ),
            }
        ),
    },
    _byte_order,
)

_SIZE_POLICIES: Final = (
    *("ENTRY_COUNT", "PER_NODE", "PER_PARTITION"),
    *(
        f"{kind}_{memory}_{unit}"
        for memory in ("HEAP", "NATIVE_MEMORY")
        for kind in ("USED", "FREE")
        for unit in ("SIZE", "PERCENTAGE")
    ),
)
_FORMAT: Final = choice("BINARY", "OBJECT", "NATIVE")
_MILLIS: Final = integer(0)

_EVICTION_KEYS: Final[dict[str, Kind]] = {
    "eviction-policy": Value(choice("LRU", "LFU", "NONE", "RANDOM")),
    "max-size-policy": Value(choice(*_SIZE_POLICIES)),
    "size": Value(integer(0)),
    "comparator-class-name": Value(),
}

_NEAR_CACHE: Final = Section(
    {
        "time-to-live-seconds": Value(integer(0), "time_to_live", _seconds_or_no_limit),
        "max-idle-seconds": Value(integer(0), "max_idle", _seconds_or_no_limit),
        "invalidate-on-change": Value(BOOL, "invalidate_on_change"),
        "in-memory-format": Value(_FORMAT),
        "serialize-keys": Value(BOOL, note="has no effect: keys are kept serialized"),
        "local-update-policy": Value(
            choice("INVALIDATE", "CACHE_ON_UPDATE"),
            note="has no effect: a write removes the entry from the near cache",
        ),
        "preloader": _ignored(
            "has no effect: a near cache is empty when the client starts",
            enabled=Value(BOOL),
            directory=Value(),
            store_initial_delay_seconds=Value(integer(0)),
            store_interval_seconds=Value(integer(0)),
        ),
        "eviction": Section(
            {
                **_EVICTION_KEYS,
                "eviction-policy": Value(
                    choice(*(name for name in vars(EvictionPolicy) if name.isupper())), "eviction_policy"
                ),
                "size": Value(integer(1), "eviction_max_size"),
                "comparator-class-name": Value(note="has no effect: only the eviction policies exist"),
            },
            _eviction,
        ),
    },
    _near_cache,
)

_RETRY: Final = Section(
    {
        "initial-backoff-millis": Value(_MILLIS, "retry_initial_backoff", _seconds),
        "max-backoff-millis": Value(_MILLIS, "retry_max_backoff", _seconds),
        "multiplier": Value(number(1), "retry_multiplier"),
        "cluster-connect-timeout-millis": Value(integer(-1), "cluster_connect_timeout", _seconds_or_never),
        "jitter": Value(number(0, 1), "retry_jitter"),
    }
)

_SIZE: Final = Section(
    {"unit": Value(choice("BYTES", "KILOBYTES", "MEGABYTES", "GIGABYTES")), "value": Value(number(0))}
)

_QUERY_CACHE: Final = Section(
    {
        "map-name": Value(),
        "predicate": Section({"class-name": Value(), "sql": Value()}),
        "entry-listeners": Items(
            Section({"class-name": Value(), "include-value": Value(BOOL), "local": Value(BOOL)})
        ),
        "include-value": Value(BOOL),
        "batch-size": Value(integer(1)),
        "buffer-size": Value(integer(1)),
        "delay-seconds": Value(integer(0)),
        "in-memory-format": Value(_FORMAT),
        "coalesce": Value(BOOL),
        "populate": Value(BOOL),
        "serialize-keys": Value(BOOL),
        "eviction": Section(_EVICTION_KEYS),
        "indexes": Items(
            Section(
                {
                    "name": Value(),
                    "type": Value(choice("SORTED", "BITMAP", "HASH")),
                    "attributes": _NAMES,
                    "bitmap-index-options": Section(
                        {
                            "unique-key": Value(),
                            "unique-key-transformation": Value(choice("OBJECT", "LONG", "RAW")),
                        }
                    ),
                    "btree-index": Section({"page-size": _SIZE}),
                }
            )
        ),
    }
)

CLIENT: Final = Section(
    {
        "import": Items(Value()),
        "config-replacers": Section(
            {
                "fail-if-value-missing": Value(BOOL),
                "replacers": Items(
                    Section(_CLASS),
                    note="has no effect: ${VARIABLE} and $FILE{path} are replaced, and nothing else",
                ),
            }
        ),
        "cluster-name": Value(TEXT, "cluster_name"),
        "instance-name": Value(TEXT, "client_name"),
        "properties": Open(_PROPERTIES, "has no effect: this client has no such property"),
        "client-labels": Items(Value(), "labels"),
        "backup-ack-to-client-enabled": Value(BOOL, "backup_ack_to_client_enabled"),
        "cp-direct-to-leader-routing": Value(BOOL, "cp_direct_to_leader_routing"),
        "network": _NETWORK,
        "security": _SECURITY,
        "listeners": _NAMES,
        "serialization": _SERIALIZATION,
        "native-memory": _ignored(
            _JVM,
            enabled=Value(BOOL),
            allocator_type=Value(choice("STANDARD", "POOLED")),
            capacity=_SIZE,
            size=_SIZE,
            min_block_size=Value(integer(1)),
            page_size=Value(integer(1)),
            metadata_space_percentage=Value(number(0, 100)),
            persistent_memory_directory=Value(),
            persistent_memory=Section(
                {
                    "enabled": Value(BOOL),
                    "mode": Value(choice("MOUNTED", "SYSTEM_MEMORY")),
                    "directories": Items(Section({"directory": Value(), "numa-node": Value(integer(-1))})),
                }
            ),
        ),
        "proxy-factories": Items(Section({"class-name": Value(), "service": Value()}), note=_JAVA_CLASS),
        "load-balancer": Section(
            {"type": Value(choice("random", "round-robin", "custom")), "class-name": Value()},
            _load_balancer,
        ),
        "near-cache": Named(_NEAR_CACHE, "near_caches", NearCacheConfig),
        "flake-id-generator": Named(
            Section(
                {
                    "prefetch-count": Value(integer(1, 100000), "prefetch_count"),
                    "prefetch-validity-millis": Value(_MILLIS, "prefetch_validity", _seconds),
                }
            ),
            "flake_id_generators",
            FlakeIdGeneratorConfig,
        ),
        "query-caches": Named(_QUERY_CACHE, note="has no effect: this client has no query caches"),
        "connection-strategy": Section(
            {
                "async-start": Value(BOOL, "async_start"),
                "reconnect-mode": Value(choice("OFF", "ON", "ASYNC"), "reconnect_mode"),
                "connection-retry": _RETRY,
            }
        ),
        "reliable-topic": Named(
            Section(
                {
                    "read-batch-size": Value(integer(1), "read_batch_size"),
                    "topic-overload-policy": Value(
                        choice(*(name for name in vars(TopicOverloadPolicy) if name.isupper())),
                        "overload_policy",
                    ),
                }
            ),
            "reliable_topics",
            ReliableTopicConfig,
        ),
        "user-code-deployment": Section(
            {"enabled": Value(BOOL), "jarPaths": _NAMES, "classNames": _NAMES},
            note="has no effect: this client has no Java classes to send to members",
        ),
        "metrics": Section(
            {
                "enabled": Value(BOOL, "statistics_enabled"),
                "jmx": _ignored(_JVM, enabled=Value(BOOL)),
                "collection-frequency-seconds": Value(integer(1), "statistics_period"),
            }
        ),
        "instance-tracking": _ignored(
            "has no effect: this client writes no file about itself",
            enabled=Value(BOOL),
            file_name=Value(),
            format_pattern=Value(),
        ),
        "sql": Section(
            {
                "resubmission-mode": Value(
                    choice("NEVER", "RETRY_SELECTS", "RETRY_SELECTS_ALLOW_DUPLICATES", "RETRY_ALL"),
                    note="has no effect: this client never submits a statement again",
                )
            }
        ),
        "tpc": _ignored("has no effect: this client has one connection to each member", enabled=Value(BOOL)),
    },
    _listeners,
)
"""The section `hazelcast-client`."""
