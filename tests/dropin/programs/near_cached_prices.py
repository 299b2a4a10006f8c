"""Prices behind a near cache: hits without a member, and changes of another client seen in time."""

import sys
import time

import hazelcast
from hazelcast.config import EvictionPolicy, InMemoryFormat

members, prefix = sys.argv[1].split(","), sys.argv[2]
reader = hazelcast.HazelcastClient(
    cluster_members=members,
    near_caches={
        prefix + "prices": {
            "invalidate_on_change": True,
            "in_memory_format": InMemoryFormat.OBJECT,
            "time_to_live": 60,
            "max_idle": 30,
            "eviction_policy": EvictionPolicy.LRU,
            "eviction_max_size": 100,
        }
    },
)
writer = hazelcast.HazelcastClient(cluster_members=members)
there = writer.get_map(prefix + "prices").blocking()
here = reader.get_map(prefix + "prices").blocking()
there.put_all({f"item-{number}": number for number in range(20)})
print([here.get("item-7") for _ in range(3)], here.get("nothing"), here.get("nothing"))
print(sorted(here.get_all(["item-1", "item-2"]).items()))
try:
    print("contains_key of a cached key:", here.contains_key("item-7"))
except AttributeError as error:
    print("contains_key of a cached key:", type(error).__name__)
there.put("item-7", 700)
deadline = time.monotonic() + 20
while here.get("item-7") != 700 and time.monotonic() < deadline:
    time.sleep(0.02)
print(here.get("item-7"))
here.put("item-7", 701)
print(here.get("item-7"), there.get("item-7"))
here.delete("item-7")
print(here.get("item-7"), there.get("item-7"))
there.clear()
while here.get("item-1") is not None and time.monotonic() < deadline:
    time.sleep(0.02)
print(here.get("item-1"), here.size())
writer.shutdown()
reader.shutdown()
