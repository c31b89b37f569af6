#!/usr/bin/env bash
# DuckDB 2.0.1 and PyArrow 26.0.1: whether the holes (NaN) of depth in a Parquet file are found depends on how its rows are grouped.
#
# Guess:     a question about the rows of a file has one answer, however many rows lie together in a group: what counts the holes counts
#            all of them, and what is farther than 3 m is farther than 3 m in each file.
# Behaviour: the smallest and the greatest number that are stated of a group leave NaN out, as Parquet has it. Both take them for
#            bounds of all that is in the group. DuckDB concludes from them that isnan() is false of every row, so that the holes are
#            counted as depth, and the mean of what "is no hole" is NaN; only groups of nothing but holes are known as such. By its
#            own order NaN is farther than any number, but a group is not looked into that ends before 3 m or 5 m. PyArrow's datasets
#            take a group in which both bounds are one number for a group of that number alone: 4 and a hole are two times 4. Polars 2.1.0 finds all, and so does DuckDB of a file without statistics, and of its own.
# Seen:      1, 2, a hole, 4, twice; rows in a group                    8    4    3    2    1    none stated
#            DuckDB    isnan(depth)                                     0    0    0    0    2    2
#                      NOT isnan(depth)                                 8    8    8    8    6    6
#                      depth > 3                                        4    4    3    4    4    4
#                      depth > 5 (which holes are, by its order)        0    0    0    0    2    2
#            PyArrow   is_nan                                           2    2    1    0    2    2
#                      not (depth <= 3)                                 4    4    3    4    4    4
#            Polars    is_nan                                           2    2    2    2    2    2
#
# It matters since series of distances and data for training are kept in Parquet, and holes are what is to be left out first.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 pyarrow==26.0.1 duckdb==2.0.1 polars==2.1.0
venv/bin/python - <<'PYTHON'
import duckdb
import numpy as np
import polars
import pyarrow
import pyarrow.compute as compute
import pyarrow.dataset as dataset
import pyarrow.parquet as parquet

HOLES = np.array([1, 2, np.nan, 4] * 2)
depth, column = compute.field("depth"), polars.col("depth")
by_duckdb = duckdb.connect()


def duckdb_counts(path):
    """Holes, no holes, beyond 3 m and beyond 5 m."""
    conditions = "isnan(depth)", "NOT isnan(depth)", "depth > 3", "depth > 5"
    return [by_duckdb.execute(f"SELECT count(*) FROM '{path}' WHERE {condition}").fetchone()[0] for condition in conditions]


def arrow_counts(path):
    return [dataset.dataset(path).to_table(filter=which).num_rows for which in (compute.is_nan(depth), ~(depth <= 3))]


def polars_counts(path):
    return [polars.scan_parquet(path).filter(which).collect().height for which in (column.is_nan(), ~(column <= 3))]


WANTED = {
    8: ([0, 8, 4, 0], [2, 4]),
    4: ([0, 8, 4, 0], [2, 4]),
    3: ([0, 8, 3, 0], [1, 3]),
    2: ([0, 8, 4, 0], [0, 4]),
    1: ([2, 6, 4, 2], [2, 4]),
}
for kind in (np.float32, np.float64):
    table = pyarrow.table({"depth": HOLES.astype(kind)})
    for rows, wanted in WANTED.items():
        parquet.write_table(table, "depth.parquet", row_group_size=rows)
        assert np.array_equal(parquet.ParquetFile("depth.parquet").read()["depth"].to_numpy(), HOLES, equal_nan=True)
        found = duckdb_counts("depth.parquet"), arrow_counts("depth.parquet")
        print(f"{kind.__name__}, {rows} in a group: DuckDB {found[0]}, PyArrow {found[1]}, Polars {polars_counts('depth.parquet')}")
        assert found == wanted
        assert polars_counts("depth.parquet") == [2, 4]
    parquet.write_table(table, "depth.parquet")
    mean = by_duckdb.execute("SELECT avg(depth) FROM 'depth.parquet' WHERE NOT isnan(depth)").fetchone()[0]
    print(f"the mean of what is no hole, by DuckDB: {mean}")
    assert np.isnan(mean)
    parquet.write_table(table, "depth.parquet", row_group_size=2, write_statistics=False)
    assert duckdb_counts("depth.parquet") == [2, 6, 4, 2]
    assert arrow_counts("depth.parquet") == [2, 4]
    assert polars_counts("depth.parquet") == [2, 4]
    by_duckdb.execute("CREATE OR REPLACE TABLE own AS SELECT * FROM 'depth.parquet'")
    by_duckdb.execute("COPY own TO 'own.parquet'")
    assert duckdb_counts("own.parquet") == [2, 6, 4, 2]
PYTHON
