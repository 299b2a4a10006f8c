"""Portable values: nested, in a query, by a second version of the class."""

import sys

import hazelcast
from hazelcast import predicate
from hazelcast.serialization.api import Portable


class Address(Portable):
    def __init__(self, street=None, zip_code=None):
        self.street, self.zip_code = street, zip_code

    def write_portable(self, writer):
        writer.write_string("street", self.street)
        writer.write_int("zip", self.zip_code)

    def read_portable(self, reader):
        self.street = reader.read_string("street")
        self.zip_code = reader.read_int("zip")

    def get_factory_id(self):
        return 7

    def get_class_id(self):
        return 1

    def __eq__(self, other):
        return (self.street, self.zip_code) == (other.street, other.zip_code)


class Order(Portable):
    def __init__(self, number=0, address=None, lines=None, weights=None):
        self.number, self.address, self.lines, self.weights = number, address, lines, weights

    def write_portable(self, writer):
        writer.write_long("number", self.number)
        writer.write_portable("address", self.address)
        writer.write_string_array("lines", self.lines)
        writer.write_double_array("weights", self.weights)

    def read_portable(self, reader):
        self.number = reader.read_long("number")
        self.address = reader.read_portable("address")
        self.lines = reader.read_string_array("lines")
        self.weights = reader.read_double_array("weights")

    def get_factory_id(self):
        return 7

    def get_class_id(self):
        return 2


class OrderWithNote(Order):
    def __init__(self, number=0, address=None, lines=None, weights=None, note=None):
        super().__init__(number, address, lines, weights)
        self.note = note

    def write_portable(self, writer):
        super().write_portable(writer)
        writer.write_string("note", self.note)

    def read_portable(self, reader):
        super().read_portable(reader)
        self.note = reader.read_string("note") if reader.has_field("note") else "no note"

    def get_class_version(self):
        return 1


members, prefix = sys.argv[1].split(","), sys.argv[2]
old = hazelcast.HazelcastClient(cluster_members=members, portable_factories={7: {1: Address, 2: Order}})
new = hazelcast.HazelcastClient(
    cluster_members=members, portable_factories={7: {1: Address, 2: OrderWithNote}}, portable_version=1
)
orders = old.get_map(prefix + "orders").blocking()
for number in range(5):
    orders.set(
        number,
        Order(number, Address(f"street {number}", 1000 + number), ["a", "b"][: number % 3], [number / 2]),
    )
read = orders.get(3)
print(read.number, read.address.street, read.address.zip_code, read.lines, read.weights)
print(orders.get(2).address == Address("street 2", 1002))
print(sorted(order.number for order in orders.values(predicate.greater("address.zip", 1002))))
print(orders.key_set(predicate.sql("number = 4")), sorted(orders.key_set(predicate.equal("lines[any]", "b"))))
newer = new.get_map(prefix + "orders").blocking()
print(newer.get(1).note, newer.get(1).address.street)
newer.set(9, OrderWithNote(9, Address("x", 1), [], [], "fragile"))
print(newer.get(9).note, orders.get(9).number, orders.get(9).address.street)
by_address = old.get_map(prefix + "by-address").blocking()
by_address.set(Address("main", 5), "found")
print(by_address.get(Address("main", 5)), by_address.get(Address("main", 6)))
old.shutdown()
new.shutdown()
