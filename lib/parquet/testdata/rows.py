"""A Parquet file as pyarrow writes it, and its rows, for package parquet: needs pyarrow.

Run from any directory; writes its files beside this script.
"""
import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
rng = np.random.RandomState(3)
n = 200
columns = {
    "double": rng.standard_normal(n),
    "single": rng.standard_normal(n).astype(np.float32),
    "long": rng.randint(-(2**40), 2**40, n),
    "short": rng.randint(-100, 100, n).astype(np.int16),
    "byte": rng.randint(0, 256, n).astype(np.uint8),
    "flag": rng.rand(n) < 0.5,
    "word": np.array(["red", "green", "blau"])[rng.randint(0, 3, n)],
}
table = pa.table({name: pa.array(v, mask=rng.rand(n) < 0.1 if name == "single" else None) for name, v in columns.items()})
for compression in ("snappy", "zstd", "gzip"):
    pq.write_table(table, HERE / f"rows.{compression}.parquet", row_group_size=64, compression=compression)
rows = {name: [None if v is None else v if isinstance(v, str) else float(v) for v in table[name].to_pylist()] for name in columns}
(HERE / "rows.json").write_text(json.dumps(rows) + "\n")
