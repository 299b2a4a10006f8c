"""Custom and global serializers, and identified values with nesting."""

import json
import sys

import hazelcast
from hazelcast.serialization.api import IdentifiedDataSerializable, StreamSerializer


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


class PointSerializer(StreamSerializer):
    def read(self, inp):
        return Point(inp.read_int(), inp.read_int())

    def write(self, out, obj):
        out.write_int(obj.x)
        out.write_int(obj.y)

    def get_type_id(self):
        return 1001

    def destroy(self):
        print("point serializer destroyed")


class Anything:
    def __init__(self, **fields):
        self.fields = fields

    def __repr__(self):
        return f"Anything({self.fields})"


class JsonSerializer(StreamSerializer):
    def read(self, inp):
        return Anything(**json.loads(inp.read_string()))

    def write(self, out, obj):
        out.write_string(json.dumps(obj.fields))

    def get_type_id(self):
        return 1002

    def destroy(self):
        print("json serializer destroyed")


class Person(IdentifiedDataSerializable):
    def __init__(self, name=None, friends=None):
        self.name, self.friends = name, friends

    def write_data(self, out):
        out.write_string(self.name)
        out.write_boolean(True)
        out.write_short(-3)
        out.write_long(2**40)
        out.write_double(0.5)
        out.write_byte_array(b"\x01\x02")
        out.write_string_array(["a", None, "b"])
        out.write_object(self.friends)

    def read_data(self, inp):
        self.name = inp.read_string()
        print(
            inp.read_boolean(),
            inp.read_short(),
            inp.read_long(),
            inp.read_double(),
            inp.read_byte_array(),
            inp.read_string_array(),
        )
        self.friends = inp.read_object()

    def get_factory_id(self):
        return 500

    def get_class_id(self):
        return 1


members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(
    cluster_members=members,
    custom_serializers={Point: PointSerializer},
    global_serializer=JsonSerializer,
    data_serializable_factories={500: {1: Person}},
)
shapes = client.get_map(prefix + "shapes").blocking()
shapes.set("p", Point(3, -4))
shapes.set("any", Anything(a=1, b=[2]))
shapes.set("person", Person("Ada", [Person("Bob"), Point(1, 1)]))
print(shapes.get("p"), shapes.get("any"))
person = shapes.get("person")
print(person.name, [getattr(friend, "name", friend) for friend in person.friends])
by_point = client.get_map(prefix + "by-point").blocking()
by_point.set(Point(1, 2), "here")
print(by_point.get(Point(1, 2)), by_point.get(Point(2, 1)), by_point.key_set())
client.shutdown()
