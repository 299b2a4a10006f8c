"""A load balancer of the application's own, the ready ones, and listeners of life cycle and members."""

import sys
import time

import hazelcast
from hazelcast.lifecycle import LifecycleState
from hazelcast.util import LoadBalancer, RandomLB, RoundRobinLB

members, prefix = sys.argv[1].split(","), sys.argv[2]


class FirstMember(LoadBalancer):
    asked = 0

    def init(self, cluster_service):
        self.cluster = cluster_service

    def next(self):
        type(self).asked += 1
        found = sorted(self.cluster.get_members(), key=lambda member: member.address.port)
        return found[0] if found else None


states, joined = [], []
for balancer in (FirstMember(), RoundRobinLB(), RandomLB()):
    client = hazelcast.HazelcastClient(
        cluster_members=members,
        load_balancer=balancer,
        lifecycle_listeners=[states.append],
        membership_listeners=[(lambda member: joined.append(member.address), None)],
    )
    replicated = client.get_replicated_map(prefix + "settings").blocking()
    replicated.put("key", type(balancer).__name__)
    deadline = time.monotonic() + 20
    while replicated.get("key") != type(balancer).__name__ and time.monotonic() < deadline:
        time.sleep(0.01)
    print(type(balancer).__name__, replicated.get("key"))
    service = client.cluster_service
    print(
        len(service.get_members()),
        len(joined),
        sorted(map(str, joined)) == sorted(str(m.address) for m in service.get_members()),
    )
    print(len(service.get_members(lambda member: member.lite_member)), service.get_members()[0].version)
    called = []
    registration = service.add_listener(member_added=called.append, fire_for_existing=True)
    print(len(called), service.remove_listener(registration), service.remove_listener(registration))
    print(client.lifecycle_service.is_running(), client.partition_service.get_partition_count())
    print(client.partition_service.get_partition_id("a"), client.partition_service.get_partition_id(12))
    client.shutdown()
    print(states, client.lifecycle_service.is_running())
    del states[:], joined[:]
print("asked:", FirstMember.asked > 0)
print(LifecycleState.STARTED, LifecycleState.SHUTDOWN)
