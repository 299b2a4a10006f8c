"""Pytest plugin that leaves out the tests in `EXCLUDED`, after SQLAlchemy's plugin has collected them."""

from typing import Any

import pytest
import sqlalchemy

from tests.integrations.sql_alchemy.compliance.requirements import EXCLUDED, EXCLUDED_IN_2_0

OLD = sqlalchemy.__version__.startswith("2.0.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Leave out the tests in `EXCLUDED`; one that does not exist is an error, except in an old suite."""
    groups = (EXCLUDED, EXCLUDED_IN_2_0) if OLD else (EXCLUDED,)
    excluded = {name for group in groups for names in group.values() for name in names.split()}
    left_out = [item for item in items if _name(item) in excluded]
    unknown = excluded.difference(map(_name, left_out))
    if unknown and not config.option.keyword and not OLD:
        raise pytest.UsageError(f"the suite has no tests {', '.join(sorted(unknown))}: update EXCLUDED")
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _name(item: Any) -> str:
    return f"{item.getparent(pytest.Class).cls.__name__.partition('_hazelcast')[0]}.{item.originalname}"
