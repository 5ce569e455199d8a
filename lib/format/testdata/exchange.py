#!/usr/bin/env python3
# needs: sklearn
"""LibSVM files, written by scikit-learn and by hand, and what scikit-learn reads from them.

Writes libsvm.json beside itself.
"""
import io
import json
import pathlib

import numpy as np
from scipy import sparse
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

rng = np.random.default_rng(20240229)
x = sparse.random(8, 12, density=0.3, random_state=1, data_rvs=lambda n: rng.normal(size=n) * 10.0 ** rng.integers(-12, 12, n)).tocsr()


def dumped(**settings):
    file = io.BytesIO()
    dump_svmlight_file(x, rng.integers(-1, 2, 8), file, **settings)
    return file.getvalue().decode()


FILES = {  # text, settings
    "dumped from 0": (dumped(zero_based=True), {}),
    "dumped from 1": (dumped(zero_based=False, comment="two lines\nof comment"), {}),
    "queries": (dumped(zero_based=True, query_id=np.repeat([7, 3], 4)), {"query_id": True}),
    "by hand": ("# a comment\n+1 1:0.5 3:-2e3 # 4:1\n\n-1\n1 2:0 \n2.5 \t 3:7\t4:.25\r\n", {}),
    "from 1, said": ("1 1:2\n0 2:3\n", {"zero_based": False}),
    "from 0, said": ("1 1:2\n0 2:3\n", {"zero_based": True}),
    "more columns": ("1 1:2\n0 2:3\n", {"n_features": 7}),
}
out = []
for name, (text, settings) in FILES.items():
    read = load_svmlight_file(io.BytesIO(text.encode()), dtype=np.float64, **settings)
    m = read[0].tocsr()
    out.append({"Name": name, "Text": text, "Columns": settings.get("n_features", 0), "Base": {False: 1, True: 2}.get(settings.get("zero_based"), 0),
                "Shape": m.shape, "Ptr": m.indptr.tolist(), "Cols": m.indices.tolist(), "Values": m.data.tolist(), "Labels": read[1].tolist(),
                "Queries": read[2].tolist() if len(read) > 2 else None})
text = json.dumps(out, separators=(",", ":")).replace('},{"Name"', '},\n{"Name"')
(pathlib.Path(__file__).parent / "libsvm.json").write_text(text + "\n")
