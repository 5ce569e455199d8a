package solve_test

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/stream"
)

// classes are rows of two classes that overlap, with columns far from 0 and of
// different units.
func classes(rows, cols int, weighted bool) stream.Batch {
	r := rand.New(rand.NewPCG(uint64(rows), 4))
	x, b := mat.NewDense(rows, cols, nil), stream.Batch{Y: mat.NewDense(rows, 1, nil)}
	for i := range rows {
		y := float64(r.IntN(2))
		b.Y.Set(i, 0, y)
		for j := range cols {
			x.Set(i, j, (r.NormFloat64()+y/2)*float64(1+j)+float64(100*(j%3)))
		}
		if weighted {
			b.SampleWeights = append(b.SampleWeights, float64(r.IntN(4))/2)
		}
	}
	b.X = x
	return b
}

// TestStreamLogistic finds what Logistic finds in memory, in few passes.
func TestStreamLogistic(t *testing.T) {
	for _, intercept := range []bool{true, false} {
		for _, weighted := range []bool{false, true} {
			for _, lambda := range []float64{0, 0.1} {
				data := classes(3000, 5, weighted)
				want := linear(5, 1, intercept)
				if _, err := solve.Logistic(want, data.X, data.Y, solve.NewtonOptions{Lambda: lambda, SampleWeights: data.SampleWeights, Tolerance: 1e-14}); err != nil {
					t.Fatal(err)
				}
				csr := data
				csr.X = sparse.FromDense(data.X)
				for kind, source := range map[string]stream.Source{"dense": stream.Of(data, 700), "sparse": stream.Of(csr, 700), "one batch": stream.Of(data, 3000), "small": stream.Of(data, 20)} {
					passes := 0
					counted := func(epoch int) iter.Seq2[stream.Batch, error] {
						passes++
						return source(epoch)
					}
					m := linear(5, 1, intercept)
					report, err := solve.StreamLogistic(m, counted, solve.NewtonOptions{Lambda: lambda, Tolerance: 1e-14})
					if err != nil {
						t.Fatal(err)
					}
					if d := relativeDifference(m.Params(), want.Params()); !(d < 1e-12) {
						t.Errorf("intercept %v, weights %v, λ %g, %s: θ differs by %.2g", intercept, weighted, lambda, kind, d)
					}
					if report.Iterations < 3 || passes > 14 {
						t.Errorf("%s: %d passes for %d iterations", kind, passes, report.Iterations)
					}
				}
			}
		}
	}
}

func TestStreamLogisticErrors(t *testing.T) {
	good := classes(40, 2, false)
	relabelled := func(f func(i int) float64) stream.Source {
		y := mat.NewDense(40, 1, nil)
		for i := range 40 {
			y.Set(i, 0, f(i))
		}
		return stream.Of(stream.Batch{X: good.X, Y: y}, 10)
	}
	apart := relabelled(func(i int) float64 {
		if good.X.At(i, 0) > 0.2 {
			return 1
		}
		return 0
	})
	broken := errors.New("no disk")
	failing := 0 // the pass that fails
	breaks := func(int) iter.Seq2[stream.Batch, error] {
		failing--
		if failing == 0 {
			return func(yield func(stream.Batch, error) bool) { yield(stream.Batch{}, broken) }
		}
		return stream.Of(good, 10)(1)
	}
	for name, test := range map[string]struct {
		part   string
		source stream.Source
		opt    solve.NewtonOptions
		pass   int
	}{
		"first pass fails":  {"no disk", breaks, solve.NewtonOptions{}, 1},
		"second pass fails": {"no disk", breaks, solve.NewtonOptions{}, 2},
		"third pass fails":  {"no disk", breaks, solve.NewtonOptions{}, 3},
		"no source":         {"the source is nil", nil, solve.NewtonOptions{}, 0},
		"weights":           {"in its batches", stream.Of(good, 10), solve.NewtonOptions{SampleWeights: []float64{1}}, 0},
		"λ":                 {"λ = -1", stream.Of(good, 10), solve.NewtonOptions{Lambda: -1}, 0},
		"labels":            {"batch 3: the target in row 2 is 2", relabelled(func(i int) float64 { return float64(i/22) * 2 }), solve.NewtonOptions{}, 0},
		"one class":         {"all targets are 1", relabelled(func(int) float64 { return 1 }), solve.NewtonOptions{}, 0},
		"separated":         {"a plane separates", apart, solve.NewtonOptions{}, 0},
		"no rows":           {"no samples", stream.Concat(), solve.NewtonOptions{}, 0},
		"too few":           {"not converged in 1", stream.Of(good, 10), solve.NewtonOptions{MaxIterations: 1}, 0},
	} {
		failing = test.pass
		_, err := solve.StreamLogistic(model.NewLinear(2, 1), test.source, test.opt)
		if err == nil || !strings.Contains(err.Error(), test.part) {
			t.Errorf("%s: error %v, want %q", name, err, test.part)
		}
	}
	if _, err := solve.StreamLogistic(model.NewLinear(2, 2), stream.Of(good, 10), solve.NewtonOptions{}); err == nil {
		t.Error("a model of two outputs is taken")
	}
}

func ExampleStreamLogistic() {
	x := mat.NewDense(8, 1, []float64{1, 2, 3, 4, 5, 6, 7, 8})
	y := mat.NewDense(8, 1, []float64{0, 0, 1, 0, 1, 0, 1, 1})
	m, same := model.NewLinear(1, 1), model.NewLinear(1, 1)
	if _, err := solve.StreamLogistic(m, stream.Of(stream.Batch{X: x, Y: y}, 3), solve.NewtonOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := solve.Logistic(same, x, y, solve.NewtonOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", m.Params())
	fmt.Println(slices.EqualFunc(m.Params(), same.Params(), func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }))
	// Output:
	// [-2.6734 0.5941]
	// true
}
