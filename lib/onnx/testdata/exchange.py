#!/usr/bin/env python3
# needs: onnx, onnxruntime
"""Lets the tests write *.onnx beside this script, checks them with onnx.checker, and predicts with onnxruntime.

Writes onnx.json: the versions, and the predictions of each file for rows.json.
"""
import json
import pathlib
import subprocess

import numpy as np
import onnx
import onnxruntime

HERE = pathlib.Path(__file__).parent
for old in HERE.glob("*.onnx"):
    old.unlink()
subprocess.run(["go", "test", "-count=1", "-run", "TestRuntime", ".", "-rewrite"], cwd=HERE.parent, check=True)
rows = np.array(json.loads((HERE / "rows.json").read_text())).reshape(-1, 3)
y = {}
for path in sorted(HERE.glob("*.onnx")):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    kind = {"tensor(float)": np.float32, "tensor(double)": np.float64}[session.get_inputs()[0].type]
    out, = session.run(None, {"x": rows.astype(kind)})
    assert out.dtype == kind and len(out) == len(rows), path
    assert session.run(None, {"x": rows[:1].astype(kind)})[0].shape == (1, out.shape[1]), path  # any batch
    y[path.stem] = out.astype(float).ravel().tolist()
text = json.dumps({"Runtime": onnxruntime.__version__, "Checker": onnx.__version__, "Y": y}, separators=(",", ":"))
(HERE / "onnx.json").write_text(text.replace("],", "],\n") + "\n")
