package optim_test

import (
	"iter"
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/lib/optim"
)

// A mutant is an optimizer written down a second time, in the plainest way, with
// room for one bug. Without the bug it must follow the golden trajectory; with
// it, it must leave it on at least one of the two problems, or the reference
// values could not have found that bug.
type mutant struct {
	bug  string
	step func(s *scratch, theta, grad []float64, lr float64, bug string)

	s scratch
}

// scratch is what a mutant may remember: the step, counted from 1, and vectors
// of zeros.
type scratch struct {
	t, product float64
	a, b, c    []float64
}

func (m *mutant) Init(n int) {
	v := func() []float64 { return make([]float64, n) }
	m.s = scratch{a: v(), b: v(), c: v(), product: 1}
}

func (m *mutant) Step(theta, grad []float64, lr float64) {
	m.s.t++
	m.step(&m.s, theta, grad, lr, m.bug)
}

func (m *mutant) State() iter.Seq2[string, []float64] {
	return func(func(string, []float64) bool) {}
}

func TestGoldensCatchBugs(t *testing.T) {
	tests := []struct {
		golden string
		step   func(s *scratch, theta, grad []float64, lr float64, bug string)
		bugs   []string
	}{
		{"sgd_momentum", plainSGD(0.9, 0, false, 0), []string{"rate in momentum", "average momentum", "no momentum"}},
		{"sgd_dampening", plainSGD(0.9, 0.5, false, 0), []string{"dampening at first step", "no dampening", "rate in momentum"}},
		{"sgd_nesterov", plainSGD(0.9, 0, true, 0), []string{"Nesterov of old momentum", "no Nesterov", "rate in momentum"}},
		{"sgd_coupled", plainSGD(0.9, 0, false, 0.1), []string{"decay with wrong sign", "decoupled", "no decay", "twice the decay", "rate in momentum"}},
		{"sgd_decoupled", decoupledSGD, []string{"decay with wrong sign", "coupled", "decay after the step", "decay without rate", "no decay"}},
		{"sgd_sign_decay", signSGD, []string{"decay with wrong sign", "no decay", "proportional"}},
		{"adam", plainAdam(0.9, 0.999, false, 0), []string{"ε inside root", "ε before correction", "no correction", "no correction of m", "no correction of v", "AMSGrad", "steps from 0"}},
		{"adam_coupled", plainAdam(0.9, 0.999, false, 1e-3), []string{"decoupled", "decay with wrong sign", "no decay"}},
		{"amsgrad", plainAdam(0.9, 0.999, true, 0), []string{"maximum of v̂", "plain Adam", "ε inside root", "ε before correction"}},
		{"amsgrad_options", plainAdam(0.9, 0.9, true, 0), []string{"maximum of v̂", "plain Adam"}},
		{"adamw", plainAdamW, []string{"coupled", "decay with wrong sign", "decay without rate", "decay after the step", "no decay"}},
		{"adamax", plainAdamax, []string{"ε outside maximum", "no correction", "no ε", "u corrected"}},
		{"nadam", plainNAdam, []string{"product twice", "μ constant", "no next μ", "ε inside root"}},
		{"radam", plainRAdam, []string{"ε after correction", "no rectification", "threshold 4", "no warm-up"}},
		{"adabelief", plainAdaBelief(1e-16), []string{"old m", "variance of g", "no correction"}},
		{"adabelief_options", plainAdaBelief(1e-14), []string{"no ε in s", "ε once"}},
		{"adagrad", plainAdagrad(1e-10, 0, 0), []string{"ε inside root", "no ε"}},
		{"adagrad_options", plainAdagrad(1e-7, 1e-12, 0.05), []string{"ε inside root", "no initial", "no rate decay", "rate decay from first step"}},
		{"adadelta", plainAdadelta, []string{"ε outside root", "new u", "no learning rate"}},
		{"rmsprop", plainRMSprop(0.99, 1e-8, 0, false), []string{"ε inside root", "corrected", "no ε"}},
		{"rmsprop_momentum", plainRMSprop(0.99, 1e-8, 0.9, false), []string{"rate in momentum", "momentum of g", "ε inside root"}},
		{"rmsprop_centered", plainRMSprop(0.99, 1e-8, 0, true), []string{"not centred", "old mean", "ε inside root"}},
		{"rprop", plainRprop, []string{"no rest", "rest keeps gradient", "rate of each step", "no bounds"}},
		{"lion", plainLion, []string{"betas swapped", "momentum first", "no sign"}},
		{"clip_norm", clippedSGD, []string{"no 1e-6", "by value", "always"}},
		{"lookahead_options", plainLookahead, []string{"slow from zero", "momentum reset", "fraction of slow", "from step 0"}},
		{"ema", averagedSGD, []string{"from zero", "corrected", "swapped", "before the step"}},
		{"muon", plainMuon, []string{"no Nesterov", "no orthogonalisation", "momentum of sums", "four steps", "no norm"}},
		{"schedule_free", plainScheduleFree, []string{"gradient step of y", "average before the step", "weights of the rate", "β swapped"}},
		{"asgd_options", plainASGD, []string{"coupled with α", "rate from step 1", "mean from step 0", "no decay", "constant rate"}},
		{"momentum_one_cycle", cycledSGD, []string{"constant", "rises with the rate", "one step late"}},
	}
	g := loadTrajectories(t)
	for _, test := range tests {
		c := g.find(t, test.golden)
		for _, bug := range append([]string{""}, test.bugs...) {
			worst := 0.0
			for _, problem := range problems {
				var opt optim.Optimizer = &mutant{bug: bug, step: test.step}
				if slices.Contains([]string{"ema", "schedule_free", "asgd_options"}, test.golden) {
					opt = averagedMutant{opt.(*mutant)}
				}
				worst = max(worst, distance(g.run(opt, c, problem)))
			}
			if bug == "" && !(worst <= tolerance) {
				t.Errorf("%s written down again differs by %.3g", test.golden, worst)
			}
			if bug != "" && worst <= 1e3*tolerance {
				t.Errorf("%s with the bug %q differs by only %.3g: the golden does not catch it", test.golden, bug, worst)
			}
		}
	}
}

// averagedMutant shows what the mutant keeps in b as its average.
type averagedMutant struct{ *mutant }

func (m averagedMutant) Average() []float64 { return m.s.b }
func (m averagedMutant) Swap([]float64)     {}

type step = func(s *scratch, theta, grad []float64, lr float64, bug string)

func plainSGD(mu, tau float64, nesterov bool, lambda float64) step {
	return func(s *scratch, theta, grad []float64, lr float64, bug string) {
		for i, g := range grad {
			switch bug {
			case "decay with wrong sign":
				g -= lambda * theta[i]
			case "twice the decay":
				g += 2 * lambda * theta[i]
			case "decoupled":
				theta[i] *= 1 - lr*lambda
			case "no decay":
			default:
				g += lambda * theta[i]
			}
			fresh := 1 - tau
			if (s.t == 1 && bug != "dampening at first step") || bug == "no dampening" {
				fresh = 1
			}
			if bug == "average momentum" {
				fresh = 1 - mu
			}
			old := s.a[i]
			if bug == "rate in momentum" { // of Sutskever; the same only at a constant rate
				s.a[i] = mu*old + fresh*lr*g
				b := s.a[i]
				if nesterov {
					b = lr*g + mu*b
				}
				theta[i] -= b
				continue
			}
			b := mu*old + fresh*g
			s.a[i] = b
			switch {
			case bug == "no momentum":
				b = g
			case bug == "Nesterov of old momentum":
				b = g + mu*old
			case nesterov && bug != "no Nesterov":
				b = g + mu*b
			}
			theta[i] -= lr * b
		}
	}
}

func decoupledSGD(s *scratch, theta, grad []float64, lr float64, bug string) {
	const lambda = 0.1
	for i, g := range grad {
		old := theta[i]
		switch bug {
		case "decay with wrong sign":
			theta[i] += lr * lambda * old
		case "decay without rate":
			theta[i] -= 0.1 * lambda * old
		case "coupled":
			g += lambda * old
		case "no decay", "decay after the step":
		default:
			theta[i] -= lr * lambda * old
		}
		s.a[i] = 0.9*s.a[i] + g
		theta[i] -= lr * s.a[i]
		if bug == "decay after the step" {
			theta[i] *= 1 - lr*lambda
		}
	}
}

func signSGD(s *scratch, theta, grad []float64, lr float64, bug string) {
	for i, g := range grad {
		d := 1e-6
		switch bug {
		case "decay with wrong sign":
			d = -d
		case "no decay":
			d = 0
		case "proportional":
			d *= math.Abs(theta[i])
		}
		if theta[i] < 0 {
			d = -d
		}
		s.a[i] = 0.9*s.a[i] + g + d
		theta[i] -= lr * s.a[i]
	}
}

func plainAdam(beta1, beta2 float64, amsgrad bool, lambda float64) step {
	const epsilon = 1e-8
	return func(s *scratch, theta, grad []float64, lr float64, bug string) {
		t := s.t
		if bug == "steps from 0" {
			t = max(t-1, 0.5)
		}
		c1, c2 := 1-math.Pow(beta1, t), 1-math.Pow(beta2, t)
		switch bug {
		case "no correction":
			c1, c2 = 1, 1
		case "no correction of m":
			c1 = 1
		case "no correction of v":
			c2 = 1
		}
		for i, g := range grad {
			switch bug {
			case "decoupled":
				theta[i] *= 1 - lr*lambda
			case "decay with wrong sign":
				g -= lambda * theta[i]
			case "no decay":
			default:
				g += lambda * theta[i]
			}
			s.a[i] = beta1*s.a[i] + (1-beta1)*g
			s.b[i] = beta2*s.b[i] + (1-beta2)*g*g
			v := s.b[i] / c2
			if (amsgrad && bug != "plain Adam") || bug == "AMSGrad" {
				if bug == "maximum of v̂" {
					s.c[i] = max(s.c[i], v)
					v = s.c[i]
				} else {
					s.c[i] = max(s.c[i], s.b[i])
					v = s.c[i] / c2
				}
			}
			root := math.Sqrt(v) + epsilon
			switch bug {
			case "ε inside root":
				root = math.Sqrt(v + epsilon)
			case "ε before correction":
				root = (math.Sqrt(v*c2) + epsilon) / math.Sqrt(c2)
			}
			theta[i] -= lr * s.a[i] / c1 / root
		}
	}
}

func plainAdamW(s *scratch, theta, grad []float64, lr float64, bug string) {
	const lambda = 0.01
	adam := plainAdam(0.9, 0.999, false, 0)
	for i := range theta {
		switch bug {
		case "coupled":
			grad[i] += lambda * theta[i]
		case "decay with wrong sign":
			theta[i] *= 1 + lr*lambda
		case "decay without rate":
			theta[i] *= 1 - 1e-3*lambda
		case "no decay", "decay after the step":
		default:
			theta[i] *= 1 - lr*lambda
		}
	}
	adam(s, theta, grad, lr, "")
	for i := range theta {
		if bug == "decay after the step" {
			theta[i] *= 1 - lr*lambda
		}
	}
}

func plainAdamax(s *scratch, theta, grad []float64, lr float64, bug string) {
	epsilon, c1 := 1e-8, 1-math.Pow(0.9, s.t)
	if bug == "no correction" {
		c1 = 1
	}
	for i, g := range grad {
		s.a[i] = 0.9*s.a[i] + 0.1*g
		switch bug {
		case "ε outside maximum", "no ε":
			s.b[i] = max(0.999*s.b[i], math.Abs(g))
		default:
			s.b[i] = max(0.999*s.b[i], math.Abs(g)+epsilon)
		}
		u := s.b[i]
		switch bug {
		case "ε outside maximum":
			u += epsilon
		case "no ε":
			u += 1e-300
		case "u corrected":
			u /= 1 - math.Pow(0.999, s.t)
		}
		theta[i] -= lr * s.a[i] / c1 / u
	}
}

func plainNAdam(s *scratch, theta, grad []float64, lr float64, bug string) {
	mu := func(t float64) float64 { return 0.9 * (1 - 0.5*math.Pow(0.96, t*0.004)) }
	now, next := mu(s.t), mu(s.t+1)
	if bug == "μ constant" {
		now, next = 0.9, 0.9
	}
	s.product *= now
	following := s.product * next
	switch bug {
	case "product twice": // as in PyTorch 1.13
		following *= now
	case "no next μ":
		following, next = s.product, now
	}
	for i, g := range grad {
		s.a[i] = 0.9*s.a[i] + 0.1*g
		s.b[i] = 0.999*s.b[i] + 0.001*g*g
		m := next*s.a[i]/(1-following) + (1-now)*g/(1-s.product)
		v := s.b[i] / (1 - math.Pow(0.999, s.t))
		root := math.Sqrt(v) + 1e-8
		if bug == "ε inside root" {
			root = math.Sqrt(v + 1e-8)
		}
		theta[i] -= lr * m / root
	}
}

func plainRAdam(s *scratch, theta, grad []float64, lr float64, bug string) {
	const beta2 = 0.999
	c1, c2 := 1-math.Pow(0.9, s.t), 1-math.Pow(beta2, s.t)
	inf := 2/(1-beta2) - 1
	rho := inf - 2*s.t*(1-c2)/c2
	r := math.Sqrt((rho - 4) * (rho - 2) * inf / ((inf - 4) * (inf - 2) * rho))
	if bug == "no rectification" {
		r = 1
	}
	limit := 5.0
	switch bug {
	case "threshold 4":
		limit = 4
	case "no warm-up":
		limit = 0
		r = 1
	}
	for i, g := range grad {
		s.a[i] = 0.9*s.a[i] + 0.1*g
		s.b[i] = beta2*s.b[i] + (1-beta2)*g*g
		m := s.a[i] / c1
		switch {
		case rho <= limit:
		case bug == "ε after correction":
			m *= r / (math.Sqrt(s.b[i]/c2) + 1e-8)
		default:
			m *= r * math.Sqrt(c2) / (math.Sqrt(s.b[i]) + 1e-8)
		}
		theta[i] -= lr * m
	}
}

func plainAdaBelief(epsilon float64) step {
	beta1, beta2 := 0.9, 0.999
	if epsilon == 1e-14 {
		beta1, beta2 = 0.8, 0.99
	}
	return func(s *scratch, theta, grad []float64, lr float64, bug string) {
		c1, c2 := 1-math.Pow(beta1, s.t), 1-math.Pow(beta2, s.t)
		if bug == "no correction" {
			c1, c2 = 1, 1
		}
		for i, g := range grad {
			old := s.a[i]
			s.a[i] = beta1*old + (1-beta1)*g
			d := g - s.a[i]
			switch bug {
			case "old m":
				d = g - old
			case "variance of g":
				d = g
			}
			s.b[i] = beta2*s.b[i] + (1-beta2)*d*d
			if bug != "no ε in s" && bug != "ε once" {
				s.b[i] += epsilon
			}
			v := s.b[i]
			if bug == "ε once" {
				v += epsilon
			}
			theta[i] -= lr * s.a[i] / c1 / (math.Sqrt(v/c2) + epsilon)
		}
	}
}

func plainAdagrad(epsilon, initial, decay float64) step {
	return func(s *scratch, theta, grad []float64, lr float64, bug string) {
		rate := lr / (1 + (s.t-1)*decay)
		switch bug {
		case "no rate decay":
			rate = lr
		case "rate decay from first step":
			rate = lr / (1 + s.t*decay)
		}
		for i, g := range grad {
			if s.t == 1 && bug != "no initial" {
				s.a[i] = initial
			}
			s.a[i] += g * g
			root := math.Sqrt(s.a[i]) + epsilon
			switch bug {
			case "ε inside root":
				root = math.Sqrt(s.a[i] + epsilon)
			case "no ε":
				root = math.Sqrt(s.a[i]) + 1e-300
			}
			theta[i] -= rate * g / root
		}
	}
}

func plainAdadelta(s *scratch, theta, grad []float64, lr float64, bug string) {
	const rho, epsilon = 0.9, 1e-6
	if bug == "no learning rate" {
		lr = 1
	}
	for i, g := range grad {
		s.a[i] = rho*s.a[i] + (1-rho)*g*g
		d := math.Sqrt(s.b[i]+epsilon) / math.Sqrt(s.a[i]+epsilon) * g
		if bug == "ε outside root" {
			d = (math.Sqrt(s.b[i]) + epsilon) / (math.Sqrt(s.a[i]) + epsilon) * g
		}
		s.b[i] = rho*s.b[i] + (1-rho)*d*d
		if bug == "new u" {
			d = math.Sqrt(s.b[i]+epsilon) / math.Sqrt(s.a[i]+epsilon) * g
		}
		theta[i] -= lr * d
	}
}

func plainRMSprop(rho, epsilon, mu float64, centered bool) step {
	return func(s *scratch, theta, grad []float64, lr float64, bug string) {
		for i, g := range grad {
			s.a[i] = rho*s.a[i] + (1-rho)*g*g
			old := s.b[i]
			s.b[i] = rho*old + (1-rho)*g
			v := s.a[i]
			switch {
			case bug == "old mean":
				v -= old * old
			case centered && bug != "not centred":
				v -= s.b[i] * s.b[i]
			case bug == "corrected":
				v /= 1 - math.Pow(rho, s.t)
			}
			root := math.Sqrt(v) + epsilon
			switch bug {
			case "ε inside root":
				root = math.Sqrt(v + epsilon)
			case "no ε":
				root = math.Sqrt(v) + 1e-300
			}
			switch bug {
			case "rate in momentum": // of TensorFlow; the same only at a constant rate
				s.c[i] = mu*s.c[i] + lr*g/root
				theta[i] -= s.c[i]
			case "momentum of g":
				s.c[i] = mu*s.c[i] + g
				theta[i] -= lr * s.c[i] / root
			default:
				s.c[i] = mu*s.c[i] + g/root
				theta[i] -= lr * s.c[i]
			}
		}
	}
}

func plainRprop(s *scratch, theta, grad []float64, lr float64, bug string) {
	for i, g := range grad {
		if s.t == 1 || bug == "rate of each step" {
			s.a[i] = lr
		}
		used := g
		if g*s.b[i] > 0 {
			s.a[i] *= 1.2
		}
		if g*s.b[i] < 0 {
			s.a[i] *= 0.5
			if bug != "no rest" {
				used = 0
			}
		}
		if bug != "no bounds" {
			s.a[i] = min(max(s.a[i], 1e-6), 50)
		}
		s.b[i] = used
		if bug == "rest keeps gradient" {
			s.b[i] = g
		}
		if used > 0 {
			theta[i] -= s.a[i]
		}
		if used < 0 {
			theta[i] += s.a[i]
		}
	}
}

func plainLion(s *scratch, theta, grad []float64, lr float64, bug string) {
	beta1, beta2 := 0.9, 0.99
	if bug == "betas swapped" {
		beta1, beta2 = beta2, beta1
	}
	for i, g := range grad {
		c := beta1*s.a[i] + (1-beta1)*g
		s.a[i] = beta2*s.a[i] + (1-beta2)*g
		if bug == "momentum first" {
			c = beta1*s.a[i] + (1-beta1)*g
		}
		switch {
		case bug == "no sign":
			theta[i] -= lr * c
		case c > 0:
			theta[i] -= lr
		case c < 0:
			theta[i] += lr
		}
	}
}

func clippedSGD(s *scratch, theta, grad []float64, lr float64, bug string) {
	const limit = 3e-6
	norm := 0.0
	for _, g := range grad {
		norm += g * g
	}
	factor := min(1, limit/(math.Sqrt(norm)+1e-6))
	switch bug {
	case "no 1e-6":
		factor = min(1, limit/math.Sqrt(norm))
	case "always":
		factor = limit / (math.Sqrt(norm) + 1e-6)
	}
	for i, g := range grad {
		g *= factor
		if bug == "by value" {
			g = min(max(grad[i], -limit), limit)
		}
		s.a[i] = 0.9*s.a[i] + g
		theta[i] -= lr * s.a[i]
	}
}

func plainLookahead(s *scratch, theta, grad []float64, lr float64, bug string) {
	const k, fraction = 3, 0.8
	if s.t == 1 && bug != "slow from zero" {
		copy(s.b, theta)
	}
	at := int(s.t)
	if bug == "from step 0" {
		at--
	}
	for i, g := range grad {
		s.a[i] = 0.9*s.a[i] + g
		theta[i] -= lr * s.a[i]
		if at%k != 0 {
			continue
		}
		if bug == "fraction of slow" {
			s.b[i] = fraction*s.b[i] + (1-fraction)*theta[i]
		} else {
			s.b[i] += fraction * (theta[i] - s.b[i])
		}
		theta[i] = s.b[i]
		if bug == "momentum reset" {
			s.a[i] = 0
		}
	}
}

func averagedSGD(s *scratch, theta, grad []float64, lr float64, bug string) {
	d := 0.95
	if bug == "swapped" {
		d = 1 - d
	}
	for i, g := range grad {
		x := theta[i]
		s.a[i] = 0.9*s.a[i] + g
		theta[i] -= lr * s.a[i]
		if bug != "before the step" {
			x = theta[i]
		}
		switch {
		case bug == "corrected":
			s.c[i] = d*s.c[i] + (1-d)*x
			s.b[i] = s.c[i] / (1 - math.Pow(d, s.t))
		case s.t == 1 && bug != "from zero":
			s.b[i] = x
		default:
			s.b[i] = d*s.b[i] + (1-d)*x
		}
	}
}

// plainMuon is for one matrix of 2×2, whose singular values it finds by themselves.
func plainMuon(s *scratch, theta, grad []float64, lr float64, bug string) {
	x, norm := make([]float64, 4), 0.0
	for i, g := range grad {
		fresh := 1 - 0.95
		s.a[i] = 0.95*s.a[i] + fresh*g
		if bug == "momentum of sums" {
			fresh = 1
		}
		x[i] = fresh*g + 0.95*s.a[i]
		if bug == "no Nesterov" {
			x[i] = s.a[i]
		}
		norm += x[i] * x[i]
	}
	if bug == "no norm" {
		norm = 1
	}
	steps := 5
	switch bug {
	case "four steps":
		steps = 4
	case "no orthogonalisation":
		steps = 0
	}
	for i := range x {
		x[i] /= max(math.Sqrt(norm), 1e-7)
	}
	for range steps {
		// The product with XXᵀ, written out.
		p, q, r := x[0]*x[0]+x[1]*x[1], x[0]*x[2]+x[1]*x[3], x[2]*x[2]+x[3]*x[3]
		times := func(v []float64) []float64 {
			return []float64{p*v[0] + q*v[2], p*v[1] + q*v[3], q*v[0] + r*v[2], q*v[1] + r*v[3]}
		}
		third := times(x)
		fifth := times(third)
		for i := range x {
			x[i] = 3.4445*x[i] - 4.7750*third[i] + 2.0315*fifth[i]
		}
	}
	for i, v := range x {
		theta[i] -= lr * v
	}
}

// plainScheduleFree keeps z in a and x in b.
func plainScheduleFree(s *scratch, theta, grad []float64, lr float64, bug string) {
	beta := 0.9
	if bug == "β swapped" {
		beta = 0.1
	}
	if s.t == 1 {
		copy(s.a, theta)
		copy(s.b, theta)
		s.product, s.c[0] = 0, 0
	}
	s.c[0] = max(s.c[0], lr)
	weight := s.c[0] * s.c[0]
	if bug == "weights of the rate" {
		weight = lr * lr
	}
	s.product += weight
	c := weight / s.product
	for i, g := range grad {
		old := s.a[i]
		s.a[i] -= lr * g
		if bug == "gradient step of y" {
			s.a[i] = theta[i] - lr*g
		}
		if bug == "average before the step" {
			s.b[i] = (1-c)*s.b[i] + c*old
		} else {
			s.b[i] = (1-c)*s.b[i] + c*s.a[i]
		}
		theta[i] = (1-beta)*s.a[i] + beta*s.b[i]
	}
}

func plainASGD(s *scratch, theta, grad []float64, lr float64, bug string) {
	const lambda = 0.5
	t := s.t - 1
	if bug == "rate from step 1" {
		t++
	}
	eta := lr / math.Pow(1+lambda*lr*t, 0.6)
	if bug == "constant rate" {
		eta = lr
	}
	n := max(1, s.t-1)
	if bug == "mean from step 0" {
		n = s.t
	}
	for i, g := range grad {
		switch bug {
		case "no decay":
		case "coupled with α":
			theta[i] *= 1 - lambda*lr
		default:
			theta[i] *= 1 - lambda*eta
		}
		theta[i] -= eta * g
		s.b[i] += (theta[i] - s.b[i]) / n
	}
}

func cycledSGD(s *scratch, theta, grad []float64, lr float64, bug string) {
	const steps, peak = 100, 0.3*100 - 1
	t := s.t - 1
	if bug == "one step late" {
		t = max(0, t-1)
	}
	height := (1 + math.Cos(math.Pi*(t-peak)/(steps-1-peak))) / 2
	if t <= peak {
		height = (1 - math.Cos(math.Pi*t/peak)) / 2
	}
	mu := 0.95 - 0.1*height
	switch bug {
	case "constant":
		mu = 0.9
	case "rises with the rate":
		mu = 0.85 + 0.1*height
	}
	for i, g := range grad {
		s.a[i] = mu*s.a[i] + g
		theta[i] -= lr * s.a[i]
	}
}
