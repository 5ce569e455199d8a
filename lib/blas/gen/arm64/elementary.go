package main

import "math"

// elementary writes the kernels that apply a function to each element. The steps are
// those of AVX2, so that the bits are the same.
func (p *precision) elementary() {
	for _, f := range []struct {
		name, doc string
		value     func(s *simd, x vec) vec
	}{
		{"exp", "stores eˣ", (*simd).exp},
		{"log", "stores ln x", (*simd).log},
		{"tanh", "stores tanh x", (*simd).tanh},
		{"sigmoid", "stores 1/(1+e⁻ˣ)", (*simd).sigmoid},
		{"softplus", "stores ln(1+eˣ)", (*simd).softplus},
	} {
		s := p.begin(f.name, "func(n int, dst, x *"+p.typ+")", f.doc+" of n elements x in dst.")
		n, a := s.load("n"), s.pointers("dst", "x")
		s.each(n, a, func() { s.write(f.value(s, s.read(a[1])), a[0]) })
	}
}

// reduce returns n and r with x = n·ln 2 + r and |r| ≤ ½ln 2; sum is n plus integer().
// ln 2 comes in two parts, of which the first has zeros enough at its end for n times it
// to be exact.
func (s *simd) reduce(x vec) (n, sum, r vec) {
	sum = s.timesPlus(x, s.k(math.Log2E), s.k(s.integer()))
	n = s.minus(sum, s.k(s.integer()))
	r = s.minusTimes(x, n, s.k(s.Ln2High))
	return n, sum, s.minusTimes(r, n, s.k(s.Ln2Low))
}

// expMinusOne returns eʳ − 1 for |r| ≤ ½ln 2, as r + r²(½ + r/3! + …): the remainder of
// the series is below a tenth of the rounding.
func (s *simd) expMinusOne(r vec) vec {
	q := s.polynomial(r, s.ExpSeries...)
	return s.timesPlus(q, s.times(r, r), r)
}

// power returns 2ⁿ for an n whose sum with integer() is given, while that is a normal
// number.
func (s *simd) power(sum vec) vec { return s.addInt(s.shiftLeft(sum, s.mantissa), s.one()) }

// exp returns eˣ = 2ⁿ·eʳ. Beyond the limits the result is 0 or ∞ anyway. 2ⁿ is applied in
// two halves, since it may not be a normal number.
func (s *simd) exp(x vec) vec {
	x = s.larger(s.smaller(x, s.k(s.ExpHigh)), s.k(s.ExpLow))
	n, _, r := s.reduce(x)
	e := s.plus(s.expMinusOne(r), s.one())
	sum := s.timesPlus(n, s.k(0.5), s.k(s.integer()))
	rest := s.minus(n, s.minus(sum, s.k(s.integer())))
	e = s.times(e, s.power(sum))
	return s.times(e, s.power(s.plus(rest, s.k(s.integer()))))
}

// sigmoid returns 1/(1+e) for positive x and e/(1+e) for others, e = e^(−|x|):
// b·(1−q) with b = 1 or e and q = e/(1+e), written so as to round once.
func (s *simd) sigmoid(x vec) vec {
	e := s.exp(s.negative(x))
	b := s.choose(x, less, s.k(0), e, s.one())
	return s.minusTimes(b, b, s.over(e, s.plus(e, s.one())))
}

// tanh returns h/(1−h) with h = ½(1 − e^(−2|x|)) and the sign of x, as h + h·q,
// q = h/(1−h). The exponential less 1 is 2ⁿ(eʳ−1) + (2ⁿ−1), which keeps its digits for
// small x.
func (s *simd) tanh(x vec) vec {
	y := s.negative(x)
	y = s.larger(s.plus(y, y), s.k(-44)) // tanh 22 is 1
	_, sum, r := s.reduce(y)
	half := s.times(s.power(sum), s.k(-0.5)) // −½·2ⁿ
	h := s.timesPlus(s.expMinusOne(r), half, s.plus(half, s.k(0.5)))
	h = s.timesPlus(h, s.over(h, s.minus(s.one(), h)), h)
	return s.where(s.sign(), x, h)
}

// log returns ln x for x = 2ᵏ(1+f), √½ ≤ 1+f < √2. A number too small to be normal is
// multiplied by a power of 2 first.
func (s *simd) log(x vec) vec {
	up := float64(s.mantissa + 2)
	small := s.compare(x, less, s.k(s.Smallest))
	bits := s.where(small, s.times(x, s.k(math.Exp2(up))), x)
	shift := s.where(small, s.k(s.exponent()+up), s.k(s.exponent()))
	// The exponent of t = bits + (1 − √½), as integers, is that of 2ᵏ.
	t := s.addInt(bits, s.bits(s.OneBits-s.HalfRootBits))
	k := s.or(s.shiftRight(t, s.mantissa), s.k(math.Ldexp(1, s.mantissa)))
	k = s.minus(k, shift)
	m := s.addInt(s.and(t, s.bits(1<<s.mantissa-1)), s.bits(s.HalfRootBits))
	y := s.logSum(k, s.minus(m, s.one()))

	y = s.choose(x, less, s.k(math.Inf(1)), y, x)
	y = s.choose(x, less, s.k(0), s.k(math.NaN()), y)
	return s.choose(x, equal, s.k(0), s.k(math.Inf(-1)), y)
}

// exponent is what k is above the true one: the bias of the exponent and the number whose
// bits make k one.
func (s *simd) exponent() float64 {
	return math.Ldexp(1, s.mantissa) + float64(s.OneBits>>s.mantissa)
}

// logSum returns k·ln 2 + ln(1+f) as fdlibm does: with s = f/(2+f) is ln(1+f) =
// 2·artanh s = f − s(f − R), where R is a polynomial in s², and f − s(f − R) =
// f − (½f² − s(½f² + R)) loses fewer digits.
func (s *simd) logSum(k, f vec) vec {
	q := s.over(f, s.plus(f, s.k(2)))
	z := s.times(q, q)
	r := s.times(z, s.polynomial(z, s.LogSeries...))
	half := s.times(s.times(f, s.k(0.5)), f)
	low := s.times(q, s.plus(half, r))
	low = s.timesPlus(k, s.k(s.Ln2Low), low)
	return s.timesPlus(k, s.k(s.Ln2High), s.minus(f, s.minus(half, low)))
}

// softplus returns max(x, 0) + ln(1+e), e = e^(−|x|).
func (s *simd) softplus(x vec) vec {
	tail := s.logOnePlus(s.exp(s.negative(x)))
	return s.plus(s.larger(x, s.k(0)), tail)
}

// logOnePlus returns ln(1+e) for 0 ≤ e ≤ 1: ln 2 + ln(1+(e−1)/2) if 1+e > √2.
func (s *simd) logOnePlus(e vec) vec {
	large := s.compare(e, more, s.k(math.Sqrt2-1))
	f := s.where(large, s.times(s.minus(e, s.one()), s.k(0.5)), e)
	return s.logSum(s.and(large, s.one()), f)
}

// logisticLoss writes what sigmoid and softplus have in common once: with e =
// e^(−|f|), one of σ(f) and σ(−f) is 1/(1+e) and the other e/(1+e), and one of
// their logarithms is −ln(1+e) and the other less by |f|.
func (p *precision) logisticLoss() {
	s := p.begin("logisticLoss", "func(n int, l, d, f, y *"+p.typ+", weight "+p.typ+")",
		"stores −weight·y·ln σ(f) − (1−y)·ln σ(−f) in l and its derivative by f in d.")
	weight := s.param("weight")
	n, a := s.load("n"), s.pointers("l", "d", "f", "y")
	s.each(n, a, func() {
		x, one := s.read(a[2]), s.read(a[3])
		zero := s.minus(s.one(), one)
		one = s.times(one, weight)
		e := s.exp(s.negative(x))
		large := s.over(s.one(), s.plus(e, s.one()))
		small := s.times(large, e)
		// (1−y)·σ(f) − weight·y·σ(−f)
		under := s.compare(x, less, s.k(0))
		down := s.times(one, s.where(under, large, small))
		up := s.times(zero, s.where(under, small, large))
		tail := s.logOnePlus(e)
		right := s.times(zero, s.plus(s.larger(x, s.k(0)), tail))
		left := s.plus(s.larger(s.minus(s.k(0), x), s.k(0)), tail)
		s.write(s.minus(up, down), a[1])
		s.write(s.timesPlus(left, one, right), a[0])
	})
}

// relu writes max(x, 0), what goes back through it, and max(y + b, 0).
func (p *precision) relu() {
	// A comparison leaves NaN and −0 as they are.
	positive := func(s *simd, x vec) vec { return s.choose(x, less, s.k(0), s.k(0), x) }
	s := p.begin("relu", "func(n int, dst, x *"+p.typ+")", "stores x, or 0 where x < 0, in dst.")
	n, a := s.load("n"), s.pointers("dst", "x")
	s.each(n, a, func() { s.write(positive(s, s.read(a[1])), a[0]) })

	g := p.begin("reluGrad", "func(n int, dst, dy, x *"+p.typ+")", "stores dy, or 0 where x ≤ 0, in dst.")
	n, b := g.load("n"), g.pointers("dst", "dy", "x")
	g.each(n, b, func() { g.write(g.choose(g.read(b[2]), atMost, g.k(0), g.k(0), g.read(b[1])), b[0]) })

	t := p.begin("biasReLU", "func(n int, y, b *"+p.typ+")", "adds b to y, and stores 0 where the sum is below 0.")
	n, c := t.load("n"), t.pointers("y", "b")
	t.each(n, c, func() { t.write(positive(t, t.plus(t.read(c[0]), t.read(c[1]))), c[0]) })
}

// axpby writes y = alpha·x + beta·y.
func (p *precision) axpby() {
	s := p.begin("axpby", "func(n int, alpha, beta "+p.typ+", x, y *"+p.typ+")", "stores alpha·x + beta·y in y.")
	alpha, beta := s.param("alpha"), s.param("beta")
	n, a := s.load("n"), s.pointers("x", "y")
	s.each(n, a, func() { s.write(s.timesPlus(s.read(a[0]), alpha, s.times(s.read(a[1]), beta)), a[1]) })
}

// adam writes a step of Adam.
func (p *precision) adam() {
	s := p.begin("adam", "func(n int, theta, grad, m, v *"+p.typ+", beta1, beta2, rate, root, epsilon, keep "+p.typ+")",
		"stores beta1·m + (1−beta1)·grad in m, beta2·v + (1−beta2)·grad² in v\nand keep·theta − rate·m/(root·√v + epsilon) in theta.")
	beta1, beta2, rate := s.param("beta1"), s.param("beta2"), s.param("rate")
	root, epsilon, keep := s.param("root"), s.param("epsilon"), s.param("keep")
	rest1, rest2 := s.hold(), s.hold()
	s.into(rest1, "fsub", s.one(), beta1)
	s.into(rest2, "fsub", s.one(), beta2)
	n, a := s.load("n"), s.pointers("theta", "grad", "m", "v")
	s.each(n, a, func() {
		g := s.read(a[1])
		m := s.timesPlus(s.read(a[2]), beta1, s.times(g, rest1))
		v := s.timesPlus(s.read(a[3]), beta2, s.times(s.times(g, g), rest2))
		s.write(m, a[2])
		s.write(v, a[3])
		change := s.over(s.times(rate, m), s.timesPlus(s.root(v), root, epsilon))
		s.write(s.minus(s.times(s.read(a[0]), keep), change), a[0])
	})
}
