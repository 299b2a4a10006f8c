# A function that is cached has further methods, which its type does not show.
# pyright: reportFunctionMemberAccess=false
"""dogpile.cache in Hazelcast: one thread of all processes makes a value. Needs the extra `dogpile`.

python examples/dogpile_cache.py [HOST:PORT ...]
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from dogpile.cache import make_region

region = make_region(key_mangler=lambda key: f"example:{key}").configure(
    "hazelcast",
    expiration_time=60,
    arguments={
        "members": sys.argv[1:] or ["127.0.0.1:5701"],
        "map_name": "example-dogpile",
        "hazelcast_expiration_time": 600,  # longer: the old value is served while a new one is made
        "distributed_lock": True,
        "deadline": 5.0,
    },
)


@region.cache_on_arguments()
def price(item: str) -> float:
    """Look up a price, which takes long."""
    print("looking up the price of", item)
    return 9.5


@region.cache_multi_on_arguments()
def stock(*items: str) -> list[int]:
    """Count pieces, for all items that are not cached at once."""
    print("counting", *items)
    return [len(item) for item in items]


def main() -> None:
    """Read and drop values."""
    price.invalidate("tea")  # type: ignore[attr-defined]
    with ThreadPoolExecutor(8) as threads:
        print(set(threads.map(price, ["tea"] * 8)))

    stock.invalidate("tea", "milk", "salt")  # type: ignore[attr-defined]
    stock("tea")
    print(stock("tea", "milk", "salt"))


if __name__ == "__main__":
    main()
