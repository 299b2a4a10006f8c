"""A report by SQL over JSON documents and over a mapping with columns."""

import json
import sys

import hazelcast
from hazelcast.core import HazelcastJsonValue
from hazelcast.sql import HazelcastSqlError, SqlColumnType, SqlExpectedResultType

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
name = prefix.replace("-", "_") + "sales"
sql = client.sql
sql.execute(
    f"""CREATE OR REPLACE MAPPING {name} (__key INT, this JSON)
    TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json')"""
).result()
sales = client.get_map(name).blocking()
for number in range(12):
    sales.set(number, HazelcastJsonValue(json.dumps({"shop": "ABC"[number % 3], "amount": number * 10})))
value = sales.get(3)
print(value, repr(value), str(value) == value.to_string(), value.loads()["shop"], json.loads(str(value)))

query = f"""SELECT JSON_VALUE(this, '$.shop') AS shop, SUM(CAST(JSON_VALUE(this, '$.amount') AS INT)) AS total
    FROM {name} GROUP BY JSON_VALUE(this, '$.shop') ORDER BY shop"""
with client.sql.execute(query).result() as result:
    metadata = result.get_row_metadata()
    types = {value: name for name, value in vars(SqlColumnType).items() if not name.startswith("_")}
    for column in metadata.columns:
        print(column.name, types[column.type], column.nullable)
    for row in result:
        print(
            row["shop"],
            row[1],
            row.get_object("total"),
            row.get_object_with_index(0),
            row.metadata is metadata,
        )
    print(metadata.column_count, metadata.find_column("total"), metadata.find_column("nothing"))

with sql.execute(
    f"SELECT __key FROM {name} WHERE __key >= ? AND __key < ? ORDER BY __key", 3, 7
).result() as result:
    print([row["__key"] for row in result], result.is_row_set(), result.update_count())
deleted = sql.execute(
    f"DELETE FROM {name} WHERE __key > 8", expected_result_type=SqlExpectedResultType.UPDATE_COUNT
)
deleted = deleted.result()
print(deleted.is_row_set(), deleted.update_count(), sales.size())

for wrong in ["SELECT nothing FROM nowhere", f"SELECT bad FROM {name}", "SELEKT 1"]:
    try:
        sql.execute(wrong).result()
    except HazelcastSqlError as error:
        print(type(error).__name__, error.args[0].splitlines()[0][:60])

values = """SELECT CAST(1 AS TINYINT) a, CAST('2.50' AS DECIMAL) b, CAST('2024-02-29' AS DATE) c,
    CAST('23:59:58' AS TIME) d, CAST('2024-02-29T01:02:03' AS TIMESTAMP) e, CAST(NULL AS VARCHAR) f,
    TRUE g, 1.5e0 h"""
with sql.execute(values).result() as result:
    for row in result:
        print([row[index] for index in range(8)])
client.shutdown()
