"""Times cells in the kernel as a learner waits for them: cells.py REPEAT. Prints the medians in seconds, as JSON.

Each cell is timed in turn with a bare build and run of the same program, and is then run again unchanged.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from jupyter_client.manager import start_new_kernel

IMPORTS = """import (
	"context"
	"fmt"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/plots"
)
"""
PRINT = """%%
fmt.Println("cell NUMBER")
"""
DRAW = """%%
d := datasets.Article(1)
h, err := train.Fit(context.Background(), model.NewLinear(2, 1), d.X, d.Y,
	train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.05), Epochs: 100})
if err != nil {
	panic(err)
}
plots.Show(plots.Loss("cell NUMBER", plots.LossOptions{}, plots.Run{Name: "loss", History: h}), "A falling loss.")
"""


def bare(folder, source):
    """Builds and runs the program of a cell with the go command alone; returns the seconds that it took."""
    body = source.replace("%%", "func main() {", 1) + "}\n"
    used = [p for p in re.findall(r'"(.*)"', IMPORTS) if p.split("/")[-1] + "." in body]
    lines = "\n".join(f'\t"{p}"' for p in used)
    (folder / "main.go").write_text(f"package main\n\nimport (\n{lines}\n)\n\n{body}")
    start = time.perf_counter()
    subprocess.run(["go", "build", "-ldflags=-s -w", "-o", "bare", "."], cwd=folder, check=True)
    subprocess.run(["./bare"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(repeat):
    os.makedirs(".lab/bench", exist_ok=True)
    with tempfile.TemporaryDirectory(dir=".lab/bench") as folder:
        measure(repeat, pathlib.Path(folder))


def measure(repeat, folder):
    manager, client = start_new_kernel(kernel_name="gonb")
    try:
        def cell(source):
            kinds = set()
            start = time.perf_counter()
            reply = client.execute_interactive(source, timeout=300, output_hook=lambda m: kinds.add(m["msg_type"]))
            if reply["content"]["status"] != "ok":
                sys.exit(f"a cell failed: {reply['content']}")
            return time.perf_counter() - start, kinds

        cell(IMPORTS)
        seconds = {}
        for name, source, output in (("prints", PRINT, "stream"), ("draws", DRAW, "display_data")):
            times, again, alone = [], [], []
            for number in range(repeat + 1):  # the first warms the build cache up
                t, kinds = cell(source.replace("NUMBER", str(number)))
                if output not in kinds:
                    sys.exit(f"a cell that {name} gave only {kinds}")
                times.append(t)
                again.append(cell(source.replace("NUMBER", str(number)))[0])
                alone.append(bare(folder, source.replace("NUMBER", f"{number} {os.getpid()}")))
            seconds[name] = {"cell": statistics.median(times[1:]), "again": statistics.median(again[1:]), "bare": statistics.median(alone[1:])}
        print(json.dumps(seconds))
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


main(int(sys.argv[1]))
