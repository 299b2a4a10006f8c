"""What clients of all kinds share, as far as it needs no member."""

from __future__ import annotations

import hzclient.asyncio


async def test_default_names_count_every_client_of_the_process() -> None:
    names = [hzclient.asyncio.HazelcastClient(client_name=name).name for name in (None, "named", None)]
    first, last = (int(name.removeprefix("hz.client_")) for name in (names[0], names[2]))
    assert last == first + 2
