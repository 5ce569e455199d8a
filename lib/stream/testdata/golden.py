"""A file in LibSVM's format as scikit-learn writes it, and its rows as scikit-learn reads them, for package stream.

Run from any directory; writes its files beside this script.
"""
import json
import pathlib

import numpy as np
from scipy import sparse
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

HERE = pathlib.Path(__file__).parent
rng = np.random.RandomState(3)
x = sparse.random(60, 12, density=0.3, random_state=rng, data_rvs=lambda n: rng.standard_normal(n) * 10.0 ** rng.randint(-8, 9, n)).tocsr()
y = np.where(rng.rand(60) < 0.5, -1.0, 1.0)
name = HERE / "rows.svm"
dump_svmlight_file(x, y, str(name), zero_based=False, comment="sixty rows", query_id=np.arange(60) // 7)
back, labels = load_svmlight_file(str(name), n_features=12, zero_based=False)
(HERE / "rows.json").write_text(json.dumps({"X": back.toarray().tolist(), "Y": labels.tolist()}) + "\n")
