"""Predicates, paging, projections, aggregations and an index.

python examples/queries.py [HOST:PORT ...]
"""

import sys
from dataclasses import dataclass

import hzclient
from hzclient.aggregator import double_avg
from hzclient.config import IndexType
from hzclient.predicate import and_, between, equal, paging, true
from hzclient.projection import single_attribute
from hzclient.serialization.compact import Int32, compact


@compact(type_name="examples.Room")
@dataclass(frozen=True)
class Room:
    """A room of a hotel."""

    name: str
    beds: Int32
    price: float


def main() -> None:
    """Ask for rooms in several ways."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        rooms = client.get_map("rooms").blocking()
        rooms.add_index(attributes=["price"], index_type=IndexType.SORTED)
        rooms.put_all(
            {number: Room(f"room {number}", 1 + number % 3, 40.0 + number) for number in range(1, 10)}
        )

        cheap = rooms.values(and_(equal("beds", 2), between("price", 40, 45)))
        print(sorted(room.name for room in cheap))
        print(sorted(rooms.project(single_attribute("name"), equal("beds", 3))))
        print("average price:", rooms.aggregate(double_avg("price")))

        pages, seen = paging(true(), page_size=4), 0
        while page := rooms.key_set(pages):
            seen += len(page)
            pages.next_page()
        print(seen, "rooms in", pages.page, "pages")


if __name__ == "__main__":
    main()
