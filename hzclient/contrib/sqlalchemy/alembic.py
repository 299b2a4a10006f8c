"""Alembic compares the mappings of a cluster with tables, if this module is imported."""

from alembic.ddl.impl import DefaultImpl

__all__ = ("HazelcastImpl",)


class HazelcastImpl(DefaultImpl):
    """What Alembic must know of the dialect: each statement takes effect at once, outside of transactions."""

    __dialect__ = "hazelcast"
    transactional_ddl = False
