"""Every kind of entry event, printed as it comes."""

import sys
import threading

import hazelcast
from hazelcast.predicate import greater
from hazelcast.proxy.base import EntryEventType

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
stock = client.get_map(prefix + "stock").blocking()
names = {value: name for name, value in vars(EntryEventType).items() if not name.startswith("_")}
seen = []
arrived = threading.Condition()


def on_event(event):
    with arrived:
        seen.append((names[event.event_type], event.key, event.value, event.old_value))
        arrived.notify_all()


def wait_for(count):
    with arrived:
        assert arrived.wait_for(lambda: len(seen) >= count, 20), seen


registration = stock.add_entry_listener(
    include_value=True,
    added_func=on_event,
    updated_func=on_event,
    removed_func=on_event,
    evicted_func=on_event,
    clear_all_func=on_event,
    evict_all_func=on_event,
)
print(type(registration).__name__, len(registration))
steps = [
    lambda: stock.put("apple", 10),
    lambda: stock.put("apple", 9),
    lambda: stock.remove("apple"),
    lambda: stock.put("pear", 1),
    lambda: stock.evict("pear"),
    lambda: stock.put_all({"plum": 3}),
    lambda: stock.clear(),
    lambda: stock.put("fig", 7),
    lambda: stock.evict_all(),
]
for number, step in enumerate(steps):
    step()
    wait_for(number + 1)
for line in seen:
    print(*line)

print(stock.remove_entry_listener(registration), stock.remove_entry_listener(registration))

# Of one key, and only what a predicate selects.
del seen[:]

stock.add_entry_listener(key="kiwi", added_func=on_event)
stock.add_entry_listener(include_value=True, predicate=greater("this", 100), added_func=on_event)
stock.put("kiwi", 1)
wait_for(1)
stock.put("melon", 50)
stock.put("grape", 500)
wait_for(2)
for line in seen:
    print(*line)
client.shutdown()
