"""A service that is configured by a Config object, and reports what it learns of the cluster."""

import sys

import hazelcast
from hazelcast.config import Config, EvictionPolicy, FlakeIdGeneratorConfig, NearCacheConfig

members, prefix = sys.argv[1].split(","), sys.argv[2]

config = Config()
config.cluster_members = members
config.client_name = "billing"
config.labels = ["service", "billing"]
config.lifecycle_listeners = [lambda state: print("state", state)]
config.membership_listeners = [(lambda member: print("joined", type(member).__name__), None)]
near = NearCacheConfig()
near.eviction_policy = EvictionPolicy.LFU
near.time_to_live = 20
config.near_caches = {prefix + "prices": near}
ids = FlakeIdGeneratorConfig()
ids.prefetch_count = 5
config.flake_id_generators = {prefix + "ids": ids}
print(near.eviction_policy, near.eviction_max_size, near.eviction_sampling_count)
print(
    config.connection_timeout, config.heartbeat_interval, config.invocation_timeout, config.retry_multiplier
)

client = hazelcast.HazelcastClient(config)
print("created", client.name, client.lifecycle_service.is_running())
cluster = client.cluster_service
uuids = [member.uuid for member in cluster.get_members()]
print(len(uuids), cluster.get_members(lambda member: member.lite_member))
print(
    "known", cluster.add_listener(lambda member: print("known", member.uuid in uuids), None, True) is not None
)
registration = client.lifecycle_service.add_listener(lambda state: print("never", state))
for _ in range(2):
    print("removed", client.lifecycle_service.remove_listener(registration))
client.get_map(prefix + "prices").blocking().put("a", 1)
partitions = client.partition_service
print(partitions.get_partition_count(), partitions.get_partition_id("a"), partitions.get_partition_id(5))
generator = client.get_flake_id_generator(prefix + "ids").blocking()
print("ids", len({generator.new_id() for _ in range(12)}))
prices = client.get_map(prefix + "prices").blocking()
client.shutdown()
print("running", client.lifecycle_service.is_running())
client.shutdown()

for call in (lambda: prices.get("b"), lambda: client.get_map("another")):
    try:
        print("no error", call())
    except Exception as error:
        print(type(error).__name__)
for options in (
    {"cluster_nam": "dev"},
    {"cluster_members": 5},
    {"labels": [1]},
    {"near_caches": {"a": {"time_to_live": -1}}},
    {"reconnect_mode": "MAYBE"},
    {"retry_jitter": 2},
    {"lifecycle_listeners": [1]},
    {"ssl_protocol": "x"},
    {"load_balancer": 3},
):
    try:
        print("accepted", Config.from_dict(options))
    except Exception as error:
        print(*options, type(error).__name__)
