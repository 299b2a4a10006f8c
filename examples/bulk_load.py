"""Load many entries with a progress bar. Needs the extra `cli`, which brings rich.

    python examples/bulk_load.py [HOST:PORT ...]

At most three batches are under way, so memory stays bounded however many rows there are.
"""

import itertools
import sys
from collections import deque
from collections.abc import Iterable, Iterator

from rich.progress import Progress

import hzclient
from hzclient.future import Future

ROWS = 20_000
BATCH = 2_000
UNDER_WAY = 3


def rows() -> Iterator[tuple[int, str]]:
    """Stand for a file or a cursor of a database."""
    for number in range(ROWS):
        yield number, f"row {number}"


def batches(source: Iterable[tuple[int, str]]) -> Iterator[dict[int, str]]:
    """Divide rows into batches."""
    iterator = iter(source)
    while batch := dict(itertools.islice(iterator, BATCH)):
        yield batch


def main() -> None:
    """Load all rows."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client, Progress() as progress:
        target = client.get_map("loaded")
        bar = progress.add_task("loading", total=ROWS)
        under_way: deque[tuple[Future[None], int]] = deque()

        def finish_oldest() -> None:
            future, count = under_way.popleft()
            future.result(timeout=60)
            progress.advance(bar, count)

        for batch in batches(rows()):
            under_way.append((target.put_all(batch), len(batch)))
            if len(under_way) == UNDER_WAY:
                finish_oldest()
        while under_way:
            finish_oldest()
        progress.stop()
        print(target.blocking().size(), "entries")


if __name__ == "__main__":
    main()
