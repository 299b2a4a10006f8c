"""SQLAlchemy's pytest plugin, for a run of its dialect compliance suite that loads no other `conftest.py`."""

from typing import Any

import pytest
from sqlalchemy import Table, event, exc
from sqlalchemy.dialects import registry

from hzclient.contrib.sqlalchemy import HazelcastDialect


class ComplianceDialect(HazelcastDialect):
    """The dialect for tables of the suite, many of which have constraints that it does not test."""

    supports_statement_cache = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(unenforced_constraints="ignore", **kwargs)


for name in ("hazelcast", "hazelcast.hzclient"):
    registry.register(name, __name__, "ComplianceDialect")
pytest.register_assert_rewrite("sqlalchemy.testing.assertions")

from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: E402, F403


@event.listens_for(Table, "before_drop")
def _empty(table: Table, connection: Any, **_kwargs: Any) -> None:
    """Delete the rows of a table: dropping a mapping keeps them, and the suite uses the same names again."""
    try:
        connection.execute(table.delete())
    except exc.DBAPIError:  # it does not exist
        pass
