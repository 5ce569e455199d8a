package blas

import (
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/number"
)

// withoutPointLosses are the sets that have no kernels for losses and for steps beside Adam's.
var withoutPointLosses = []string{"Go", "NEON"}

// pointKernels are the losses of one prediction and one target, with their plain
// formulas.
var pointKernels = []struct {
	name  string
	many  func(l, d, f, y []float64) bool
	point func(f, y float64) (l, d float64)
}{
	{"SquaredLoss", SquaredLoss, func(f, y float64) (l, d float64) { return (f - y) * (f - y), 2 * (f - y) }},
	{"HuberLoss", func(l, d, f, y []float64) bool { return HuberLoss(l, d, f, y, 0.75) }, func(f, y float64) (l, d float64) {
		e := f - y
		if math.Abs(e) > 0.75 {
			return 0.75 * (math.Abs(e) - 0.375), math.Copysign(0.75, e)
		}
		return e * e / 2, e
	}},
	{"SidedLoss", func(l, d, f, y []float64) bool { return SidedLoss(l, d, f, y, -0.9, 0.25) }, func(f, y float64) (l, d float64) {
		switch e := f - y; {
		case e < 0:
			return -0.9 * e, -0.9
		case e > 0:
			return 0.25 * e, 0.25
		default:
			return e, e
		}
	}},
	{"HingeLoss", HingeLoss, func(f, y float64) (l, d float64) {
		s := 2*y - 1
		if s*f >= 1 {
			return 0, 0
		}
		return 1 - s*f, -s
	}},
	{"SquaredHingeLoss", SquaredHingeLoss, func(f, y float64) (l, d float64) {
		s := 2*y - 1
		v := math.Max(0, 1-s*f)
		return v * v, -2 * s * v
	}},
	{"PoissonLoss", PoissonLoss, func(f, y float64) (l, d float64) { return math.Exp(f) - y*f, math.Exp(f) - y }},
	{"LogCoshLoss", LogCoshLoss, func(f, y float64) (l, d float64) {
		e := math.Abs(f - y)
		if e > 1 {
			return e - math.Ln2 + math.Log1p(math.Exp(-2*e)), math.Tanh(f - y)
		}
		s := math.Sinh(e / 2)
		return math.Log1p(2 * s * s), math.Tanh(f - y)
	}},
	{"FocalLoss", func(l, d, f, y []float64) bool { return FocalLoss(l, d, f, y, 2, 0.25) }, func(f, y float64) (l, d float64) {
		side, alpha := -1.0, 0.75
		if y == 1 {
			side, alpha = 1, 0.25
		}
		p, q := sigmoid(side*f), sigmoid(-side*f)
		logP, logQ := softplus(-side*f), softplus(side*f)
		alpha *= math.Exp(-2 * logQ)
		return alpha * logP, -side * alpha * (q + 2*p*logP)
	}},
}

// TestLogCoshDigits: near 0 the loss is about ½e², and has its digits.
func TestLogCoshDigits(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		for _, e := range []float64{1e-150, 1e-9, 1e-5, 0.001, 0.1, 0.5, 0.999, 1, 1.001, 3} {
			l, d := make([]float64, 1), make([]float64, 1)
			if declinedBy(t, !LogCoshLoss(l, d, []float64{e}, []float64{0}), withoutPointLosses...) {
				return
			}
			x := new(big.Float).SetPrec(precise).SetFloat64(e)
			want := bigSoftplus(new(big.Float).SetPrec(precise).Mul(x, big.NewFloat(-2))) // ln cosh e = e − ln 2 + ln(1 + e^(−2e))
			want.Add(want, x).Sub(want, bigSoftplus(new(big.Float)))
			if e < 1e-8 {
				want.Mul(x, x).Mul(want, big.NewFloat(0.5)) // the rest is below a rounding
			}
			right, _ := want.Float64()
			if math.Abs(l[0]-right) > 6*0x1p-53*right {
				t.Errorf("at %g it is %v, want %v", e, l[0], right)
			}
		}
	})
}

// TestPointLosses holds the kernels to the plain formulas, at every length and for
// every kind of number, in place and not.
func TestPointLosses(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		inf := math.Inf(1)
		for _, k := range pointKernels {
			for n := range 40 {
				f, y := random[float64](r, n), random[float64](r, n)
				for i := range y {
					y[i] = float64(r.IntN(2))
				}
				for i, v := range []float64{0, 1, -1, inf, -inf, math.NaN(), 1e308, -1e308, 700, math.Copysign(0, -1)} {
					if i < n && n > 20 {
						f[(7*i+n)%n] = v
					}
				}
				l, d := make([]float64, n), slices.Clone(f)
				if declinedBy(t, !k.many(l, d, d, y), withoutPointLosses...) {
					break
				}
				for i := range n {
					wantL, wantD := k.point(f[i], y[i])
					if !within(l[i], wantL, f[i]) || !within(d[i], wantD, f[i]) {
						t.Errorf("%s, %d elements: at f = %g, y = %g it is %v and %v, want %v and %v", k.name, n, f[i], y[i], l[i], d[i], wantL, wantD)
					}
				}
			}
		}
	})
}

// within says whether two numbers are the same but for roundings of numbers of the
// size of 1 and e^f.
func within(a, b, f float64) bool {
	if math.IsNaN(b) || math.IsInf(b, 0) || a == b {
		return a == b || math.IsNaN(a) && math.IsNaN(b)
	}
	return math.Abs(a-b) <= 4*0x1p-53*(math.Abs(b)+math.Min(math.Exp(math.Abs(f)), 1e3))
}

func TestPointLossPanics(t *testing.T) {
	three, four := make([]float64, 3), make([]float64, 4)
	for _, k := range pointKernels {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s takes slices of different lengths", k.name)
				}
			}()
			k.many(three, three, four, three)
		}()
		k.many(nil, nil, nil, nil)
	}
}

func TestMoves(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(13, 14))
		const beta1, beta2, rate, root, epsilon = 0.875, 0.96875, 0.125, 1.5, 1e-3
		for _, k := range []struct {
			name  string
			many  func(theta, grad, m, v []float64) bool
			plain func(theta, g, m, v float64) (_, _, _ float64)
		}{
			{"Adagrad", func(theta, grad, m, v []float64) bool { return Adagrad(theta, grad, v, rate, epsilon) }, func(theta, g, m, v float64) (_, _, _ float64) {
				v += g * g
				return theta - rate*g/(math.Sqrt(v)+epsilon), m, v
			}},
			{"Adadelta", func(theta, grad, m, v []float64) bool { return Adadelta(theta, grad, v, m, beta2, rate, epsilon) }, func(theta, g, m, v float64) (_, _, _ float64) {
				v = beta2*v + (1-beta2)*g*g
				d := math.Sqrt(m+epsilon) / math.Sqrt(v+epsilon) * g
				return theta - rate*d, beta2*m + (1-beta2)*d*d, v
			}},
			{"Adamax", func(theta, grad, m, v []float64) bool { return Adamax(theta, grad, m, v, beta1, beta2, rate, epsilon) }, func(theta, g, m, v float64) (_, _, _ float64) {
				m, v = beta1*m+(1-beta1)*g, math.Max(beta2*v, math.Abs(g)+epsilon)
				return theta - rate*m/v, m, v
			}},
			{"AdaBelief", func(theta, grad, m, v []float64) bool {
				return AdaBelief(theta, grad, m, v, beta1, beta2, rate, root, epsilon)
			}, func(theta, g, m, v float64) (_, _, _ float64) {
				m = beta1*m + (1-beta1)*g
				v = beta2*v + (1-beta2)*(g-m)*(g-m) + epsilon
				return theta - rate*m/(root*math.Sqrt(v)+epsilon), m, v
			}},
			{"AMSGrad", func(theta, grad, m, v []float64) bool {
				return AMSGrad(theta, grad, m, v, slices.Repeat([]float64{0.5}, len(v)), beta1, beta2, rate, root, epsilon, 0.75)
			}, func(theta, g, m, v float64) (_, _, _ float64) {
				m, v = beta1*m+(1-beta1)*g, beta2*v+(1-beta2)*g*g
				return 0.75*theta - rate*m/(root*math.Sqrt(math.Max(v, 0.5))+epsilon), m, v
			}},
			{"Lion", func(theta, grad, m, v []float64) bool { return Lion(theta, grad, m, beta1, beta2, rate) }, func(theta, g, m, v float64) (_, _, _ float64) {
				sign := beta1*m + (1-beta1)*g
				if sign != 0 {
					sign = math.Copysign(1, sign)
				}
				return theta - rate*sign, beta2*m + (1-beta2)*g, v
			}},
			{"Momentum", func(theta, grad, m, v []float64) bool { return Momentum(theta, grad, m, beta1, 0.5, rate) }, func(theta, g, m, v float64) (_, _, _ float64) {
				m = beta1*m + 0.5*g
				return theta - rate*m, m, v
			}},
			{"Nesterov", func(theta, grad, m, v []float64) bool { return Nesterov(theta, grad, m, beta1, 0.5, rate) }, func(theta, g, m, v float64) (_, _, _ float64) {
				m = beta1*m + 0.5*g
				return theta - rate*(g+beta1*m), m, v
			}},
			{"NAdam", func(theta, grad, m, v []float64) bool {
				return NAdam(theta, grad, m, v, beta1, beta2, rate, 0.25, root, epsilon)
			}, func(theta, g, m, v float64) (_, _, _ float64) {
				m, v = beta1*m+(1-beta1)*g, beta2*v+(1-beta2)*g*g
				return theta - (rate*m+0.25*g)/(root*math.Sqrt(v)+epsilon), m, v
			}},
			{"Rprop", func(theta, grad, m, v []float64) bool { return Rprop(theta, grad, v, m, 0.5, 1.25, 0.25, 1) }, func(theta, g, m, v float64) (_, _, _ float64) {
				switch agree := g * m; {
				case agree > 0:
					v *= 1.25
				case agree < 0:
					v, g = 0.5*v, 0
				}
				v = min(max(v, 0.25), 1)
				return theta - v*number.Sign(g), g, v
			}},
		} {
			for n := range 40 {
				theta, grad, m, v := random[float64](r, n+1), random[float64](r, n+1), abs(random[float64](r, n+1)), abs(random[float64](r, n+1))
				if n > 0 {
					grad[0], m[0] = 0, 0 // no step
				}
				theta2, m2, v2 := slices.Clone(theta), slices.Clone(m), slices.Clone(v)
				if declinedBy(t, !k.many(theta[:n], grad[:n], m[:n], v[:n]), withoutPointLosses...) {
					break
				}
				for i := range n {
					theta2[i], m2[i], v2[i] = k.plain(theta2[i], grad[i], m2[i], v2[i])
				}
				for name, pair := range map[string][2][]float64{"m": {m, m2}, "v": {v, v2}, "θ": {theta, theta2}} {
					for i := range pair[0] {
						if !near(pair[0][i], pair[1][i], 8*0x1p-53) {
							t.Fatalf("%s, %d elements: %s[%d] is %v, want %v", k.name, n, name, i, pair[0][i], pair[1][i])
						}
					}
				}
			}
		}
	})
}

// TestMovesOnCores: the bits do not depend on how many cores make a step.
func TestMovesOnCores(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
		defer crew.Fix(1)() // everything is shared
		const n = 10_007
		for name, move := range map[string]func(theta, grad, m, v, most []float64) bool{
			"Adam": func(theta, grad, m, v, _ []float64) bool {
				return Adam(theta, grad, m, v, 0.9, 0.99, 0.1, 2, 1e-8, 0.9)
			},
			"Adagrad":  func(theta, grad, _, v, _ []float64) bool { return Adagrad(theta, grad, v, 0.1, 1e-8) },
			"Adadelta": func(theta, grad, m, v, _ []float64) bool { return Adadelta(theta, grad, v, m, 0.9, 0.1, 1e-8) },
			"Adamax":   func(theta, grad, m, v, _ []float64) bool { return Adamax(theta, grad, m, v, 0.9, 0.99, 0.1, 1e-8) },
			"AdaBelief": func(theta, grad, m, v, _ []float64) bool {
				return AdaBelief(theta, grad, m, v, 0.9, 0.99, 0.1, 2, 1e-8)
			},
			"AMSGrad": func(theta, grad, m, v, most []float64) bool {
				return AMSGrad(theta, grad, m, v, most, 0.9, 0.99, 0.1, 2, 1e-8, 0.9)
			},
			"Lion":     func(theta, grad, m, _, _ []float64) bool { return Lion(theta, grad, m, 0.9, 0.99, 0.1) },
			"Momentum": func(theta, grad, m, _, _ []float64) bool { return Momentum(theta, grad, m, 0.9, 1, 0.1) },
			"Nesterov": func(theta, grad, m, _, _ []float64) bool { return Nesterov(theta, grad, m, 0.9, 1, 0.1) },
			"NAdam": func(theta, grad, m, v, _ []float64) bool {
				return NAdam(theta, grad, m, v, 0.9, 0.99, 0.1, 0.1, 2, 1e-8)
			},
			"Rprop": func(theta, grad, m, v, _ []float64) bool { return Rprop(theta, grad, v, m, 0.5, 1.2, 0.1, 1) },
		} {
			var first [5][]float64
			for _, cores := range []int{1, 2, 3, 8} {
				runtime.GOMAXPROCS(cores)
				r := rand.New(rand.NewPCG(15, 16))
				got := [5][]float64{random[float64](r, n), random[float64](r, n), random[float64](r, n), abs(random[float64](r, n)), abs(random[float64](r, n))}
				before := crew.Shared()
				if !move(got[0], got[1], got[2], got[3], got[4]) {
					break // by sets without kernels, which TestMoves names
				}
				if shared := crew.Shared() > before; shared != (cores > 1) {
					t.Errorf("%s on %d cores: shared is %t", name, cores, shared)
				}
				if first[0] == nil {
					first = got
				}
				for i := range got {
					if !same(first[i], got[i]) {
						t.Errorf("%s: vector %d on %d cores differs from that on one", name, i, cores)
					}
				}
			}
		}
	})
}

// TestMovesPanic: slices of different lengths, and none at all. NaN stays one in θ.
func TestMovesPanic(t *testing.T) {
	three, four := make([]float64, 3), make([]float64, 4)
	for name, call := range map[string]func(theta, grad, m []float64) bool{
		"Adagrad":   func(theta, grad, m []float64) bool { return Adagrad(theta, grad, m, 1, 1) },
		"Adadelta":  func(theta, grad, m []float64) bool { return Adadelta(theta, grad, m, m, 0.5, 1, 1) },
		"Adamax":    func(theta, grad, m []float64) bool { return Adamax(theta, grad, m, m, 0.5, 0.5, 1, 1) },
		"AdaBelief": func(theta, grad, m []float64) bool { return AdaBelief(theta, grad, m, m, 0.5, 0.5, 1, 1, 1) },
		"AMSGrad":   func(theta, grad, m []float64) bool { return AMSGrad(theta, grad, m, m, m, 0.5, 0.5, 1, 1, 1, 1) },
		"Lion":      func(theta, grad, m []float64) bool { return Lion(theta, grad, m, 0.5, 0.5, 1) },
		"Momentum":  func(theta, grad, m []float64) bool { return Momentum(theta, grad, m, 0.5, 1, 1) },
		"Nesterov":  func(theta, grad, m []float64) bool { return Nesterov(theta, grad, m, 0.5, 1, 1) },
		"NAdam":     func(theta, grad, m []float64) bool { return NAdam(theta, grad, m, m, 0.5, 0.5, 1, 1, 1, 1) },
		"Rprop":     func(theta, grad, m []float64) bool { return Rprop(theta, grad, m, m, 0.5, 2, 0, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s takes slices of different lengths", name)
				}
			}()
			call(three, three, four)
		}()
		call(nil, nil, nil)
		theta := make([]float64, 11)
		if ok := call(theta, slices.Repeat([]float64{math.NaN()}, 11), make([]float64, 11)); ok && (!math.IsNaN(theta[0]) || !math.IsNaN(theta[10])) {
			t.Errorf("%s hides gradients that are NaN: θ is %v", name, theta)
		}
	}
}
