package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
)

// inputs is the folder of the files that both sides read. They are written
// when first asked for, and kept: a name says what is in it, shape and all.
type inputs string

// file returns the path of the array that fill draws, with a source that is
// seeded the same each time.
func (dir inputs) file(name string, fill func(r *rand.Rand) format.Tensor) (string, error) {
	path := filepath.Join(string(dir), name+".npy")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	t := fill(rand.New(rand.NewPCG(20, 26)))
	err := format.WriteFile(path, func(w io.Writer) error { return format.WriteNPY(w, t) })
	if err != nil {
		return "", fmt.Errorf("the data cannot be written: %w", err)
	}
	return path, nil
}

// normal is an m×n matrix of standard normal numbers.
func (dir inputs) normal(m, n int) (string, error) {
	return dir.file(fmt.Sprintf("normal-%dx%d", m, n), func(r *rand.Rand) format.Tensor {
		return format.Tensor{Shape: []int{m, n}, Data: draw(r, m*n)}
	})
}

// targets are those of normal(m, n): a line through the features with noise of
// variance 1, or labels drawn with its logistic probability.
func (dir inputs) targets(m, n int, logistic bool) (string, error) {
	kind := "values"
	if logistic {
		kind = "labels"
	}
	return dir.file(fmt.Sprintf("%s-%dx%d", kind, m, n), func(r *rand.Rand) format.Tensor {
		x, w := draw(r, m*n), draw(r, n)
		y := make([]float64, m)
		for i := range y {
			z := 0.0
			for j, v := range x[i*n : (i+1)*n] {
				z += v * w[j] / math.Sqrt(float64(n))
			}
			switch {
			case !logistic:
				y[i] = z + r.NormFloat64()
			case r.Float64() < model.Sigmoid(2*z):
				y[i] = 1
			}
		}
		return format.Tensor{Shape: []int{m}, Data: y}
	})
}

// order is the order in which train.Fit takes m samples in its first epoch.
func (dir inputs) order(m int, seed uint64) (string, error) {
	return dir.file(fmt.Sprintf("order-%d-%d", m, seed), func(*rand.Rand) format.Tensor {
		order := make([]float64, m)
		for i := range order {
			order[i] = float64(i)
		}
		swap := func(i, j int) { order[i], order[j] = order[j], order[i] }
		rand.New(rand.NewPCG(seed, 1)).Shuffle(m, swap)
		return format.Tensor{Shape: []int{m}, Data: order, Type: format.Int64}
	})
}

func draw(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}
