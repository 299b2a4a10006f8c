"""Locks on keys of a map, between threads."""

import sys
import threading

import hazelcast
from hazelcast.errors import HazelcastError

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
seats = client.get_map(prefix + "seats").blocking()


def in_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


seats.put("1A", "free")
print(seats.lock("1A"), seats.is_locked("1A"), seats.is_locked("1B"))
print(in_thread(lambda: seats.try_lock("1A")), in_thread(lambda: seats.try_put("1A", "x", 0.01)))


def unlock_of_others():
    try:
        seats.unlock("1A")
    except HazelcastError as error:
        return type(error).__name__
    return "no error"


print(in_thread(unlock_of_others))
seats.put("1A", "taken")
print(
    seats.unlock("1A"),
    seats.is_locked("1A"),
    in_thread(lambda: seats.try_lock("1A", lease_time=0.2, timeout=1)),
)
print(seats.try_lock("1A", timeout=20), seats.get("1A"))
print(in_thread(lambda: seats.force_unlock("1A")), seats.is_locked("1A"))
tags = client.get_multi_map(prefix + "tags").blocking()
print(
    tags.put("k", 1),
    tags.put("k", 1),
    tags.put("k", 2),
    sorted(tags.get("k")),
    tags.size(),
    tags.value_count("k"),
)
print(tags.lock("k"), tags.is_locked("k"), in_thread(lambda: tags.try_lock("k")), tags.unlock("k"))
print(tags.remove("k", 1), tags.remove_all("k"), tags.contains_key("k"), tags.entry_set())
tags.put_all({"x": [1, 2], "y": [3]})
print(sorted(tags.key_set()), sorted(tags.values()), tags.contains_entry("x", 2), tags.contains_value(9))


def add():
    for _ in range(25):
        seats.lock("count")
        seats.put("count", (seats.get("count") or 0) + 1)
        seats.unlock("count")


threads = [threading.Thread(target=add) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(seats.get("count"))
client.shutdown()
