"""CP structures while their leader is paused and killed: what all clients saw is linearizable."""

from __future__ import annotations

import pytest

from tests.integration.cp.histories import STEPS, WORKERS, record
from tests.integration.cp.sequential import MODELS
from tests.integration.faces import FACES


@pytest.mark.timeout(400)
async def test_histories_are_linearizable() -> None:
    run = await record()
    assert list(run.violations()) == []
    calls = dict.fromkeys(MODELS, 0)
    for (kind, _), made in run.recorder.calls.items():
        calls[kind] += len(made)
    # Each worker has made steps before the faults, after the pause, and after the kill.
    assert min(calls.values()) >= 3 * STEPS * WORKERS * len(FACES), run.summary()
