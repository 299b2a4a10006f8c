"""Lists and sets, their listeners, counters, unique ids, and the objects of the cluster."""

import sys
import threading

import hazelcast
from hazelcast.proxy.base import ItemEventType

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
todo = client.get_list(prefix + "todo").blocking()
print(todo.add("a"), todo.add_all(["b", "c", "b"]), todo.add_at(0, "first"), todo.add_all_at(1, ["x", "y"]))
print(
    todo.get_all(),
    todo.get(0),
    todo.index_of("b"),
    todo.last_index_of("b"),
    todo.index_of("none"),
    todo.sub_list(1, 3),
)
print(
    todo.set_at(0, "start"),
    todo.remove("b"),
    todo.remove_at(1),
    todo.contains("c"),
    todo.contains_all(["a", "q"]),
)
print(
    todo.retain_all(["a", "c"]), todo.iterator(), todo.list_iterator(1), todo.remove_all(["c"]), todo.size()
)
print("is_empty gives", type(todo.is_empty()).__name__)
try:
    todo.get(99)
except Exception as error:
    print(type(error).__name__)

names = {value: name for name, value in vars(ItemEventType).items() if not name.startswith("_")}
seen, arrived = [], threading.Condition()


def on_event(event):
    with arrived:
        seen.append(
            (
                names[event.event_type],
                event.item,
                event.name.endswith("team"),
                event.member in client.cluster_service.get_members(),
            )
        )
        arrived.notify_all()


team = client.get_set(prefix + "team").blocking()
registration = team.add_listener(True, on_event, on_event)
print(team.add("Ann"), team.add("Ann"), team.remove("Ann"), team.remove("Ann"))
with arrived:
    print(arrived.wait_for(lambda: len(seen) == 2, 20), seen)
print(
    team.remove_listener(registration),
    team.add_all(["x", "y"]),
    sorted(team.get_all()),
    team.contains_all(["x", "y"]),
    team.size(),
)

hits = client.get_pn_counter(prefix + "hits").blocking()
print(
    hits.get(),
    hits.increment_and_get(),
    hits.get_and_add(10),
    hits.get_and_subtract(1),
    hits.get(),
    hits.decrement_and_get(),
    hits.get_and_increment(),
    hits.subtract_and_get(4),
)
ids = client.get_flake_id_generator(prefix + "ids").blocking()
made = [ids.new_id() for _ in range(200)]
print(len(set(made)), all(isinstance(number, int) and number > 0 for number in made))
mine = sorted(
    (proxy.service_name, proxy.name[len(prefix) :])
    for proxy in client.get_distributed_objects()
    if proxy.name.startswith(prefix)
)
print(mine)
print(todo.destroy(), team.destroy())
client.shutdown()
