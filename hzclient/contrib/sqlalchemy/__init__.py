"""SQLAlchemy dialect: mappings as tables.

    engine = create_engine("hazelcast://127.0.0.1:5701/?cluster_name=dev")

In tasks, use `create_async_engine("hazelcast+asyncio://127.0.0.1:5701/?cluster_name=dev")`.
"""

from hzclient.contrib.sqlalchemy._async import AsyncHazelcastDialect
from hzclient.contrib.sqlalchemy._compiler import Sink, generate_series, sink
from hzclient.contrib.sqlalchemy._dialect import HazelcastDialect

__all__ = ("AsyncHazelcastDialect", "HazelcastDialect", "Sink", "generate_series", "sink")
