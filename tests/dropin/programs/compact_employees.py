"""Compact values with an explicit serializer, as values and keys, in queries and events."""

import datetime
import decimal
import sys
import threading

import hazelcast
from hazelcast import predicate
from hazelcast.serialization.api import CompactReader, CompactSerializer, CompactWriter


class Employee:
    def __init__(self, name, age, salary=None, born=None, skills=(), boss=None):
        self.name, self.age, self.salary, self.born = name, age, salary, born
        self.skills, self.boss = list(skills), boss

    def __repr__(self):
        return f"Employee({self.name}, {self.age}, {self.salary}, {self.born}, {self.skills}, {self.boss})"


class EmployeeSerializer(CompactSerializer[Employee]):
    def read(self, reader: CompactReader):
        return Employee(
            reader.read_string("name"),
            reader.read_int32("age"),
            reader.read_decimal("salary"),
            reader.read_date("born"),
            reader.read_array_of_string("skills"),
            reader.read_compact("boss"),
        )

    def write(self, writer: CompactWriter, obj: Employee):
        writer.write_string("name", obj.name)
        writer.write_int32("age", obj.age)
        writer.write_decimal("salary", obj.salary)
        writer.write_date("born", obj.born)
        writer.write_array_of_string("skills", obj.skills)
        writer.write_compact("boss", obj.boss)

    def get_type_name(self):
        return "dropin-employee"

    def get_class(self):
        return Employee


members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members, compact_serializers=[EmployeeSerializer()])
staff = client.get_map(prefix + "staff").blocking()
boss = Employee("Ada", 50, decimal.Decimal("9000.50"), datetime.date(1974, 2, 28), ["math"])
staff.set(1, boss)
for number in range(2, 7):
    staff.set(number, Employee(f"E{number}", 20 + number, decimal.Decimal(number), None, [], boss))
print(staff.get(1))
print(staff.get(4))
print(sorted(e.name for e in staff.values(predicate.greater("age", 24))))
print(sorted(staff.key_set(predicate.equal("boss.name", "Ada"))))
print(sorted(staff.key_set(predicate.sql("salary > 4"))))

arrived = threading.Event()
staff.add_entry_listener(include_value=True, added_func=lambda event: (print(event.value), arrived.set()))
staff.put(10, Employee("Zoe", 33))
assert arrived.wait(20)
print(staff.replace_if_same(10, Employee("Zoe", 33), Employee("Zoe", 34)), staff.get(10).age)
print(staff.contains_value(Employee("Zoe", 34)))

desks = client.get_map(prefix + "desks").blocking()
desks.set(Employee("Ada", 50), "corner")
print(desks.get(Employee("Ada", 50)), desks.get(Employee("Ada", 51)))

# Somebody who has never seen the class reads a generic record.
other = hazelcast.HazelcastClient(cluster_members=members)
print(other.get_map(prefix + "staff").blocking().size())
other.shutdown()
client.shutdown()
