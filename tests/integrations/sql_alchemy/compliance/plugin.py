"""SQLAlchemy's pytest plugin, for a run of its dialect compliance suite that loads no other `conftest.py`."""

from typing import Any

import pytest
from sqlalchemy import Table, event, exc
from sqlalchemy.dialects import registry

from hzclient.contrib.sqlalchemy import HazelcastDialect
from tests.integrations.sql_alchemy.compliance.requirements import EXCLUDED


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



_collect_suite = pytest_collection_modifyitems  # noqa: F405


def pytest_collection_modifyitems(session: Any, config: Any, items: list[Any]) -> None:
    """Leave out the tests in `EXCLUDED`; one that does not exist is an error."""
    _collect_suite(session, config, items)
    excluded = {name for names in EXCLUDED.values() for name in names.split()}
    left_out = [item for item in items if _name(item) in excluded]
    unknown = excluded.difference(map(_name, left_out))
    if unknown and len(config.args) == 1 and not config.option.keyword:
        raise pytest.UsageError(f"the suite has no tests {', '.join(sorted(unknown))}: update EXCLUDED")
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _name(item: Any) -> str:
    return f"{item.getparent(pytest.Class).cls.__name__.partition('_hazelcast')[0]}.{item.originalname}"
