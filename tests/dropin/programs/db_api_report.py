"""The DB-API (PEP 249): a table, rows, a report."""

import datetime
import sys

from hazelcast import db

members, prefix = sys.argv[1].split(","), sys.argv[2]
host, _, port = members[0].partition(":")
table = prefix.replace("-", "_") + "trips"
print(db.apilevel, db.threadsafety, db.paramstyle)
connection = db.connect(host=host, port=int(port))
cursor = connection.cursor()
cursor.execute(
    f"""CREATE OR REPLACE MAPPING {table} (__key INT, place VARCHAR, km DOUBLE, trip_day DATE)
    TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')"""
)
rows = [
    (1, "Oslo", 12.5, datetime.date(2024, 1, 2)),
    (2, "Rome", 8.0, datetime.date(2024, 1, 3)),
    (3, "Oslo", 4.25, None),
]
cursor.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, CAST(? AS DATE))", rows)
cursor.execute(f"SELECT __key, place, km, trip_day FROM {table} WHERE km > ? ORDER BY __key", (5.0,))
for column in cursor.description:
    print(column.name, column.type, column.null_ok)
print([tuple(row[index] for index in range(4)) for row in cursor.fetchall()])
cursor.execute(f"SELECT place, SUM(km) AS km FROM {table} GROUP BY place ORDER BY place")
row = cursor.fetchone()
print(row["place"], row["km"], cursor.fetchone()["place"], cursor.fetchone())
cursor.execute(f"SELECT __key FROM {table} ORDER BY __key")
cursor.arraysize = 2
print(
    [row["__key"] for row in cursor.fetchmany()],
    [row["__key"] for row in cursor.fetchmany(5)],
    cursor.fetchmany(),
)
cursor.execute(f"SELECT __key FROM {table} ORDER BY __key")
print([row["__key"] for row in cursor])
try:
    cursor.execute("SELECT FROM")
except db.Error as error:
    print(type(error).__name__, isinstance(error, db.DatabaseError))
connection.commit()
try:
    connection.rollback()
except Exception as error:
    print(type(error).__name__)
cursor.close()
try:
    cursor.execute("SELECT 1")
except db.Error as error:
    print(type(error).__name__)
connection.close()
try:
    connection.cursor()
except db.Error as error:
    print(type(error).__name__)
print(db.Date(2024, 5, 6), db.Time(1, 2, 3), db.Timestamp(2024, 5, 6, 7, 8, 9), db.Binary(b"x"))
