package main

import (
	"math"
	"strings"

	"github.com/mmcloughlin/avo/reg"
)

// pointLosses write losses ℓ(f, y) and their derivatives ∂ℓ/∂f to l and d.
func (p *precision) pointLosses(bytes int) {
	write := func(name, params, doc string, value func(s *simd, f, y reg.VecVirtual, c []reg.VecVirtual) (l, d reg.VecVirtual), names ...string) {
		s := p.begin(bytes, name, "func(n int, l, d, f, y *"+p.typ+params+")", doc)
		var c []reg.VecVirtual
		for i, name := range names {
			c = append(c, s.param(name, 40+i*p.size))
		}
		n, l, d, f, y := pointer("n"), pointer("l"), pointer("d"), pointer("f"), pointer("y")
		s.each(n, func() {
			value, slope := value(s, s.read(f), s.read(y), c)
			s.write(slope, d)
			s.write(value, l)
		})
	}
	write("squaredLoss", "", "stores (f−y)² in l and 2(f−y) in d.",
		func(s *simd, f, y reg.VecVirtual, _ []reg.VecVirtual) (l, d reg.VecVirtual) {
			e := s.minus(f, y)
			return s.times(e, e), s.plus(e, e)
		})
	write("huberLoss", ", bound "+p.typ, "stores c = f−y, but at least −bound and at most bound, in d, and c·(f−y−½c) in l.",
		func(s *simd, f, y reg.VecVirtual, c []reg.VecVirtual) (l, d reg.VecVirtual) {
			e := s.minus(f, y)
			d = s.smaller(c[0], s.larger(s.minus(s.load(s.k(0)), c[0]), e)) // NaN if e is
			return s.times(d, s.minus(e, s.times(d, s.k(0.5)))), d
		}, "bound")
	write("sidedLoss", ", below, above "+p.typ, "stores d·(f−y) in l, where d is below for f < y, above for f > y and else f−y.",
		func(s *simd, f, y reg.VecVirtual, c []reg.VecVirtual) (l, d reg.VecVirtual) {
			e := s.minus(f, y)
			d = s.choose(s.minus(s.load(s.k(0)), e), less, s.k(0), c[1], e)
			d = s.choose(e, less, s.k(0), c[0], d)
			return s.times(d, e), d
		}, "below", "above")
	margin := func(s *simd, f, y reg.VecVirtual) (side, margin reg.VecVirtual) {
		side = s.minus(s.plus(y, y), s.load(s.one()))
		return side, s.minus(s.load(s.one()), s.times(side, f))
	}
	write("hingeLoss", "", "stores v = 1 − (2y−1)f in l and 1−2y in d, and 0 in both where v ≤ 0.",
		func(s *simd, f, y reg.VecVirtual, _ []reg.VecVirtual) (l, d reg.VecVirtual) {
			side, v := margin(s, f, y)
			zero := s.load(s.k(0))
			return s.choose(v, atMost, s.k(0), zero, v), s.choose(v, atMost, s.k(0), zero, s.minus(zero, side))
		})
	write("squaredHingeLoss", "", "stores v² in l and −2(2y−1)v in d, where v = 1 − (2y−1)f, or 0 if that is less.",
		func(s *simd, f, y reg.VecVirtual, _ []reg.VecVirtual) (l, d reg.VecVirtual) {
			side, v := margin(s, f, y)
			v = s.larger(s.load(s.k(0)), v)
			return s.times(v, v), s.times(s.times(side, s.k(-2)), v)
		})
	write("poissonLoss", "", "stores eᶠ − y·f in l and eᶠ − y in d.",
		func(s *simd, f, y reg.VecVirtual, _ []reg.VecVirtual) (l, d reg.VecVirtual) {
			e := s.exp(f)
			return s.minus(e, s.times(y, f)), s.minus(e, y)
		})
	write("logCoshLoss", "", "stores ln cosh(f−y) in l and tanh(f−y) in d.",
		func(s *simd, f, y reg.VecVirtual, _ []reg.VecVirtual) (l, d reg.VecVirtual) {
			e := s.minus(f, y)
			size, one := s.without(s.load(s.sign()), e), s.load(s.one())
			d = s.tanh(e)
			// Up to 1 it is ln(1+w) with w = cosh − 1 = t²/(q(1+q)), where t is the tangent
			// and q = 1/cosh. Beyond, cosh is ½e^|x|(1+w) with w = e^(−2|x|).
			square := s.times(d, d)
			q := s.root(s.minus(one, square))
			near := s.over(square, s.timesPlus(q, q, q))
			far := s.exp(s.times(size, s.k(-2)))
			tail := s.logOnePlus(s.choose(size, more, s.k(1), far, near))
			return s.choose(size, more, s.k(1), s.plus(s.minus(size, s.load(s.k(math.Ln2))), tail), tail), d
		})
	write("focalLoss", ", gamma, alpha "+p.typ, "stores a·exp(−gamma·Q)·P in l and its derivative by f in d, where P = −ln σ(s·f),\nQ = −ln σ(−s·f), and s and a are 1 and alpha for y = 1, −1 and 1 − alpha elsewhere.",
		func(s *simd, f, y reg.VecVirtual, c []reg.VecVirtual) (l, d reg.VecVirtual) {
			gamma, alpha, one, zero := c[0], c[1], s.load(s.one()), s.load(s.k(0))
			side := s.choose(y, equal, s.k(1), one, s.minus(zero, one))
			a := s.choose(y, equal, s.k(1), alpha, s.minus(one, alpha))
			x := s.times(side, f)
			e := s.exp(s.or(x, s.sign()))
			large := s.over(one, s.plus(e, one))
			small := s.times(large, e)
			p, q := s.choose(x, less, s.k(0), small, large), s.choose(x, less, s.k(0), large, small)
			tail := s.logOnePlus(e)
			logQ := s.plus(s.larger(zero, x), tail)
			logP := s.plus(s.larger(zero, s.minus(zero, x)), tail)
			a = s.times(a, s.exp(s.minus(zero, s.times(gamma, logQ))))
			slope := s.timesPlus(s.times(gamma, p), logP, q)
			return s.times(a, logP), s.times(s.minus(zero, s.times(side, a)), slope)
		}, "gamma", "alpha")
}

// steps write the steps of optimizers that are next to adam.
func (p *precision) steps(bytes int) {
	write := func(name string, vectors, scalars []string, doc string, step func(s *simd, c map[string]reg.VecVirtual, v map[string]reg.GPVirtual)) {
		s := p.begin(bytes, name, "func(n int, "+strings.Join(vectors, ", ")+" *"+p.typ+", "+strings.Join(scalars, ", ")+" "+p.typ+")", doc)
		c, v := map[string]reg.VecVirtual{}, map[string]reg.GPVirtual{}
		for i, name := range scalars {
			c[name] = s.param(name, 8+8*len(vectors)+i*p.size)
		}
		for _, name := range []string{"beta1", "beta2", "rho"} {
			if beta, ok := c[name]; ok {
				c["1-"+name] = s.minus(s.load(s.one()), beta)
			}
		}
		n := pointer("n")
		for _, name := range vectors {
			v[name] = pointer(name)
		}
		s.each(n, func() { step(s, c, v) })
	}
	type scalars = map[string]reg.VecVirtual
	type vectors = map[string]reg.GPVirtual
	// mean returns beta·before + (1−beta)·now.
	mean := func(s *simd, c scalars, beta string, before, now reg.VecVirtual) reg.VecVirtual {
		return s.timesPlus(before, c[beta], s.times(now, c["1-"+beta]))
	}
	write("adagrad", []string{"theta", "grad", "v"}, []string{"rate", "epsilon"},
		"adds grad² to v and subtracts rate·grad/(√v + epsilon) from theta.",
		func(s *simd, c scalars, at vectors) {
			g := s.read(at["grad"])
			v := s.timesPlus(g, g, s.read(at["v"]))
			s.write(v, at["v"])
			change := s.over(s.times(c["rate"], g), s.plus(s.root(v), c["epsilon"]))
			s.write(s.minus(s.read(at["theta"]), change), at["theta"])
		})
	write("adadelta", []string{"theta", "grad", "v", "u"}, []string{"rho", "rate", "epsilon"},
		"stores rho·v + (1−rho)·grad² in v and subtracts rate·d from theta, where\nd is √(u+epsilon)/√(v+epsilon)·grad; then it stores rho·u + (1−rho)·d² in u.",
		func(s *simd, c scalars, at vectors) {
			g, u := s.read(at["grad"]), s.read(at["u"])
			v := mean(s, c, "rho", s.read(at["v"]), s.times(g, g))
			s.write(v, at["v"])
			d := s.times(s.over(s.root(s.plus(u, c["epsilon"])), s.root(s.plus(v, c["epsilon"]))), g)
			s.write(mean(s, c, "rho", u, s.times(d, d)), at["u"])
			s.write(s.minusTimes(s.read(at["theta"]), d, c["rate"]), at["theta"])
		})
	write("adamax", []string{"theta", "grad", "m", "u"}, []string{"beta1", "beta2", "rate", "epsilon"},
		"stores beta1·m + (1−beta1)·grad in m and the larger of beta2·u and |grad| + epsilon\nin u, and subtracts rate·m/u from theta.",
		func(s *simd, c scalars, at vectors) {
			g := s.read(at["grad"])
			m := mean(s, c, "beta1", s.read(at["m"]), g)
			u := s.larger(s.times(s.read(at["u"]), c["beta2"]), s.plus(s.without(s.load(s.sign()), g), c["epsilon"]))
			s.write(m, at["m"])
			s.write(u, at["u"])
			s.write(s.minus(s.read(at["theta"]), s.over(s.times(c["rate"], m), u)), at["theta"])
		})
	write("adaBelief", []string{"theta", "grad", "m", "v"}, []string{"beta1", "beta2", "rate", "root", "epsilon"},
		"stores beta1·m + (1−beta1)·grad in m, beta2·v + (1−beta2)·(grad−m)² + epsilon in v\nand subtracts rate·m/(root·√v + epsilon) from theta.",
		func(s *simd, c scalars, at vectors) {
			g := s.read(at["grad"])
			m := mean(s, c, "beta1", s.read(at["m"]), g)
			e := s.minus(g, m)
			v := s.plus(mean(s, c, "beta2", s.read(at["v"]), s.times(e, e)), c["epsilon"])
			s.write(m, at["m"])
			s.write(v, at["v"])
			change := s.over(s.times(c["rate"], m), s.timesPlus(s.root(v), c["root"], c["epsilon"]))
			s.write(s.minus(s.read(at["theta"]), change), at["theta"])
		})
	write("amsgrad", []string{"theta", "grad", "m", "v", "most"}, []string{"beta1", "beta2", "rate", "root", "epsilon", "keep"},
		"does what adam does, with most, where it stores\nthe larger of most and v, in the place of v under the root.",
		func(s *simd, c scalars, at vectors) {
			g := s.read(at["grad"])
			m := mean(s, c, "beta1", s.read(at["m"]), g)
			v := mean(s, c, "beta2", s.read(at["v"]), s.times(g, g))
			most := s.larger(s.read(at["most"]), v)
			s.write(m, at["m"])
			s.write(v, at["v"])
			s.write(most, at["most"])
			change := s.over(s.times(c["rate"], m), s.timesPlus(s.root(most), c["root"], c["epsilon"]))
			s.write(s.minus(s.times(s.read(at["theta"]), c["keep"]), change), at["theta"])
		})
	write("lion", []string{"theta", "grad", "m"}, []string{"beta1", "beta2", "rate"},
		"subtracts rate·sign(beta1·m + (1−beta1)·grad) from theta, where the sign of NaN is NaN,\nand stores beta2·m + (1−beta2)·grad in m.",
		func(s *simd, c scalars, at vectors) {
			g, m, zero := s.read(at["grad"]), s.read(at["m"]), s.load(s.k(0))
			d := mean(s, c, "beta1", m, g)
			s.write(mean(s, c, "beta2", m, g), at["m"])
			sign := s.choose(s.minus(zero, d), less, s.k(0), s.load(s.one()), d)
			sign = s.choose(d, less, s.k(0), s.load(s.k(-1)), sign)
			s.write(s.minusTimes(s.read(at["theta"]), sign, c["rate"]), at["theta"])
		})
	write("momentum", []string{"theta", "grad", "m"}, []string{"mu", "fresh", "rate"},
		"stores mu·m + fresh·grad in m and subtracts rate·m from theta.",
		func(s *simd, c scalars, at vectors) {
			m := s.timesPlus(s.read(at["m"]), c["mu"], s.times(s.read(at["grad"]), c["fresh"]))
			s.write(m, at["m"])
			s.write(s.minusTimes(s.read(at["theta"]), m, c["rate"]), at["theta"])
		})
	write("nesterov", []string{"theta", "grad", "m"}, []string{"mu", "fresh", "rate"},
		"stores mu·m + fresh·grad in m and subtracts rate·(grad + mu·m) from theta.",
		func(s *simd, c scalars, at vectors) {
			g := s.read(at["grad"])
			m := s.timesPlus(s.read(at["m"]), c["mu"], s.times(g, c["fresh"]))
			s.write(m, at["m"])
			s.write(s.minusTimes(s.read(at["theta"]), s.timesPlus(m, c["mu"], g), c["rate"]), at["theta"])
		})
	write("nadam", []string{"theta", "grad", "m", "v"}, []string{"beta1", "beta2", "rateM", "rateG", "root", "epsilon"},
		"stores beta1·m + (1−beta1)·grad in m and beta2·v + (1−beta2)·grad² in v, and\nsubtracts (rateM·m + rateG·grad)/(root·√v + epsilon) from theta.",
		func(s *simd, c scalars, at vectors) {
			g := s.read(at["grad"])
			m := mean(s, c, "beta1", s.read(at["m"]), g)
			v := mean(s, c, "beta2", s.read(at["v"]), s.times(g, g))
			s.write(m, at["m"])
			s.write(v, at["v"])
			change := s.over(s.timesPlus(m, c["rateM"], s.times(g, c["rateG"])), s.timesPlus(s.root(v), c["root"], c["epsilon"]))
			s.write(s.minus(s.read(at["theta"]), change), at["theta"])
		})
	write("rprop", []string{"theta", "grad", "size", "before"}, []string{"minus", "plus", "least", "most"},
		"multiplies size by plus where grad and before agree and by minus where they do not,\nand bounds it by least and most; then it subtracts size·sign(d) from theta and stores d in before,\nwhere d is grad, or 0 where they do not agree. The sign of NaN is NaN.",
		func(s *simd, c scalars, at vectors) {
			g, zero, one := s.read(at["grad"]), s.load(s.k(0)), s.load(s.one())
			agree := s.times(g, s.read(at["before"]))
			factor := s.choose(agree, less, s.k(0), c["minus"], one)
			factor = s.choose(agree, more, s.k(0), c["plus"], factor)
			g = s.choose(agree, less, s.k(0), zero, g)
			size := s.smaller(c["most"], s.larger(c["least"], s.times(s.read(at["size"]), factor)))
			s.write(g, at["before"])
			s.write(size, at["size"])
			sign := s.choose(g, more, s.k(0), one, g)
			sign = s.choose(g, less, s.k(0), s.load(s.k(-1)), sign)
			s.write(s.minusTimes(s.read(at["theta"]), sign, size), at["theta"])
		})
}
