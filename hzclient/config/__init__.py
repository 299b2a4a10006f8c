"""Options of the client and of its data structures.

`Config` holds them all. The client takes the same options as keyword arguments, whose types are in
`ClientOptions`. Options are checked when they are assigned: a wrong type raises `TypeError`, a value out of
range `ValueError`. All durations are in seconds.
"""

from __future__ import annotations

from hzclient.config._generated.typed import (
    ClientOptions,
    FlakeIdGeneratorOptions,
    NearCacheOptions,
    ReliableTopicOptions,
)
from hzclient.config.client import Config, MemberCallback, MembershipListener, Password, SocketOption
from hzclient.config.constants import (
    BytesType,
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

__all__ = [
    "BitmapIndexOptions",
    "BytesType",
    "ClassDefinition",
    "ClientOptions",
    "CompactSerializer",
    "Config",
    "EvictionPolicy",
    "FlakeIdGeneratorConfig",
    "FlakeIdGeneratorOptions",
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
    "NearCacheOptions",
    "Password",
    "Portable",
    "QueryConstants",
    "ReconnectMode",
    "ReliableTopicConfig",
    "ReliableTopicOptions",
    "SSLProtocol",
    "SocketOption",
    "StreamSerializer",
    "TokenProvider",
    "TopicOverloadPolicy",
    "UniqueKeyTransformation",
]
