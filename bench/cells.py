"""Times cells in the kernel as a learner waits for them: cells.py REPEAT. Prints the medians in seconds, as JSON."""
import json
import statistics
import sys
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


def main(repeat):
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
            times = []
            for number in range(repeat + 1):  # the first warms the build cache up
                t, kinds = cell(source.replace("NUMBER", str(number)))
                if output not in kinds:
                    sys.exit(f"a cell that {name} gave only {kinds}")
                times.append(t)
            seconds[name] = statistics.median(times[1:])
        print(json.dumps(seconds))
    finally:
        client.stop_channels()
        manager.shutdown_kernel()  # not at once: gopls would stay


main(int(sys.argv[1]))
