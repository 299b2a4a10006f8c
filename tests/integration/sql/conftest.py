"""SQL in all faces."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.faces import Face, unique_name
from tests.integration.sql.service import Sql


@pytest.fixture
def sql(face: Face) -> Sql:
    """Return the SQL service of the client under test."""
    return Sql(face)


@pytest.fixture
async def table(cursor: Any) -> str:
    """Make a mapping of people through the module's own `cursor`, and return its name."""
    name = unique_name("people").replace("-", "_")
    await cursor.execute(
        f"CREATE MAPPING {name} (__key INT, name VARCHAR) TYPE IMap "
        "OPTIONS ('keyFormat'='int', 'valueFormat'='json-flat')"
    )
    return name
