"""Values of every built-in type go in and come out as they were."""

import datetime
import decimal
import sys
import uuid

import hazelcast
from hazelcast.config import IntType
from hazelcast.core import HazelcastJsonValue

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
things = client.get_map(prefix + "things").blocking()
values = [
    True,
    False,
    0,
    -1,
    2**31 - 1,
    1.5,
    float("inf"),
    "",
    "text",
    "Ünïcödé ☃ 🎉",
    "\0",
    b"",
    b"bytes",
    bytearray(b"array"),
    [],
    [1, "two", None, [3]],
    (1, 2),
    {"a": 1},
    {1, 2},
    decimal.Decimal("12.3400"),
    decimal.Decimal("-1E+5"),
    datetime.date(2024, 2, 29),
    datetime.time(23, 59, 58, 999999),
    datetime.datetime(2024, 2, 29, 12, 30, 1, 5),
    datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    uuid.UUID(int=7),
    HazelcastJsonValue([1, {"a": None}]),
    complex(1, 2),
    range(3),
    frozenset({1}),
    Ellipsis,
]
for number, value in enumerate(values):
    things.set(number, value)
    print(type(value).__name__, "->", repr(things.get(number)))
client.shutdown()

for int_type, number in [
    (IntType.BYTE, 100),
    (IntType.SHORT, 30000),
    (IntType.INT, 2**31 - 1),
    (IntType.LONG, 2**63 - 1),
    (IntType.BIG_INT, 2**100),
    (IntType.VAR, 2**70),
]:
    client = hazelcast.HazelcastClient(cluster_members=members, default_int_type=int_type)
    numbers = client.get_map(prefix + "numbers").blocking()
    numbers.set("n", number)
    print(numbers.get("n") == number, numbers.set(number, "key"), numbers.get(number))
    client.shutdown()
client = hazelcast.HazelcastClient(cluster_members=members)
try:
    client.get_map(prefix + "numbers").blocking().set("n", 2**31)
except Exception as error:
    print(type(error).__name__)
client.shutdown()
