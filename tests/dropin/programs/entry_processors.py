"""Java entry processors, started from Python."""

import sys

import hazelcast
from hazelcast.errors import HazelcastError
from hazelcast.predicate import sql
from hazelcast.serialization.api import IdentifiedDataSerializable


class SetValue(IdentifiedDataSerializable):
    def __init__(self, value=None):
        self.value = value

    def write_data(self, output):
        output.write_string(self.value)

    def read_data(self, input):
        self.value = input.read_string()

    def get_factory_id(self):
        return 66

    def get_class_id(self):
        return 1


class RemoveEntry(IdentifiedDataSerializable):
    def write_data(self, output):
        pass

    def read_data(self, input):
        pass

    def get_factory_id(self):
        return 66

    def get_class_id(self):
        return 30


class Unknown(RemoveEntry):
    def get_class_id(self):
        return 9999


members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(
    cluster_members=members,
    data_serializable_factories={66: {1: SetValue, 30: RemoveEntry}},
)
states = client.get_map(prefix + "states").blocking()
states.put_all(dict.fromkeys(range(10), "new"))
print(states.execute_on_key(1, SetValue("paid")), states.get(1))
print(sorted(states.execute_on_keys([2, 3], SetValue("sent"))))
print(sorted(states.execute_on_entries(SetValue("late"), sql("this = 'new' AND __key > 7"))))
print(states.execute_on_key(4, RemoveEntry()), states.contains_key(4))
print(sorted(states.entry_set()))
try:
    states.execute_on_key(1, Unknown())
except HazelcastError as error:
    print(type(error).__name__)
client.shutdown()
