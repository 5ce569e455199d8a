package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// TestWordsAreRoundedByRow compares networks in float32 that round the vectors of the
// words of a batch with the same networks rounding all of θ and converting the whole
// gradient: the same bits, on any number of cores.
func TestWordsAreRoundedByRow(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer crew.Fix(1)() // everything is shared
	for name, c := range map[string]struct {
		input  Shape
		layers []Layer
	}{
		"Embedding":        {Tokens(7), []Layer{NewEmbedding(300, 5)}},
		"large":            {Tokens(70), []Layer{NewEmbedding(300, 61)}},
		"padding":          {Tokens(7), []Layer{Embedding{Vocabulary: 300, Size: 5, Padding: 4}, Dense{Units: 3}}},
		"one number":       {Tokens(7), []Layer{NewEmbedding(300, 1), MeanTokens{}}},
		"LSTM":             {Tokens(7), []Layer{NewEmbedding(300, 5), LSTM{Units: 3}}},
		"LSTM by word":     {Tokens(70), []Layer{NewEmbedding(300, 5), LSTM{Units: 3}}},
		"MeanEmbedding":    {Tokens(70), []Layer{MeanEmbedding{Vocabulary: 300, Size: 61}, Dense{Units: 2}}},
		"EmbeddingBag":     {Features(300), []Layer{EmbeddingBag{Size: 61}, Tanh{}}},
		"Frozen":           {Tokens(7), []Layer{Frozen{NewEmbedding(300, 5)}, Dense{Units: 3}}},
		"frozen mean":      {Tokens(7), []Layer{Frozen{MeanEmbedding{Vocabulary: 300, Size: 5}}, Dense{Units: 3}}},
		"with Unembedding": {Tokens(7), []Layer{NewEmbedding(300, 5), Unembedding{Bias: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			byRow, err := NewNetwork32(c.input, 1, c.layers...)
			if err != nil {
				t.Fatal(err)
			}
			plain := byRow.Clone().(*Network)
			if want := blas.HasKernels && name != "with Unembedding"; atOnce(plain.training) != want {
				t.Fatalf("some are rounded by row: %v, want %v", !want, want)
			}
			plain.idle.New = func() any { return plain.training }
			for _, cores := range []int{1, 3} {
				runtime.GOMAXPROCS(cores)
				for step := range 3 {
					x, of := wordsFor(c.input, step), t.Name()+fmt.Sprintf(", %d cores, step %d", cores, step)
					sameSteps(t, of, byRow, plain, x, step)
				}
			}
		})
	}
}

// atOnce has a worker round all of θ at once, and tells whether it did not.
func atOnce(w worker) bool {
	of := w.(*workspace[float32])
	was := of.byRow != nil
	if was {
		of.byRow.source, of.byRow = nil, nil
	}
	for _, m := range of.chain.modules {
		var v *view[float32]
		switch m := m.(type) {
		case *embedding[float32]:
			v = m.weights
		case *bag[float32]:
			v = m.weights
		}
		if v != nil && v.frozen && v.source != nil {
			v.source, was = nil, true
			of.kept = append(of.kept, v)
		}
	}
	return was
}

// wordsFor returns a batch of ids, some of them often, or of counts.
func wordsFor(input Shape, step int) mat.Matrix {
	const rows = 23
	r := rand.New(rand.NewPCG(1, uint64(step)))
	x := mat.NewDense(rows, input.Size(), nil)
	for i := range rows {
		for j := range input.Size() {
			if input.Size() == 300 {
				x.Set(i, j, max(0, float64(r.IntN(9)-6)))
			} else {
				x.Set(i, j, float64(r.IntN(1+r.IntN(300))))
			}
		}
	}
	if input.Size() == 300 && step == 1 {
		return sparse.FromDense(x)
	}
	return x
}

// sameSteps changes θ of both networks, and compares what comes out.
func sameSteps(t *testing.T, of string, a, b *Network, x mat.Matrix, step int) {
	t.Helper()
	r := rand.New(rand.NewPCG(2, uint64(step)))
	for i := range a.theta {
		a.theta[i] = r.NormFloat64()
		switch r.IntN(5000) {
		case 0:
			a.theta[i] = math.NaN()
		case 1:
			a.theta[i] = math.Inf(1)
		case 2:
			a.theta[i] = 1e300 // infinite in float32
		}
	}
	for i := range a.buffers {
		a.buffers[i] = r.NormFloat64()
	}
	copy(b.theta, a.theta)
	copy(b.buffers, a.buffers)
	gradA, gradB := make([]float64, len(a.theta)), make([]float64, len(a.theta))
	for i := range gradA {
		gradA[i] = r.NormFloat64()
	}
	copy(gradB, gradA)
	var predA, predB mat.Dense
	a.Forward(&predA, x)
	b.Forward(&predB, x)
	same(t, of+": f", predA.RawMatrix().Data, predB.RawMatrix().Data)
	n, cols := predA.Dims()
	d := mat.NewDense(n, cols, nil)
	for i := range n * cols {
		d.RawMatrix().Data[i] = r.NormFloat64()
	}
	a.Backward(gradA, d)
	b.Backward(gradB, d)
	same(t, of+": ∂L/∂θ", gradA, gradB)
	a.theta[0]++
	b.theta[0]++
	a.Predict(&predA, x)
	b.Predict(&predB, x)
	same(t, of+": Predict", predA.RawMatrix().Data, predB.RawMatrix().Data)
}

func same(t *testing.T, what string, a, b []float64) {
	t.Helper()
	for i, v := range a {
		if math.Float64bits(v) != math.Float64bits(b[i]) && !(math.IsNaN(v) && math.IsNaN(b[i])) {
			t.Fatalf("%s: number %d of %d is %v, want %v", what, i, len(a), v, b[i])
		}
	}
}

// TestWordsAllocateNothing in a step, once there is memory.
func TestWordsAllocateNothing(t *testing.T) {
	for name, l := range map[string]Layer{
		"Embedding": NewEmbedding(50, 9), "MeanEmbedding": MeanEmbedding{Vocabulary: 50, Size: 9},
	} {
		n, err := NewNetwork32(Tokens(7), 1, l)
		if err != nil {
			t.Fatal(err)
		}
		x, grad := wordsFor(Tokens(7), 0).(*mat.Dense), make([]float64, len(n.theta))
		x.Apply(func(_, _ int, v float64) float64 { return math.Mod(v, 50) }, x)
		var pred mat.Dense
		n.Forward(&pred, x)
		d := mat.DenseCopyOf(&pred)
		if allocs := testing.AllocsPerRun(20, func() {
			n.Forward(&pred, x)
			n.Backward(grad, d)
		}); allocs > 0 {
			t.Errorf("%s: a step allocates %g times", name, allocs)
		}
	}
}
