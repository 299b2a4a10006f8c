"""The short run of `tests.faults.cancellations`: cancelled calls leave nothing behind."""

from __future__ import annotations

import pytest

from tests.faults.cancellations import cancel
from tests.integration.cp.conftest import Clusters

CALLS = 20_000


@pytest.mark.timeout(300)
async def test_cancelled_calls_leave_nothing_behind(cp_clusters: Clusters) -> None:
    cluster, _ = cp_clusters.get("unsafe")
    run = await cancel(cluster.addresses, CALLS)
    assert run.problems == []
    assert run.cancelled >= CALLS
    assert run.completed > 100
