"""Queries over JSON documents and plain values: predicates, paging, projections, aggregations, indexes."""

import sys

import hazelcast
from hazelcast import aggregator, predicate, projection
from hazelcast.config import IndexType
from hazelcast.core import HazelcastJsonValue
from hazelcast.util import IterationType

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
people = client.get_map(prefix + "people").blocking()
people.add_index(attributes=["age"], index_type=IndexType.SORTED)
people.add_index(attributes=["city"], index_type=IndexType.HASH, name="by-city")
cities = ["Ankara", "Berlin", "Cairo"]
for number in range(30):
    people.set(
        number,
        HazelcastJsonValue(
            {"name": f"p{number:02}", "age": 20 + number, "city": cities[number % 3], "vip": number % 7 == 0}
        ),
    )

queries = [
    predicate.sql("age >= 45 AND city = 'Berlin'"),
    predicate.equal("city", "Cairo"),
    predicate.not_equal("city", "Cairo"),
    predicate.like("name", "p1%"),
    predicate.ilike("name", "P_5"),
    predicate.regex("name", "p0[1-3]"),
    predicate.between("age", 22, 25),
    predicate.in_("age", 21, 31, 99),
    predicate.and_(predicate.greater("age", 40), predicate.less_or_equal("age", 44)),
    predicate.or_(predicate.less("age", 22), predicate.greater_or_equal("age", 48)),
    predicate.not_(predicate.equal("vip", True)),
    predicate.true(),
    predicate.false(),
]
for query in queries:
    print(query, "->", sorted(people.key_set(query)))

print([value.loads()["name"] for key, value in sorted(people.entry_set(predicate.equal("vip", True)))])

page = predicate.paging(predicate.greater_or_equal("this", 5), 4)
numbers = client.get_map(prefix + "numbers").blocking()
numbers.put_all({f"k{number:02}": number for number in range(20)})
print(page)
while True:
    values = numbers.values(page)
    if not values:
        break
    print(page.page, len(values))
    page.next_page()
page.reset()
print(page.page, page.page_size, page.previous_page(), page.next_page(), page.page)

print(sorted(numbers.project(projection.single_attribute("this"), predicate.less("this", 5))))
print(sorted(people.project(projection.multi_attribute("name", "age"), predicate.less("age", 23))))
print(sorted(people.project(projection.single_attribute("city"), predicate.less("age", 26))))
for of in [
    aggregator.count(),
    aggregator.int_sum("this"),
    aggregator.int_avg("this"),
    aggregator.max_("this"),
    aggregator.min_("this"),
    aggregator.number_avg("this"),
    aggregator.fixed_point_sum("this"),
    aggregator.floating_point_sum("this"),
]:
    print(numbers.aggregate(of), numbers.aggregate(of, predicate.greater("this", 10)))
print(sorted(people.aggregate(aggregator.distinct("city"))))
oldest = people.aggregate(aggregator.max_by("age"))
print(type(oldest).__name__, oldest.key, oldest.value)
print(IterationType.KEY, IterationType.VALUE, IterationType.ENTRY)
print(people.remove_all(predicate.greater("age", 25)), people.size())
client.shutdown()
