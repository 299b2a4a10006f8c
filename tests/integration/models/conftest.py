"""The members that the model tests share, since each test kills one of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hzclient.server import LocalCluster
from tests.integration.models.disturbed import Disturbed


@pytest.fixture(scope="package")
def disturbed(server_version: str) -> Iterator[Disturbed]:
    """Return two members and three clients; the second member is killed now and then."""
    with LocalCluster(2, cluster_name="models", version=server_version) as cluster:
        disturbed = Disturbed(cluster)
        try:
            yield disturbed
        finally:
            disturbed.shutdown()
