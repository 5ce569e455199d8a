package main

import (
	"context"
	"encoding/json"
	"iter"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

type stored struct {
	Losses, Theta []float64
}

func results(t *testing.T) (every int, tools map[string]struct {
	Version   string
	Lines     int
	SGD, Adam stored
}) {
	t.Helper()
	data, err := os.ReadFile("results.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Every int
		Tools map[string]struct {
			Version   string
			Lines     int
			SGD, Adam stored
		}
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r.Every, r.Tools
}

// apart returns the largest difference of losses, and of the parameters that are stored.
func apart(every int, losses, theta []float64, s stored) (inLoss, inTheta float64) {
	for i, l := range s.Losses {
		inLoss = max(inLoss, math.Abs(l-losses[i]))
	}
	for i, v := range s.Theta {
		inTheta = max(inTheta, math.Abs(v-theta[every*i]))
	}
	return inLoss, inTheta
}

// TestSixToolsAgree: after 900 steps of SGD from the same start, the other tools are where this library is.
func TestSixToolsAgree(t *testing.T) {
	every, tools := results(t)
	r, err := fit("sgd")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Descent", "PyTorch", "Keras", "JAX", "scikit-learn", "GoMLX"} {
		s, ok := tools[name]
		if !ok || s.Version == "" || s.Lines == 0 || len(s.SGD.Losses) != epochs || len(s.SGD.Theta) != (len(r.Theta)+every-1)/every {
			t.Errorf("%s is not stored as it should be: %q, %d lines, %d losses", name, s.Version, s.Lines, len(s.SGD.Losses))
			continue
		}
		if l, p := apart(every, r.Losses, r.Theta, s.SGD); l > 1e-12 || p > 1e-12 {
			t.Errorf("%s is apart by %g in the losses and %g in the parameters", name, l, p)
		}
	}
}

// otherAdam is Adam with both corrections in the rate, and ε added to the uncorrected root.
type otherAdam struct {
	epsilon      float64
	beta1, beta2 float64 // in the corrections
	m, v         []float64
	t            int
}

func (o *otherAdam) Init(dim int) { o.m, o.v, o.t = make([]float64, dim), make([]float64, dim), 0 }

func (o *otherAdam) Step(theta, grad []float64, lr float64) {
	o.t++
	rate := lr * math.Sqrt(1-math.Pow(o.beta2, float64(o.t))) / (1 - math.Pow(o.beta1, float64(o.t)))
	for j, g := range grad {
		o.m[j] = 0.9*o.m[j] + 0.1*g
		o.v[j] = 0.999*o.v[j] + 0.001*g*g
		theta[j] -= rate * o.m[j] / (math.Sqrt(o.v[j]) + o.epsilon)
	}
}

func (o *otherAdam) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) { _ = yield("m", o.m) && yield("v", o.v) }
}

// TestTheirAdams: what each tool's Adam is by default. Where a gradient is as small as ε, rounding grows, so that those
// with ε elsewhere agree to fewer digits.
func TestTheirAdams(t *testing.T) {
	every, tools := results(t)
	ours := func(epsilon float64) optim.Optimizer {
		o := optim.NewAdam()
		o.Epsilon = epsilon
		return o
	}
	x, y, _, _ := digits()
	for _, c := range []struct {
		tools     []string
		optimizer optim.Optimizer
	}{
		{[]string{"Descent", "PyTorch", "JAX"}, ours(1e-8)},
		{[]string{"GoMLX"}, ours(1e-7)},
		{[]string{"scikit-learn"}, &otherAdam{epsilon: 1e-8, beta1: 0.9, beta2: 0.999}},
		// On TensorFlow, Keras 3.15 makes float32 of both β before it takes their powers in float64.
		{[]string{"Keras"}, &otherAdam{epsilon: 1e-7, beta1: float64(float32(0.9)), beta2: float64(float32(0.999))}},
	} {
		net, err := network()
		if err != nil {
			t.Fatal(err)
		}
		h, err := train.Fit(context.Background(), net, x, y, train.Options{
			Loss: loss.CrossEntropy{}, Optimizer: c.optimizer, Schedule: optim.Constant(rates["adam"]), BatchSize: batch, Epochs: epochs, KeepOrder: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, s := range tools {
			l, p := apart(every, h.Losses(), net.Params(), s.Adam)
			if same := slices.Contains(c.tools, name); same != (l < 1e-10 && p < 1e-8) {
				t.Errorf("%T: %s is apart by %g in the losses and %g in the parameters; should it be near: %t", c.optimizer, name, l, p, same)
			}
		}
	}
}

func TestInputs(t *testing.T) {
	folder := t.TempDir()
	if err := run([]string{"inputs", folder}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"train.csv", "test.csv", "start.csv"} {
		if info, err := os.Stat(folder + "/" + name); err != nil || info.Size() < 1000 {
			t.Error(name, err)
		}
	}
	if err := run([]string{"train", folder, "momentum"}); err == nil {
		t.Error("an optimizer that nobody knows is taken")
	}
}
