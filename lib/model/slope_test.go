package model

import (
	"math"
	"testing"

	"github.com/descent-go/descent/internal/golden"
)

type slopes struct {
	X     []float64
	Cases map[string]struct{ Value, Slope []float64 }
}

// TestSlopesWhereTheySaturate compares activations and derivatives with 60-digit
// arithmetic (testdata/slopes.py), down to the smallest.
func TestSlopesWhereTheySaturate(t *testing.T) {
	s := golden.Load[slopes](t, "testdata/slopes.json")
	layers := map[string]Layer{
		"ELU": ELU{Alpha: 1.5}, "GELU": GELU{}, "GELU by tanh": GELU{Approximate: true},
		"SiLU": SiLU{}, "Tanh": Tanh{}, "Sigmoid": SigmoidLayer{},
	}
	for name, layer := range layers {
		checkSlopes[float64](t, s, name, layer, 16*0x1p-53, 0x1p-1074)
		checkSlopes[float32](t, s, name, layer, 16*0x1p-24, 0x1p-149)
	}
}

const (
	geluScale = 0.7978845608028654 // √(2/π)
	geluCube  = 0.044715
)

func checkSlopes[T element](t *testing.T, s slopes, name string, layer Layer, relative, smallest float64) {
	t.Helper()
	m, err := newActivation[T](layer, Shape{1})
	if err != nil {
		t.Fatal(err)
	}
	x, dy := make([]T, len(s.X)), make([]T, len(s.X))
	for i, v := range s.X {
		x[i], dy[i] = T(v), 1
	}
	y := m.forward(x, len(x), true)
	dx := m.backward(x, dy, true)
	for i, v := range s.X {
		for what, pair := range map[string][2]float64{
			"value": {float64(y[i]), s.Cases[name].Value[i]}, "slope": {float64(dx[i]), s.Cases[name].Slope[i]},
		} {
			// Φ(x) and x·φ(x) leave an x²-th part of each other; and the exponent of the
			// approximation is rounded before it is raised to.
			tolerance := relative
			switch {
			case name == "GELU" && v < 0:
				tolerance *= max(1, v*v)
			case name == "GELU by tanh" && v < 0:
				tolerance *= max(1, 2*geluScale*(-v-geluCube*v*v*v))
			}
			if math.Abs(pair[0]-pair[1]) > max(tolerance*math.Abs(pair[1]), 2*smallest) {
				t.Errorf("%s (%T): the %s at %g is %g, want %g", name, x[i], what, v, pair[0], pair[1])
			}
		}
	}
}
