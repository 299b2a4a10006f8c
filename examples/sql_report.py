"""A report: SQL on the members, pandas here. Needs the extra `pandas`.

python examples/sql_report.py [HOST:PORT ...]
"""

import sys

import pandas

import hzclient
from hzclient.contrib.pandas import read_query, write_map

QUERY = """
    SELECT city, COUNT(*) AS orders, SUM(pieces) AS pieces
    FROM report_orders GROUP BY city ORDER BY city
"""


def main() -> None:
    """Load orders, and report them by city."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        orders = pandas.DataFrame(
            {
                "id": range(1, 7),
                "city": ["Oslo", "Rome", "Oslo", "Bern", "Rome", "Oslo"],
                "pieces": [3, 1, 2, 8, 1, 5],
            }
        )
        write_map(orders, client.get_map("report-orders").blocking(), key="id", type_name="examples.Order")
        client.sql.execute(
            """
            CREATE OR REPLACE MAPPING report_orders EXTERNAL NAME "report-orders" (
                __key BIGINT, city VARCHAR, pieces BIGINT
            ) TYPE IMap OPTIONS (
                'keyFormat' = 'bigint', 'valueFormat' = 'compact', 'valueCompactTypeName' = 'examples.Order'
            )
            """
        ).result()
        report = read_query(client, QUERY)
        report["share"] = (report["pieces"] / report["pieces"].sum()).map("{:.0%}".format)
        print(report.sort_values("city").to_string(index=False))


if __name__ == "__main__":
    main()
