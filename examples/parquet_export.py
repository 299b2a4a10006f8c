"""Export a map to Parquet page by page, and analyse it. Needs the extras `polars` and `pyarrow`.

python examples/parquet_export.py [HOST:PORT ...]
"""

import sys
import tempfile
from pathlib import Path

import polars
from pyarrow import parquet

import hzclient
from hzclient.contrib import polars as polars_maps
from hzclient.contrib import pyarrow as arrow_maps


def main() -> None:
    """Write readings into a map, export the map, and report the file."""
    with (
        hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client,
        tempfile.TemporaryDirectory() as folder,
    ):
        readings = client.get_map("export-readings").blocking()
        frame = polars.DataFrame({"id": range(1000), "sensor": ["a", "b"] * 500, "value": range(0, 2000, 2)})
        polars_maps.write_map(frame, readings, key="id")

        file = Path(folder, "readings.parquet")
        pages = arrow_maps.iter_map(readings, key="id", page_size=300)
        first = next(pages)
        with parquet.ParquetWriter(file, first.schema) as writer:
            writer.write_table(first)
            for page in pages:
                writer.write_table(page)

        report = polars.read_parquet(file).group_by("sensor").agg(polars.len(), polars.col("value").mean())
        for sensor, rows, mean in report.sort("sensor").rows():
            print(f"sensor {sensor}: {rows} rows, mean {mean}")
        readings.destroy()


if __name__ == "__main__":
    main()
