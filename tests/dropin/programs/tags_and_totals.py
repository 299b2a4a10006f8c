"""Totals over JSON documents, and tags in a multi map whose changes are reported."""

import json
import sys
import time

import hazelcast
from hazelcast import aggregator, predicate, projection
from hazelcast.config import IndexType
from hazelcast.core import HazelcastJsonValue

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)

people = client.get_map(prefix + "people").blocking()
people.add_index(attributes=["age"], index_type=IndexType.SORTED)
people.add_index(attributes=["city"], index_type="HASH", name="by-city")
ROWS = [("ann", 31, "Rome"), ("bob", 42, "Oslo"), ("cat", 23, "Rome"), ("dan", 64, "Bonn")]
for number, (name, age, city) in enumerate(ROWS):
    people.put(number, HazelcastJsonValue({"name": name, "age": age, "city": city}))

print(
    people.aggregate(aggregator.count()), people.aggregate(aggregator.count(), predicate.greater("age", 30))
)
for make in (
    *(aggregator.long_avg, aggregator.number_avg, aggregator.long_sum, aggregator.fixed_point_sum),
    *(aggregator.floating_point_sum, aggregator.max_, aggregator.min_, aggregator.distinct),
):
    total = people.aggregate(make("age"))
    print(make.__name__, sorted(total) if isinstance(total, (set, list)) else total)
oldest = people.aggregate(aggregator.max_by("age"))
print("oldest", oldest.key, json.loads(oldest.value.to_string())["name"])
in_rome = predicate.equal("city", "Rome")
print(sorted(people.project(projection.single_attribute("name"))))
print(sorted(people.project(projection.multi_attribute("name", "age"), in_rome)))
print(sorted(people.key_set(predicate.sql("age between 20 and 45 and city != 'Oslo'"))))
print(sorted(people.key_set(predicate.and_(predicate.like("name", "_a%"), predicate.not_(in_rome)))))
people.remove_all(predicate.less_or_equal("age", 31))
print("left", people.size())
for wrong in (lambda: projection.single_attribute(""), lambda: projection.multi_attribute()):
    try:
        print("no error", wrong())
    except ValueError as error:
        print(type(error).__name__)

tags = client.get_multi_map(prefix + "tags").blocking()
events = []


def on_event(event):
    events.append((event.event_type, event.key, event.value))


registration = tags.add_entry_listener(include_value=True, added_func=on_event)
for article, tag in [("a1", "news"), ("a1", "sport"), ("a2", "news"), ("a1", "news")]:
    print(article, tag, tags.put(article, tag))
deadline = time.monotonic() + 20
while len(set(events)) < 3:
    assert time.monotonic() < deadline
    time.sleep(0.05)
print(tags.remove_entry_listener(registration))
print("different events", sorted(set(events)))
print(sorted(tags.get("a1")), tags.value_count("a1"), tags.remove("a1", "news"), tags.remove_all("a1"))
client.shutdown()
