package main

import (
	"fmt"

	"github.com/descent-go/descent/tools/bench/networks"
	"github.com/descent-go/descent/tools/bench/side"
)

// predictions are those from one row, as a server makes them, and from many.
func predictions(in inputs) ([]contest, error) {
	const columns = 20
	theta, err := in.normal(columns+1, 1)
	if err != nil {
		return nil, err
	}
	weights, err := in.weights("small", networks.Small)
	if err != nil {
		return nil, err
	}
	many, fewer := in.size("rows to predict", 1_000_000), in.size("rows for the network", 100_000)
	var all []contest
	for _, w := range []struct {
		step, about string
		rows        int
		bar         float64
	}{
		{"linear", "linear regression", 1, 20}, {"logistic", "logistic regression", 1, 20}, {"mlp", "MLP 20-64-64-1", 1, 20},
		{"linear", "linear regression", many, aim}, {"logistic", "logistic regression", many, aim}, {"mlp", "MLP 20-64-64-1", fewer, aim},
	} {
		x, err := in.normal(w.rows, columns)
		if err != nil {
			return nil, err
		}
		rows := "one row"
		if w.rows > 1 {
			rows = fmt.Sprintf("%s × %d", grouped(w.rows), columns)
		}
		for _, precision := range precisions {
			c := contest{
				work: fmt.Sprintf("prediction by %s, %s", w.about, rows), precision: precision,
				ours: "predict", args: side.Args{X: x, Theta: theta, Step: w.step, Precision: precision},
				tolerance: map[string]float64{"float64": 1e-10, "float32": 1e-5}[precision], serial: w.rows == 1,
			}
			switch {
			case w.step == "mlp":
				c.args.Theta = weights
				c.rivals = []rival{{
					name: "PyTorch or JAX", side: "python", work: "network_predict", bar: w.bar,
					solvers: []string{"PyTorch", "torch.compile", "JAX"}, before: []string{"PyTorch"}, noBLAS: true,
				}}
			case precision == "float64": // of a linear model there is no other
				c.rivals = []rival{{name: "scikit-learn", side: "python", work: "predict", bar: w.bar}}
			default:
				continue
			}
			all = append(all, c)
		}
	}
	return all, nil
}
