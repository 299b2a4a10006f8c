"""The life cycle of the connection to the cluster, and the pauses between attempts."""

from __future__ import annotations

import pytest

from hzclient._net.phase import Phase
from hzclient._pauses import Pauses
from hzclient.errors import IllegalStateError

MOVES = {
    (Phase.STARTING, Phase.CONNECTED),
    (Phase.STARTING, Phase.CLOSED),
    (Phase.CONNECTED, Phase.DISCONNECTED),
    (Phase.CONNECTED, Phase.CLOSED),
    (Phase.DISCONNECTED, Phase.CONNECTED),
    (Phase.DISCONNECTED, Phase.CLOSED),
    (Phase.CLOSED, Phase.CLOSED),  # shutting down twice does nothing
}


@pytest.mark.parametrize("after", Phase)
@pytest.mark.parametrize("before", Phase)
def test_moves(before: Phase, after: Phase) -> None:
    if (before, after) in MOVES:
        assert before.to(after) is after
    else:
        with pytest.raises(IllegalStateError, match=f"{before.name} cannot become {after.name}"):
            before.to(after)


def test_pauses_grow_up_to_the_longest() -> None:
    pauses = Pauses(0.1, 1.0)
    assert [pauses.after(n) for n in range(1, 7)] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0, 1.0])
    assert Pauses(1.0, 5.0, 3.0).after(2) == 3.0
    assert Pauses(10.0, 3.0).after(1) == 3.0
    assert Pauses(1.0, 7.0, 1e10).after(10**9) == 7.0
