"""Configurations of several clusters, between which one client fails over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from hzclient.config.client import Config
from hzclient.config.option import OptionSet, is_dict, is_list
from hzclient.errors import InvalidConfigurationError

__all__ = ("clusters_of",)

_MAY_DIFFER: Final = frozenset(
    {
        *("cluster_name", "cluster_members", "use_public_ip", "shuffle_member_list"),
        *("address_provider", "cloud_discovery_token", "cloud_coordinator_url"),
        *("creds_username", "creds_password", "token_provider"),
        *(name for name in Config.options if name.startswith("ssl_")),
    }
)
"""What says where a cluster is and how the client proves its identity. All else belongs to the client."""

_OF_THE_LIST: Final = ("failover", "try_count")


def clusters_of(config: Config) -> Sequence[Config]:
    """Return the configurations of the clusters that a client may connect to, in order.

    Args:
        config: Options of the client.

    Returns:
        The list `failover`, or the configuration itself if there is no list.

    Raises:
        InvalidConfigurationError: The list is combined with other options, or its items contradict each
            other.
    """
    if not config.failover:
        return [config]
    default = Config()
    for name in Config.options:
        if name not in _OF_THE_LIST and _differs(config, default, name):
            raise InvalidConfigurationError(
                f"failover excludes {name}: give it in the configurations of the list"
            )
    first = config.failover[0]
    for index, other in enumerate(config.failover):
        for name in Config.options:
            if name not in _MAY_DIFFER and _differs(other, first, name):
                raise InvalidConfigurationError(
                    f"failover[{index}] differs from failover[0] in {name}; "
                    f"only these may differ: {', '.join(sorted(_MAY_DIFFER))}"
                )
        if other.failover:
            raise InvalidConfigurationError(f"failover[{index}] has a failover list of its own")
    return config.failover


def _differs(one: Config, other: Config, name: str) -> bool:
    return bool(_comparable(getattr(one, name)) != _comparable(getattr(other, name)))


def _comparable(value: Any) -> Any:
    """Return what to compare of a value: objects without equality, such as load balancers, by their class."""
    if isinstance(value, OptionSet):
        return _comparable(value.option_values)
    if is_dict(value):
        return {key: _comparable(item) for key, item in value.items()}
    if is_list(value):
        return [_comparable(item) for item in value]
    cls: type[Any] = type(cast(object, value))
    has_equality = isinstance(value, type) or callable(value) or "__eq__" in _methods(cls)
    return value if has_equality else cls


def _methods(cls: type[Any]) -> set[str]:
    return {name for base in cls.__mro__ if base is not object for name in vars(base)}
