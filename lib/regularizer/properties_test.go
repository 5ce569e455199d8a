package regularizer_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/regularizer"
)

const dim = 6 // 3×2

// subjects lists every exported penalty; each property below holds for each.
var subjects = map[string]regularizer.Proximal{
	"L2":         regularizer.L2{Lambda: 0.7},
	"L1":         regularizer.L1{Lambda: 0.7},
	"ElasticNet": regularizer.ElasticNet{Lambda: 0.7, L1Ratio: 0.4},
	"GroupLasso": regularizer.GroupLasso{Lambda: 0.7, Size: 2},
	"MaxNorm":    regularizer.MaxNorm{Max: 1.1, Columns: 2},
	"L1, groups": regularizer.Chain{regularizer.L1{Lambda: 0.3}, regularizer.GroupLasso{Lambda: 0.4, Size: 2}},
	"L1, groups, larger groups": regularizer.Chain{
		regularizer.L1{Lambda: 0.2}, regularizer.GroupLasso{Lambda: 0.3, Size: 2}, regularizer.GroupLasso{Lambda: 0.3, Size: 6}},
	"L1, L2":      regularizer.Chain{regularizer.L1{Lambda: 0.3}, regularizer.L2{Lambda: 0.4}},
	"groups, L2":  regularizer.Chain{regularizer.GroupLasso{Lambda: 0.3, Size: 2}, regularizer.L2{Lambda: 0.4}},
	"L2, MaxNorm": regularizer.Chain{regularizer.L2{Lambda: 0.3}, regularizer.MaxNorm{Max: 0.8, Columns: 2}},
	"L1, MaxNorm": regularizer.Chain{regularizer.L1{Lambda: 0.3}, regularizer.MaxNorm{Max: 0.8, Columns: 2}},
	"nothing":     regularizer.Chain{},
	"elastic, MaxNorm": regularizer.Chain{
		regularizer.ElasticNet{Lambda: 0.4, L1Ratio: 0.5}, regularizer.MaxNorm{Max: 0.8, Columns: 2}},
}

func each(t *testing.T, f func(t *testing.T, r regularizer.Proximal)) {
	for name, r := range subjects {
		t.Run(name, func(t *testing.T) { f(t, r) })
	}
}

func draw(r *rand.Rand) []float64 {
	v := make([]float64, dim)
	for i := range v {
		v[i] = 1.5 * r.NormFloat64()
	}
	return v
}

// inside reports whether θ keeps the limits of r.
func inside(r regularizer.Proximal, theta []float64) bool {
	switch r := r.(type) {
	case regularizer.MaxNorm:
		for j := range r.Columns {
			n := 0.0
			for i := j; i < len(theta); i += r.Columns {
				n = math.Hypot(n, theta[i])
			}
			if n > r.Max*(1+1e-12) {
				return false
			}
		}
	case regularizer.Chain:
		for _, part := range r {
			if !inside(part, theta) {
				return false
			}
		}
	}
	return true
}

func TestGradientIsTheSlope(t *testing.T) {
	each(t, func(t *testing.T, r regularizer.Proximal) {
		theta := draw(rand.New(rand.NewPCG(1, 1)))
		grad := gradient(r, theta)
		for i, v := range theta {
			const h = 1e-6
			theta[i] = v + h
			up := r.Penalty(theta)
			theta[i] = v - h
			down := r.Penalty(theta)
			theta[i] = v
			if slope := (up - down) / (2 * h); math.Abs(slope-grad[i]) > 1e-8 {
				t.Errorf("gradient[%d] = %g, slope %g", i, grad[i], slope)
			}
		}
		// It adds, and does not replace.
		twice := gradient(r, theta)
		r.AddGradient(twice, theta)
		for i := range twice {
			golden.Close(t, "added twice", twice[i], 2*grad[i], 1e-15)
		}
	})
}

// TestConvex: R((a+b)/2) ≤ (R(a)+R(b))/2, and R lies above its tangent, also
// where the gradient is a subgradient.
func TestConvex(t *testing.T) {
	each(t, func(t *testing.T, r regularizer.Proximal) {
		random := rand.New(rand.NewPCG(2, 1))
		for range 300 {
			a, b := draw(random), draw(random)
			a[0], a[2], a[3] = 0, 0, 0 // kinks
			middle, tangent := make([]float64, dim), r.Penalty(a)
			g := gradient(r, a)
			for i := range a {
				middle[i] = (a[i] + b[i]) / 2
				tangent += g[i] * (b[i] - a[i])
			}
			if r.Penalty(middle) > (r.Penalty(a)+r.Penalty(b))/2+1e-12 {
				t.Fatalf("not convex between %v and %v", a, b)
			}
			if r.Penalty(b) < tangent-1e-12 {
				t.Fatalf("below its tangent in %v at %v", a, b)
			}
			if r.Penalty(a) < 0 || r.Penalty(make([]float64, dim)) != 0 {
				t.Fatal("a penalty is ≥ 0, and 0 at 0")
			}
		}
	})
}

// TestProxIsTheMinimum: no point nearby, along coordinates and in random
// directions, has a smaller ½‖u−θ‖² + s·R(u). As that is strongly convex, a
// local minimum is the minimum.
func TestProxIsTheMinimum(t *testing.T) {
	each(t, func(t *testing.T, r regularizer.Proximal) {
		random := rand.New(rand.NewPCG(3, 1))
		for range 20 {
			theta, step := draw(random), 0.2+random.Float64()
			objective := func(u []float64) float64 {
				if !inside(r, u) {
					return math.Inf(1)
				}
				sum := step * r.Penalty(u)
				for i := range u {
					sum += (u[i] - theta[i]) * (u[i] - theta[i]) / 2
				}
				return sum
			}
			u := prox(r, theta, step)
			best := objective(u)
			if math.IsInf(best, 1) {
				t.Fatalf("the step of %v ends outside, at %v", theta, u)
			}
			for trial := range 100 {
				direction := draw(random)
				if trial < dim {
					direction = make([]float64, dim)
					direction[trial] = 1
				}
				if along := goldenSection(func(h float64) float64 {
					return objective(moved(r, u, direction, h))
				}); along < best-1e-10 {
					t.Fatalf("prox(%v) = %v costs %.15g, and there is %.15g", theta, u, best, along)
				}
			}
		}
	})
}

// moved returns u + h·direction, pulled back inside the limits of r.
func moved(r regularizer.Proximal, u, direction []float64, h float64) []float64 {
	v := slices.Clone(u)
	for i := range v {
		v[i] += h * direction[i]
	}
	switch r := r.(type) {
	case regularizer.MaxNorm:
		r.Prox(v, 1)
	case regularizer.Chain:
		if len(r) > 0 {
			if limit, ok := r[len(r)-1].(regularizer.MaxNorm); ok {
				limit.Prox(v, 1)
			}
		}
	}
	return v
}

// goldenSection returns the smallest value of f found on [−1, 1].
func goldenSection(f func(h float64) float64) float64 {
	ratio := (math.Sqrt(5) - 1) / 2
	a, b := -1.0, 1.0
	x, y := b-ratio*(b-a), a+ratio*(b-a)
	fx, fy := f(x), f(y)
	for b-a > 1e-7 {
		if fx < fy {
			b, y, fy = y, x, fx
			x = b - ratio*(b-a)
			fx = f(x)
		} else {
			a, x, fx = x, y, fy
			y = a + ratio*(b-a)
			fy = f(y)
		}
	}
	return min(fx, fy)
}

func TestProxIsNonexpansive(t *testing.T) {
	each(t, func(t *testing.T, r regularizer.Proximal) {
		random := rand.New(rand.NewPCG(4, 1))
		for range 500 {
			a, b, step := draw(random), draw(random), 2*random.Float64()
			if before, after := distance(a, b), distance(prox(r, a, step), prox(r, b, step)); after > before*(1+1e-14) {
				t.Fatalf("%g apart before the step, %g after", before, after)
			}
		}
	})
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum = math.Hypot(sum, a[i]-b[i])
	}
	return sum
}

func TestNoStepNoChange(t *testing.T) {
	each(t, func(t *testing.T, r regularizer.Proximal) {
		theta := []float64{0.1, -0.2, 0, 0.3, 0.4, -0.1} // inside every limit
		if got := prox(r, theta, 0); !slices.Equal(got, theta) {
			t.Errorf("a step of length 0 leads from %v to %v", theta, got)
		}
	})
}

func TestAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, r regularizer.Proximal) {
		theta, grad := draw(rand.New(rand.NewPCG(5, 1))), make([]float64, dim)
		if n := testing.AllocsPerRun(20, func() {
			r.Penalty(theta)
			r.AddGradient(grad, theta)
			r.Prox(theta, 0.1)
		}); n != 0 {
			t.Errorf("%g allocations", n)
		}
	})
}

func TestEmptyBlock(t *testing.T) {
	each(t, func(t *testing.T, r regularizer.Proximal) {
		r.AddGradient(nil, nil)
		r.Prox(nil, 1)
		if got := r.Penalty(nil); got != 0 {
			t.Errorf("the penalty of nothing is %g", got)
		}
	})
}

// TestExactZeros: minimise ½(θ − 0.05)² + 0.1|θ|, whose minimum is 0.
func TestExactZeros(t *testing.T) {
	r := regularizer.L1{Lambda: 0.1}
	const rate = 0.3
	stepped, followed := []float64{1}, []float64{1}
	for range 1000 {
		stepped[0] -= rate * (stepped[0] - 0.05)
		r.Prox(stepped, rate)
		followed[0] -= rate * (followed[0] - 0.05 + gradient(r, followed)[0])
	}
	if stepped[0] != 0 {
		t.Errorf("the proximal step gives %g, want exactly 0", stepped[0])
	}
	if followed[0] == 0 || math.Abs(followed[0]) > 0.05 {
		t.Errorf("the subgradient gives %g, want a number near 0 but not 0", followed[0])
	}
}

func TestGroupsVanishTogether(t *testing.T) {
	got := prox(regularizer.GroupLasso{Lambda: 1, Size: 2}, []float64{3, 4, 0.6, -0.8, 0.3, 0}, 1)
	golden.CloseSlice(t, "prox", got, []float64{3 * 0.8, 4 * 0.8, 0, 0, 0, 0}, 1e-15)
	if !slices.Equal(got[2:], make([]float64, 4)) {
		t.Errorf("the short groups are %v, want exactly 0", got[2:])
	}
	r := regularizer.GroupLasso{Lambda: 1, Size: 3}
	if got := gradient(r, make([]float64, 3)); !slices.Equal(got, make([]float64, 3)) {
		t.Errorf("the subgradient at 0 is %v, want 0", got)
	}
}

func TestMaxNormProjects(t *testing.T) {
	r := regularizer.MaxNorm{Max: 1, Columns: 2}
	got := prox(r, []float64{3, 0.3, 4, 0.4}, 1) // columns of length 5 and ½
	golden.CloseSlice(t, "projection", got, []float64{0.6, 0.3, 0.8, 0.4}, 1e-15)
	if again := prox(r, got, 1); distance(again, got) > 1e-15 {
		t.Errorf("projected again: %v, then %v", got, again)
	}
}

func TestSameAs(t *testing.T) {
	theta := draw(rand.New(rand.NewPCG(6, 1)))
	for _, c := range []struct {
		name string
		a, b regularizer.Proximal
	}{
		{"groups of 1 are L1", regularizer.GroupLasso{Lambda: 0.7, Size: 1}, regularizer.L1{Lambda: 0.7}},
		{"ratio 1 is L1", regularizer.ElasticNet{Lambda: 0.7, L1Ratio: 1}, regularizer.L1{Lambda: 0.7}},
		{"ratio 0 is L2", regularizer.ElasticNet{Lambda: 0.7, L1Ratio: 0}, regularizer.L2{Lambda: 0.7}},
		{"L1 and L2 are an elastic net", regularizer.Chain{regularizer.L1{Lambda: 0.2}, regularizer.L2{Lambda: 0.6}}, regularizer.ElasticNet{Lambda: 0.8, L1Ratio: 0.25}},
		{"two L1 are one", regularizer.Chain{regularizer.L1{Lambda: 0.2}, regularizer.L1{Lambda: 0.5}}, regularizer.L1{Lambda: 0.7}},
		{"λ = 0 is nothing", regularizer.L1{}, regularizer.Chain{}},
	} {
		golden.Close(t, c.name+": penalty", c.a.Penalty(theta), c.b.Penalty(theta), 1e-14)
		golden.CloseSlice(t, c.name+": gradient", gradient(c.a, theta), gradient(c.b, theta), 1e-14)
		golden.CloseSlice(t, c.name+": step", prox(c.a, theta, 0.4), prox(c.b, theta, 0.4), 1e-14)
	}
}

// errHeld is the complaint of a penalty from elsewhere.
var errHeld = errors.New("held")

type custom struct{ regularizer.L1 }

func (custom) Validate() error { return errHeld }

type silent struct{ r regularizer.Proximal }

func (s silent) Penalty(theta []float64) float64    { return s.r.Penalty(theta) }
func (s silent) AddGradient(grad, theta []float64)  { s.r.AddGradient(grad, theta) }
func (s silent) Prox(theta []float64, step float64) { s.r.Prox(theta, step) }

func TestValidate(t *testing.T) {
	l1, l2 := regularizer.L1{Lambda: 1}, regularizer.L2{Lambda: 1}
	group := func(size int) regularizer.GroupLasso { return regularizer.GroupLasso{Lambda: 1, Size: size} }
	net, limit := regularizer.ElasticNet{Lambda: 1, L1Ratio: 0.5}, regularizer.MaxNorm{Max: 1, Columns: 1}
	for _, c := range []struct {
		name string
		r    interface{ Validate() error }
		want string
	}{
		{"L2", regularizer.L2{}, ""},
		{"L2 negative", regularizer.L2{Lambda: -1}, "L2's Lambda is -1"},
		{"L1 NaN", regularizer.L1{Lambda: math.NaN()}, "L1's Lambda is NaN"},
		{"elastic infinite", regularizer.ElasticNet{Lambda: math.Inf(1)}, "ElasticNet's Lambda is +Inf"},
		{"elastic ratio", regularizer.ElasticNet{Lambda: 1, L1Ratio: 1.5}, "L1Ratio is 1.5"},
		{"group", group(2), ""},
		{"group size", regularizer.GroupLasso{Lambda: 1}, "GroupLasso's Size is 0"},
		{"group lambda", regularizer.GroupLasso{Lambda: -2, Size: 1}, "GroupLasso's Lambda is -2"},
		{"max norm", limit, ""},
		{"max norm 0", regularizer.MaxNorm{Columns: 2}, "MaxNorm's Max is 0"},
		{"max norm columns", regularizer.MaxNorm{Max: 1}, "MaxNorm's Columns is 0"},
		{"sum", regularizer.Sum{l2, l1, silent{l1}}, ""},
		{"sum of bad", regularizer.Sum{l2, regularizer.L1{Lambda: -1}}, "part 1: regularizer: L1's Lambda is -1"},
		{"sum with a limit", regularizer.Sum{l2, limit}, "part 1 of the sum is a MaxNorm, which has no gradient"},
		{"chain", regularizer.Chain{l1, group(2), group(6), l2, limit}, ""},
		{"chain with strangers", regularizer.Chain{l1, silent{l2}, group(2), silent{l1}, limit}, ""},
		{"chain of nets", regularizer.Chain{l1, net, limit}, ""},
		{"chain of bad", regularizer.Chain{regularizer.L1{Lambda: -1}}, "part 0: regularizer: L1's Lambda is -1"},
		{"chain of a bad stranger", regularizer.Chain{custom{}}, "held"},
		{"shrunk too early", regularizer.Chain{l2, l1}, "part 1 of the chain, regularizer.L1, is out of order"},
		{"net, then groups", regularizer.Chain{net, group(2)}, "part 1 of the chain"},
		{"limited too early", regularizer.Chain{limit, l2}, "part 1 of the chain, regularizer.L2, is out of order"},
		{"larger groups first", regularizer.Chain{group(6), group(2)}, "part 1 of the chain"},
		{"groups that overlap", regularizer.Chain{group(2), group(3)}, "part 1 of the chain"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.r.Validate()
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
	if err := (regularizer.Sum{custom{}}).Validate(); !errors.Is(err, errHeld) {
		t.Errorf("%v does not wrap the part's error", err)
	}
	for name, r := range subjects {
		if err := r.(interface{ Validate() error }).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOrderMatters: the orders that Validate refuses are not the minimum.
func TestOrderMatters(t *testing.T) {
	theta := []float64{1, -2, 0.5, 3, 0.2, -1}
	for _, c := range []struct{ right, wrong regularizer.Chain }{
		{regularizer.Chain{regularizer.L1{Lambda: 0.5}, regularizer.L2{Lambda: 1}}, regularizer.Chain{regularizer.L2{Lambda: 1}, regularizer.L1{Lambda: 0.5}}},
		{regularizer.Chain{regularizer.L1{Lambda: 0.5}, regularizer.GroupLasso{Lambda: 0.5, Size: 2}}, regularizer.Chain{regularizer.GroupLasso{Lambda: 0.5, Size: 2}, regularizer.L1{Lambda: 0.5}}},
	} {
		cost := func(chain regularizer.Chain) float64 {
			u := prox(chain, theta, 1)
			d := distance(u, theta)
			return d*d/2 + chain.Penalty(u)
		}
		if right, wrong := cost(c.right), cost(c.wrong); !(right < wrong-1e-3) {
			t.Errorf("%v costs %g, %v %g", c.right, right, c.wrong, wrong)
		}
	}
}

func TestShapesPanic(t *testing.T) {
	l2, group, limit := regularizer.L2{Lambda: 1}, regularizer.GroupLasso{Lambda: 1, Size: 3}, regularizer.MaxNorm{Max: 1, Columns: 3}
	four, two := make([]float64, 4), make([]float64, 2)
	for i, c := range []struct {
		f    func()
		want string
	}{
		{func() { l2.AddGradient(two, four) }, "gradient has length 2, parameters 4"},
		{func() { regularizer.L1{}.AddGradient(two, four) }, "gradient has length 2, parameters 4"},
		{func() { group.AddGradient(two, four) }, "gradient has length 2, parameters 4"},
		{func() { limit.AddGradient(two, four) }, "gradient has length 2, parameters 4"},
		{func() { group.Penalty(four) }, "4 parameters are not rows of 3"},
		{func() { group.AddGradient(four, four) }, "4 parameters are not rows of 3"},
		{func() { group.Prox(four, 1) }, "4 parameters are not rows of 3"},
		{func() { limit.Penalty(four) }, "4 parameters are not rows of 3"},
		{func() { limit.Prox(four, 1) }, "4 parameters are not rows of 3"},
		{func() { regularizer.GroupLasso{}.Prox(four, 1) }, "4 parameters are not rows of 0"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != "regularizer: "+c.want {
					t.Errorf("%d: panic %q, want %q", i, got, c.want)
				}
			}()
			c.f()
		}()
	}
}

// TestNormsOfAnySize scales weights and settings by powers of two, up to where
// squares leave the range of a float64 and down to where they vanish: nothing
// else may change.
func TestNormsOfAnySize(t *testing.T) {
	weights := []float64{3, -1, 4, 1, 0.5, 2} // rows (3, −1), (4, 1), (0.5, 2)
	for name, with := range map[string]func(unit float64) regularizer.Proximal{
		"MaxNorm":    func(unit float64) regularizer.Proximal { return regularizer.MaxNorm{Max: 2.25 * unit, Columns: 2} },
		"GroupLasso": func(unit float64) regularizer.Proximal { return regularizer.GroupLasso{Lambda: 2.5 * unit, Size: 2} },
		"no λ":       func(float64) regularizer.Proximal { return regularizer.GroupLasso{Lambda: 0, Size: 2} },
	} {
		want, wantGrad := slices.Clone(weights), make([]float64, len(weights))
		with(1).AddGradient(wantGrad, weights)
		with(1).Prox(want, 1)
		for _, exponent := range []int{-1000, -565, -500, 0, 500, 532, 1000, 1021} {
			unit := math.Ldexp(1, exponent)
			r, theta := with(unit), slices.Clone(weights)
			floats.Scale(unit, theta)
			grad := make([]float64, len(theta))
			r.AddGradient(grad, theta)
			r.Prox(theta, 1)
			for i := range theta {
				if got := math.Ldexp(theta[i], -exponent); math.Abs(got-want[i]) > 1e-15*math.Abs(want[i]) {
					t.Errorf("%s in units of 2^%d: weight %d becomes %v, want %v", name, exponent, i, got, want[i])
				}
				if got := math.Ldexp(grad[i], -exponent); name == "GroupLasso" && math.Abs(got-wantGrad[i]) > 1e-15*math.Abs(wantGrad[i]) {
					t.Errorf("%s in units of 2^%d: gradient %d is %v, want %v", name, exponent, i, got, wantGrad[i])
				}
			}
		}
	}
}

// TestNaNIsNotHidden: training must see that a parameter is no number.
func TestNaNIsNotHidden(t *testing.T) {
	for _, p := range []regularizer.Proximal{regularizer.L1{Lambda: 1}, regularizer.L2{Lambda: 1}, regularizer.ElasticNet{Lambda: 1, L1Ratio: 0.5}} {
		theta, grad := []float64{math.NaN()}, []float64{0}
		p.AddGradient(grad, theta)
		p.Prox(theta, 0.1)
		if !math.IsNaN(grad[0]) || !math.IsNaN(theta[0]) {
			t.Errorf("%T makes %g of a NaN, with gradient %g", p, theta[0], grad[0])
		}
	}
}
