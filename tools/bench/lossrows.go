package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/tools/bench/side"
)

// lossesOf are losses and their gradients with respect to many predictions.
func lossesOf(in inputs) ([]contest, error) {
	const classes = 10
	m, rows := in.size("predictions", 1_000_000), in.size("rows of scores", 100_000)
	one, err := in.normal(m, 1)
	if err != nil {
		return nil, err
	}
	scores, err := in.normal(rows, classes)
	if err != nil {
		return nil, err
	}
	targets := map[string]string{}
	for kind, fill := range map[string]func(r *rand.Rand) format.Tensor{
		"counts": func(r *rand.Rand) format.Tensor {
			y := draw(r, m)
			for i := range y {
				y[i] = math.Floor(math.Abs(3 * y[i]))
			}
			return format.Tensor{Shape: []int{m}, Data: y}
		},
		"classes": func(r *rand.Rand) format.Tensor {
			y := make([]float64, rows)
			for i := range y {
				y[i] = float64(r.IntN(classes))
			}
			return format.Tensor{Shape: []int{rows}, Data: y}
		},
		"shares": func(r *rand.Rand) format.Tensor {
			y := make([]float64, 0, rows*classes)
			for range rows {
				part, sum := make([]float64, classes), 0.0
				for j := range part {
					part[j] = r.ExpFloat64()
					sum += part[j]
				}
				for _, v := range part {
					y = append(y, v/sum)
				}
			}
			return format.Tensor{Shape: []int{rows, classes}, Data: y}
		},
	} {
		if targets[kind], err = in.file(fmt.Sprintf("%s-of-losses-%d-%d", kind, m, rows), fill); err != nil {
			return nil, err
		}
	}
	for kind, logistic := range map[string]bool{"values": false, "labels": true} {
		if targets[kind], err = in.targets(m, 1, logistic); err != nil {
			return nil, err
		}
	}
	single, wide := grouped(m)+" predictions", fmt.Sprintf("%s × %d scores", grouped(rows), classes)
	var all []contest
	for _, w := range []struct{ step, about, pred, target string }{
		{"mse", "mean squared error, " + single, one, "values"},
		{"mae", "mean absolute error, " + single, one, "values"},
		{"huber", "Huber's loss, " + single, one, "values"},
		{"logcosh", "log cosh, " + single, one, "values"},
		{"quantile", "quantile loss, " + single, one, "values"},
		{"bce", "binary cross-entropy, " + single, one, "labels"},
		{"focal", "focal loss, " + single, one, "labels"},
		{"hinge", "hinge, " + single, one, "labels"},
		{"squaredhinge", "squared hinge, " + single, one, "labels"},
		{"poisson", "Poisson, " + single, one, "counts"},
		{"crossentropy", "cross-entropy, " + wide, scores, "classes"},
		{"smoothed", "cross-entropy with smoothed labels, " + wide, scores, "classes"},
		{"kl", "Kullback–Leibler divergence, " + wide, scores, "shares"},
		{"multiclasshinge", "hinge of several classes, " + wide, scores, "classes"},
	} {
		all = append(all, contest{
			work: w.about + ", with gradient", precision: "float64",
			ours: "losses", args: side.Args{X: w.pred, Y: targets[w.target], Step: w.step}, tolerance: 1e-10,
			rivals: []rival{elementwise("PyTorch or JAX", "losses", aim, "PyTorch", "torch.compile", "JAX")},
		})
	}
	return all, nil
}
