"""Java tasks on members: by key, by member, on all, and one that fails."""

import sys

import hazelcast
from hazelcast.errors import HazelcastError
from hazelcast.serialization.api import IdentifiedDataSerializable


class Task(IdentifiedDataSerializable):
    class_id = 0

    def __init__(self, text=None):
        self.text = text

    def write_data(self, output):
        if self.text is not None:
            output.write_string(self.text)

    def read_data(self, input):
        pass

    def get_factory_id(self):
        return 66

    def get_class_id(self):
        return self.class_id


class Echo(Task):
    class_id = 41


class WhereAmI(Task):
    class_id = 42


class Fail(Task):
    class_id = 43


members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
executor = client.get_executor(prefix + "tasks").blocking()
print(executor.execute_on_key_owner("key", Echo("hello")))
known = client.cluster_service.get_members()
print([executor.execute_on_member(member, WhereAmI()) == str(member.uuid) for member in known])
print(executor.execute_on_members(known, Echo("both")))
print(sorted(executor.execute_on_all_members(WhereAmI())) == sorted(str(member.uuid) for member in known))
owner = client.partition_service.get_partition_owner(client.partition_service.get_partition_id("key"))
print(executor.execute_on_key_owner("key", WhereAmI()) == str(owner))
try:
    executor.execute_on_key_owner("key", Fail("out of paper"))
except HazelcastError as error:
    print(type(error).__name__, "out of paper" in str(error))
print(executor.is_shutdown(), executor.shutdown(), executor.is_shutdown())
client.shutdown()
