"""SQL in all faces."""

from __future__ import annotations

import pytest

from tests.integration.faces import Face
from tests.integration.sql.service import Sql


@pytest.fixture
def sql(face: Face) -> Sql:
    """Return the SQL service of the client under test."""
    return Sql(face)
