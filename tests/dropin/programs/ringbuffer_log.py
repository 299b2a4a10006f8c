"""A ringbuffer as a bounded log: overflow, sequences, bulk reads."""

import sys

import hazelcast
from hazelcast.errors import HazelcastError
from hazelcast.proxy.ringbuffer import OVERFLOW_POLICY_FAIL, OVERFLOW_POLICY_OVERWRITE

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
log = client.get_ringbuffer("ten-" + prefix).blocking()
print(log.capacity(), log.size(), log.head_sequence(), log.tail_sequence(), log.remaining_capacity())
for number in range(10):
    log.add(f"line {number}", OVERFLOW_POLICY_FAIL)
print(log.add("too much", OVERFLOW_POLICY_FAIL), log.add("over", OVERFLOW_POLICY_OVERWRITE))
print(log.head_sequence(), log.tail_sequence(), log.size(), log.read_one(5), log.read_one(10))
print(log.add_all(["x", "y"], OVERFLOW_POLICY_OVERWRITE), log.head_sequence())
many = log.read_many(3, 1, 4)
print(list(many), len(many), many[0], many.read_count, many.next_sequence_to_read_from, many.size)
print([many.get_sequence(index) for index in range(many.size)])
print(list(log.read_many(0, 0, 3)))
for wrong in [
    lambda: log.read_one(-1),
    lambda: log.read_one(10000),
    lambda: log.read_many(0, 5, 3),
    lambda: log.read_many(0, 1, 2000),
]:
    try:
        print("read", list(wrong()))
    except (AssertionError, ValueError, HazelcastError) as error:
        print(type(error).__name__)
print(log.destroy())
client.shutdown()
