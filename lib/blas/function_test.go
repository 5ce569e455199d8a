package blas

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/raced"
)

// Functions in a precision that makes their error nothing, as references.

const precise = 160

func bigFloat(x float64) *big.Float { return new(big.Float).SetPrec(precise).SetFloat64(x) }

// bigExp is eˣ by the series of e^(x/2ᵏ), squared k times.
func bigExp(x *big.Float) *big.Float {
	const halvings = 24
	r := new(big.Float).SetMantExp(x, -halvings)
	sum, term := bigFloat(1), bigFloat(1)
	for i := 1; i < 14; i++ {
		term.Quo(term.Mul(term, r), bigFloat(float64(i)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog is ln x by steps of y ← y + 2(x−eʸ)/(x+eʸ).
func bigLog(x *big.Float) *big.Float {
	mantissa := new(big.Float)
	exponent := x.MantExp(mantissa)
	m, _ := mantissa.Float64()
	y := bigFloat(float64(exponent)*math.Ln2 + math.Log(m))
	for range 2 {
		e := bigExp(y)
		step := new(big.Float).SetPrec(precise).Quo(new(big.Float).Sub(x, e), new(big.Float).Add(x, e))
		y.Add(y, step.Add(step, step))
	}
	return y
}

func bigSigmoid(x *big.Float) *big.Float {
	e := bigExp(x)
	return e.Quo(e, new(big.Float).Add(e, bigFloat(1)))
}

func bigTanh(x *big.Float) *big.Float {
	if x.MantExp(nil) < -40 { // tanh x = x − x³/3 …
		cube := new(big.Float).Mul(x, x)
		cube.Mul(cube, x)
		return new(big.Float).Sub(x, cube.Quo(cube, bigFloat(3)))
	}
	e := bigExp(new(big.Float).Add(x, x))
	return new(big.Float).SetPrec(precise).Quo(new(big.Float).Sub(e, bigFloat(1)), new(big.Float).Add(e, bigFloat(1)))
}

func bigSoftplus(x *big.Float) *big.Float {
	e := bigExp(x)
	if e.MantExp(nil) < -60 {
		half := new(big.Float).Mul(e, e) // ln(1+e) = e − e²/2 …
		return e.Sub(e, half.Quo(half, bigFloat(2)))
	}
	return bigLog(e.Add(e, bigFloat(1)))
}

// A function as it is, as it should be, and where.
type elementary struct {
	name      string
	exact     func(*big.Float) *big.Float
	plain     func(float64) float64 // for special values
	low, high [2]float64            // of float64 and float32: where the function is not constant
	ulps      float64
}

var elementaries = []elementary{
	{"Exp", bigExp, math.Exp, [2]float64{-746, -104}, [2]float64{709.78, 88.72}, 1.1},
	{"Log", bigLog, logarithm, [2]float64{0, 0}, [2]float64{math.MaxFloat64, math.MaxFloat32}, 1},
	{"Tanh", bigTanh, math.Tanh, [2]float64{-23, -12}, [2]float64{23, 12}, 2},
	{"Sigmoid", bigSigmoid, sigmoid, [2]float64{-746, -104}, [2]float64{40, 20}, 2},
	{"Softplus", bigSoftplus, softplus, [2]float64{-746, -104}, [2]float64{1000, 1000}, 2},
}

// apply runs our function.
func (f elementary) apply(dst, x any) {
	switch x := x.(type) {
	case []float64:
		applyTo(f.name, dst.([]float64), x)
	case []float32:
		applyTo(f.name, dst.([]float32), x)
	}
}

func applyTo[T float32 | float64](name string, dst, x []T) { named[T](name)(dst, x) }

func named[T float32 | float64](name string) func(dst, x []T) {
	return map[string]func(dst, x []T){
		"Exp": Exp[T], "Log": Log[T], "Tanh": Tanh[T], "Sigmoid": Sigmoid[T], "Softplus": Softplus[T], "ReLU": ReLU[T],
	}[name]
}

// arguments are spread over the range, near 0, and of all magnitudes.
func (f elementary) arguments(r *rand.Rand, n, precision int) []float64 {
	low, high := f.low[precision], f.high[precision]
	x := make([]float64, 0, n)
	for len(x) < n {
		var v float64
		switch len(x) % 4 {
		case 0:
			v = low + r.Float64()*(high-low)
		case 1:
			v = r.NormFloat64()
		case 2:
			v = math.Copysign(math.Exp2([]float64{-1060, -140}[precision]+r.Float64()*[]float64{1070, 150}[precision]), r.Float64()-0.5)
		case 3:
			v = 1 + r.NormFloat64()*math.Exp2(-30*r.Float64())
		}
		if f.name == "Log" {
			v = math.Abs(v)
		}
		if v >= low && v <= high {
			x = append(x, v)
		}
	}
	return x
}

// The errors are what the comments promise. In Go they are a little larger,
// since math.Exp's is.
func TestFunctionErrors(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		for _, f := range elementaries {
			if engine64.name == "Go" {
				f.ulps = max(f.ulps, 2)
			}
			testErrors[float64](t, f, 0, 0x1p-1074, 53)
			testErrors[float32](t, f, 1, 0x1p-149, 24)
		}
	})
}

// many is n, or a fifth of it with -short.
func many(n int) int {
	if testing.Short() {
		return n / 5
	}
	return n
}

func testErrors[T element](t *testing.T, f elementary, precision int, smallest float64, digits int) {
	x := f.arguments(rand.New(rand.NewPCG(1, 2)), many(2000), precision)
	in, out := make([]T, len(x)), make([]T, len(x))
	for i, v := range x {
		in[i] = T(v)
	}
	f.apply(any(out), any(in))
	worst, at := 0.0, T(0)
	for i, v := range in {
		if f.name == "Log" && v == 0 {
			continue
		}
		want := f.exact(bigFloat(float64(v)))
		ulp := math.Max(math.Ldexp(1, want.MantExp(nil)-digits), smallest)
		off, _ := want.Sub(want, bigFloat(float64(out[i]))).Float64()
		if e := math.Abs(off) / ulp; !(e <= worst) {
			worst, at = e, v
		}
	}
	t.Logf("%s: at most %.3f ulp, at %v", f.name, worst, at)
	if !(worst <= f.ulps) {
		t.Errorf("%s of %T: an error of %.3f ulp at %v, want at most %v", f.name, at, worst, at, f.ulps)
	}
}

// Special values come out as from package math.
func TestFunctionSpecials(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		for _, f := range append(elementaries, elementary{name: "ReLU", plain: func(x float64) float64 { return math.Max(x, 0) }}) {
			testSpecials(t, f, []float64{math.MaxFloat64, -math.MaxFloat64, 5e-324, 0x1p-1022})
			testSpecials(t, f, []float32{math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 0x1p-126})
		}
	})
}

func testSpecials[T element](t *testing.T, f elementary, extremes []T) {
	inf := T(math.Inf(1))
	for _, v := range append(extremes, 0, -T(0), T(math.Copysign(0, -1)), 1, inf, -inf, T(math.NaN())) {
		for n := range 20 { // each place in a vector and in its rest
			x := make([]T, n+1)
			x[n] = v
			f.apply(any(x), any(x))
			want := T(f.plain(float64(v)))
			if math.Abs(float64(x[n]-want)) > 3e-7*math.Abs(float64(want)) || x[n] != x[n] != (want != want) || x[n] == 0 != (want == 0) {
				t.Fatalf("%s(%v) = %v, want %v", f.name, v, x[n], want)
			}
			if f.name == "Tanh" && math.Signbit(float64(x[n])) != math.Signbit(float64(v)) {
				t.Fatalf("Tanh(%v) = %v has the wrong sign", v, x[n])
			}
		}
	}
}

// An element's result depends neither on its place nor on its neighbours, and
// nothing beyond the slices is written.
func TestFunctionPlaces(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		for _, name := range []string{"Exp", "Log", "Tanh", "Sigmoid", "Softplus", "ReLU"} {
			testPlaces[float64](t, name)
			testPlaces[float32](t, name)
		}
	})
}

func testPlaces[T float32 | float64](t *testing.T, name string) {
	x := random[T](rand.New(rand.NewPCG(3, 4)), 70)
	whole := make([]T, len(x))
	applyTo(name, whole, x)
	for n := range len(x) {
		dst := slices.Repeat([]T{7}, n+2)
		applyTo(name, dst[1:1+n], x[len(x)-n:])
		if !same(dst[1:1+n], whole[len(x)-n:]) || dst[0] != 7 || dst[n+1] != 7 {
			t.Fatalf("%s of the last %d elements is %v, want %v between two 7", name, n, dst, whole[len(x)-n:])
		}
	}
}

// The fused kernels compute their formulas, at all lengths.
func TestFused(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testFused[float64](t, 0x1p-53)
		testFused[float32](t, 0x1p-24)
	})
}

func testFused[T float32 | float64](t *testing.T, eps float64) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 70 {
		x, y, dy := random[T](r, n+1), random[T](r, n+1), random[T](r, n+1)
		if n > 2 {
			x[0], x[1], x[2] = 0, T(math.NaN()), T(math.Inf(-1))
		}
		want, got := make([]T, n+1), make([]T, n+1)
		check := func(what string, tolerance float64) {
			t.Helper()
			for i := range want {
				if !near(got[i], want[i], tolerance*eps) {
					t.Fatalf("%s with n=%d: element %d is %v, want %v", what, n, i, got[i], want[i])
				}
			}
			if got[n] != want[n] {
				t.Fatalf("%s with n=%d: writes beyond the end", what, n)
			}
		}

		for i := range n {
			want[i] = dy[i]
			if x[i] <= 0 {
				want[i] = 0
			}
		}
		ReLUGrad(got[:n], dy[:n], x[:n])
		check("ReLUGrad", 0)

		copy(got, y)
		for i := range n {
			want[i] = 0.75*x[i] - 1.5*y[i]
		}
		want[n] = y[n]
		if declined(t, !Axpby(0.75, x[:n], -1.5, got[:n])) {
			copy(got, want)
		}
		check("Axpby", 4)

		copy(got, y)
		for i := range n {
			want[i] = y[i] - 1.5*x[i]
		}
		if declined(t, !AddScaled(got[:n], -1.5, x[:n])) {
			copy(got, want)
		}
		check("AddScaled", 4)

		if n == 0 {
			continue
		}
		rows := append(slices.Clone(y[:n]), y[:n]...)
		BiasReLU(rows, x[:n])
		for i := range n {
			if want[i] = x[i] + y[i]; want[i] < 0 {
				want[i] = 0
			}
		}
		copy(got[:n], rows)
		check("BiasReLU, first row", 0)
		copy(got[:n], rows[n:])
		check("BiasReLU, second row", 0)
	}
}

// declined reports whether a function has declined, which it must do if and only if
// there are no kernels.
func declined(t *testing.T, yes bool) bool {
	t.Helper()
	return declinedBy(t, yes, "Go")
}

// declinedBy is declined where other kernel sets lack the function, too.
func declinedBy(t *testing.T, yes bool, sets ...string) bool {
	t.Helper()
	if yes != slices.Contains(sets, engine64.name) {
		t.Fatalf("declines: %t, with kernels for %s", yes, engine64.name)
	}
	return yes
}

// The loss and its derivative have their digits at all scores, from the plainest
// formulas in high precision, for both labels, a label between and a weight.
func TestLogisticLoss(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		testLogisticLoss[float64](t, 0, 0x1p-1074, 53)
		testLogisticLoss[float32](t, 1, 0x1p-149, 24)
	})
}

func testLogisticLoss[T element](t *testing.T, precision int, smallest float64, digits int) {
	scores := elementaries[4].arguments(rand.New(rand.NewPCG(3, 4)), many(1500), precision)
	for i := 0; i < len(scores); i += 2 {
		scores[i] = max(-scores[i], elementaries[4].low[precision])
	}
	f, y, l, d := make([]T, len(scores)), make([]T, len(scores)), make([]T, len(scores)), make([]T, len(scores))
	for _, c := range []struct{ y, weight, ulps float64 }{{0, 1, 2}, {1, 1, 2}, {1, 3, 3.5}, {0.25, 1, 4}} {
		for i, v := range scores {
			f[i], y[i] = T(v), T(c.y)
		}
		if declined(t, !LogisticLoss(l, d, f, y, T(c.weight))) {
			return
		}
		worst := [2]float64{}
		for i, v := range f {
			x := bigFloat(float64(v))
			minus := new(big.Float).Neg(x)
			one, zero := bigFloat(c.weight*c.y), bigFloat(1-c.y)
			loss := new(big.Float).SetPrec(precise).Mul(one, bigSoftplus(minus))
			loss.Add(loss, new(big.Float).SetPrec(precise).Mul(zero, bigSoftplus(x)))
			down := new(big.Float).SetPrec(precise).Mul(one, bigSigmoid(minus))
			slope := new(big.Float).SetPrec(precise).Mul(zero, bigSigmoid(x))
			for k, want := range []*big.Float{loss, slope.Sub(slope, down)} {
				ulp := math.Max(math.Ldexp(1, want.MantExp(nil)-digits), smallest)
				if k == 1 && c.y == 0.25 {
					ulp = math.Ldexp(1, -digits) // a difference of two probabilities
				}
				off, _ := want.Sub(want, bigFloat(float64([]T{l[i], d[i]}[k]))).Float64()
				worst[k] = max(worst[k], math.Abs(off)/ulp)
			}
		}
		t.Logf("%T, y = %g, weight %g: loss at most %.3f ulp, derivative %.3f", l[0], c.y, c.weight, worst[0], worst[1])
		if !(max(worst[0], worst[1]) <= c.ulps) {
			t.Errorf("%T, y = %g, weight %g: errors of %.3f and %.3f ulp, want at most %g", l[0], c.y, c.weight, worst[0], worst[1], c.ulps)
		}
	}
}

// Each element is computed alone, in place or not, and the largest scores have
// their limits. An infinite one makes the loss 0·∞.
func TestLogisticLossPlaces(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		f, y := random[float64](r, 70), random[float64](r, 70)
		for i := range y {
			y[i] = float64(i % 2)
		}
		inf := math.Inf(1)
		copy(f, []float64{-inf, inf, 0, 1e308, -1e308, math.NaN()})
		l, d := make([]float64, 70), make([]float64, 70)
		if declined(t, !LogisticLoss(l, d, f, y, 1)) {
			return
		}
		if l[0] == l[0] || d[0] != 0 || l[1] == l[1] || d[1] != 0 || l[2] != math.Ln2 || d[2] != 0.5 || l[3] != 0 || l[4] != 0 || l[5] == l[5] || d[5] == d[5] {
			t.Errorf("at the limits: losses %v, derivatives %v", l[:6], d[:6])
		}
		for n := range len(f) {
			gotL, gotD := slices.Repeat([]float64{7}, n+2), slices.Repeat([]float64{7}, n+2)
			copy(gotD[1:], f[70-n:])
			LogisticLoss(gotL[1:1+n], gotD[1:1+n], gotD[1:1+n], y[70-n:], 1)
			if !same(gotL[1:1+n], l[70-n:]) || !same(gotD[1:1+n], d[70-n:]) || gotL[0]+gotL[n+1]+gotD[0]+gotD[n+1] != 28 {
				t.Fatalf("the last %d elements are %v and %v, want %v and %v", n, gotL, gotD, l[70-n:], d[70-n:])
			}
		}
	})
}

func TestAdam(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testAdam[float64](t, 0x1p-53)
		testAdam[float32](t, 0x1p-24)
	})
}

func testAdam[T float32 | float64](t *testing.T, eps float64) {
	r := rand.New(rand.NewPCG(7, 8))
	const beta1, beta2, rate, root, epsilon, keep = 0.875, 0.96875, 0.125, 1.5, 1e-3, 0.9375
	for n := range 40 {
		theta, grad, m, v := random[T](r, n+1), random[T](r, n+1), random[T](r, n+1), abs(random[T](r, n+1))
		theta2, m2, v2 := slices.Clone(theta), slices.Clone(m), slices.Clone(v)
		if declined(t, !Adam(theta[:n], grad[:n], m[:n], v[:n], beta1, beta2, rate, root, epsilon, keep)) {
			return
		}
		for i := range n {
			g := float64(grad[i])
			first := beta1*float64(m2[i]) + (1-beta1)*g
			second := beta2*float64(v2[i]) + (1-beta2)*g*g
			m2[i], v2[i] = T(first), T(second)
			theta2[i] = T(keep*float64(theta2[i]) - rate*first/(root*math.Sqrt(second)+epsilon))
		}
		for name, pair := range map[string][2][]T{"m": {m, m2}, "v": {v, v2}, "θ": {theta, theta2}} {
			for i := range pair[0] {
				if !near(pair[0][i], pair[1][i], 8*eps) {
					t.Fatalf("n=%d: %s[%d] is %v, want %v", n, name, i, pair[0][i], pair[1][i])
				}
			}
		}
	}
}

// AdamNarrow gives the bits of Adam with the gradient added to 0.
func TestAdamNarrow(t *testing.T) {
	special := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 0x1p-1074, 1e-310, 1e-40, 1e39, math.MaxFloat64}
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for n := range 70 {
			if n == 69 {
				n = 5000 // on several cores
			}
			grad, theta, m, v := random[float32](r, n), random[float64](r, n+1), random[float64](r, n+1), abs(random[float64](r, n+1))
			rounded := make([]float32, n+1)
			for i := range n {
				if r.IntN(3) == 0 {
					pick := func() float64 { return special[r.IntN(len(special))] }
					grad[i], theta[i], m[i], v[i] = float32(pick()), pick(), pick(), pick()
				}
			}
			theta2, m2, v2, rounded2, wide := slices.Clone(theta), slices.Clone(m), slices.Clone(v), make([]float32, n+1), make([]float64, n)
			AddNarrow(wide, grad)
			for _, beta1 := range []float64{0, 0.9} {
				ok := AdamNarrow(theta[:n], grad, m[:n], v[:n], rounded[:n], beta1, 0.99, 1e-3, 1.5, 1e-8, 0.75)
				if declinedBy(t, !ok, "Go", "NEON") {
					return
				}
				Adam(theta2[:n], wide, m2[:n], v2[:n], beta1, 0.99, 1e-3, 1.5, 1e-8, 0.75)
				Narrow(rounded2[:n], theta2[:n])
				if !same(theta, theta2) || !same(m, m2) || !same(v, v2) || !same(rounded, rounded2) {
					t.Fatalf("n=%d, beta1=%g: not as Adam", n, beta1)
				}
			}
		}
	})
}

// Roots are rounded as math.Sqrt rounds them, in vectors of all kinds of numbers:
// those whose roots lie next to the middle between two numbers first of all.
func TestAdamRoundsRoots(t *testing.T) {
	special := []float64{
		0, 0x1p-1074, 0x1p-1022, 0x1p-901, 0x1p-900, 0x1.fffffffffffffp-1, 1, 2, 0x1p899, 0x1.fffffffffffffp899, 0x1p900,
		0x1p901, math.MaxFloat64, math.Inf(1), math.NaN(), -1,
	}
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		const n = 1003
		zeros := make([]float64, n)
		for round := range 300 {
			v := make([]float64, n)
			for i := range v {
				switch root := math.Ldexp(1+r.Float64(), r.IntN(800)-400); {
				case round%3 == 0:
					v[i] = nearMiddle(root, r.IntN(3)-1)
				case round%3 == 1:
					v[i] = math.Ldexp(root, r.IntN(1000)-500)
				case i%50 == 0:
					v[i] = special[r.IntN(len(special))]
				default:
					v[i] = root * root
				}
			}
			for _, m := range []float64{1, 1.25, 1.5, 1.75} { // a quotient may hide a digit of the root
				theta, first, second := slices.Clone(zeros), slices.Repeat([]float64{m}, n), slices.Clone(v)
				if declined(t, !Adam(theta, zeros, first, second, 1, 1, 1, 1, 0, 0)) {
					return
				}
				for i := range v {
					if want := 0 - m/math.Sqrt(v[i]); theta[i] != want && !(theta[i] != theta[i] && want != want) {
						t.Fatalf("%g/√%g is %g, want %g", -m, v[i], theta[i], want)
					}
				}
			}
		}
	})
}

// nearMiddle returns the number next to (root + half a unit in the last place)²,
// or some units away from it.
func nearMiddle(root float64, units int) float64 {
	middle := new(big.Float).SetPrec(54).SetFloat64(root)
	ulp := math.Nextafter(root, math.Inf(1)) - root
	middle.Add(middle, big.NewFloat(ulp/2))
	square, _ := new(big.Float).SetPrec(53).Mul(middle, middle).Float64()
	return math.Float64frombits(math.Float64bits(square) + uint64(units))
}

// Numbers are rounded as Go rounds them, and nothing beyond the slices is
// written.
func TestConversions(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		special := []float64{math.NaN(), math.Inf(-1), 1e300, 1e-40, 1e-300, math.Copysign(0, -1), 1 + 0x1p-24, 1 + 0x1.8p-23}
		for n := range 40 {
			x := append(special[:min(n, len(special))], random[float64](r, n-min(n, len(special))+1)...)
			narrow, want := slices.Repeat([]float32{7}, n+1), slices.Repeat([]float32{7}, n+1)
			sums, wantSums := slices.Clone(x), slices.Clone(x)
			for i := range n {
				want[i] = float32(x[i])
				wantSums[i] += float64(want[i])
			}
			Narrow(narrow[:n], x[:n])
			if !same(narrow, want) {
				t.Fatalf("Narrow of %v is %v, want %v", x[:n], narrow, want)
			}
			AddNarrow(sums[:n], narrow[:n])
			if !same(sums, wantSums) {
				t.Fatalf("AddNarrow gives %v, want %v", sums, wantSums)
			}
		}
	})
}

func TestFunctionPanics(t *testing.T) {
	three, four := make([]float64, 3), make([]float64, 4)
	for want, call := range map[string]func(){
		"blas: x and dst have 4 and [3] elements, want all the same":                func() { Exp(three, four) },
		"blas: x and y have 3 and [4] elements, want all the same":                  func() { Axpby(1, three, 1, four) },
		"blas: x, dst and dy have 4 and [4 3] elements, want all the same":          func() { ReLUGrad(four, three, four) },
		"blas: f, y, l and d have 4 and [3 3 3] elements, want all the same":        func() { LogisticLoss(three, three, four, three, 1) },
		"blas: y has 4 elements, want a multiple of the 3 of bias":                  func() { BiasReLU(four, three) },
		"blas: y has 4 elements, want a multiple of the 0 of bias":                  func() { BiasReLU(four, nil) },
		"blas: grad, theta, m and v have 3 and [3 4 3] elements, want all the same": func() { Adam(three, three, four, three, 0, 0, 0, 0, 0, 0) },
		"blas: x and dst have 3 and [1] elements, want all the same":                func() { Narrow(make([]float32, 1), three) },
		"blas: x and y have 1 and [3] elements, want all the same":                  func() { AddNarrow(three, make([]float32, 1)) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("panics with %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
	Exp[float64](nil, nil)
	Adam[float32](nil, nil, nil, nil, 0, 0, 0, 0, 0, 0)
}

func TestFunctionsAllocateNothing(t *testing.T) {
	x, y, z, narrow := make([]float64, 300), make([]float64, 300), make([]float64, 300), make([]float32, 300)
	if n := testing.AllocsPerRun(20, func() {
		Exp(y, x)
		ReLUGrad(y, z, x)
		BiasReLU(y, x)
		Axpby(2, x, 3, y)
		Adam(x, y, z, z, 0.9, 0.999, 1, 1, 1, 1)
		AdamNarrow(x, narrow, y, z, narrow, 0.9, 0.999, 1, 1, 1, 1)
		AddRuns(x, 30, y, 20, 9, 12)
		MaxSquares(x[:60], 5, y[:240], 10)
		Narrow(narrow, x)
		AddNarrow(x, narrow)
		LogisticLoss(x, y, y, z, 1)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestExpToTheEnd: eˣ is finite up to the largest float64, by the kernels of this
// processor and in plain Go, and as small as the smallest below.
func TestExpToTheEnd(t *testing.T) {
	var x []float64
	for v := 708.9; v < 709.7827; v += 0.003 {
		x = append(x, v)
	}
	x = append(x, 709.5, 709.78, 709.782712893384, -708.5, -720, -740, -744, -745.1)
	kernels := map[string]func(n int, dst, x *float64){"kernel": engine64.exp, "plain": plainFunctions[float64]().exp}
	for name, f := range kernels {
		y := make([]float64, len(x))
		f(len(x), &y[0], &x[0])
		for i, v := range x {
			exact, _ := bigExp(bigFloat(v)).Float64()
			if !(math.Abs(y[i]-exact) <= max(2*0x1p-52*exact, 0x1p-1074)) {
				t.Errorf("%s: e^%v is %v, want %v", name, v, y[i], exact)
			}
		}
		for v, want := range map[float64]float64{709.79: math.Inf(1), math.Inf(1): math.Inf(1), -746: 0, math.Inf(-1): 0} {
			if f(1, &y[0], &v); y[0] != want {
				t.Errorf("%s: e^%v is %v, want %v", name, v, y[0], want)
			}
		}
	}
}
