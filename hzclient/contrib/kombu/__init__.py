"""Broker for kombu and Celery on a Hazelcast cluster, without another server.

::

    from hzclient.contrib.kombu import install

    install()
    connection = kombu.Connection("hazelcast://10.0.0.1:5701,10.0.0.2:5701/?cluster_name=production")

`kombu.Connection(..., transport="hzclient.contrib.kombu:Transport")` does without `install()`.
"""

from __future__ import annotations

from kombu.transport import TRANSPORT_ALIASES

from hzclient.contrib._shared.urls import SCHEME
from hzclient.contrib.kombu._transport import Channel, QoS, Transport

__all__ = ("Channel", "QoS", "Transport", "install")


def install() -> None:
    """Make `hazelcast://` URLs known to kombu, which has no entry point for that."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:{Transport.__name__}"
