package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// functions writes the kernels that apply a function to each element.
func (p *precision) functions(bytes int) {
	for _, f := range []struct {
		name, doc string
		value     func(s *simd, x reg.VecVirtual) reg.VecVirtual
	}{
		{"exp", "stores eˣ", (*simd).exp},
		{"log", "stores ln x", (*simd).log},
		{"tanh", "stores tanh x", (*simd).tanh},
		{"sigmoid", "stores 1/(1+e⁻ˣ)", (*simd).sigmoid},
		{"softplus", "stores ln(1+eˣ)", (*simd).softplus},
	} {
		s := p.begin(bytes, f.name, "func(n int, dst, x *"+p.typ+")", f.doc+" of n elements x in dst.")
		n, dst, x := pointer("n"), pointer("dst"), pointer("x")
		s.each(n, func() { s.write(f.value(s, s.read(x)), dst) })
	}
}

// reduce returns n and r with x = n·ln 2 + r and |r| ≤ ½ln 2; sum is n plus
// integer(). ln 2 comes in two parts, of which the first has zeros enough at its
// end for n times it to be exact.
func (s *simd) reduce(x reg.VecVirtual) (n, sum, r reg.VecVirtual) {
	sum = s.load(s.k(s.integer()))
	s.fma(s.k(math.Log2E), x, sum)
	n = s.minus(sum, s.k(s.integer()))
	r = s.minusTimes(x, n, s.k(s.Ln2High))
	return n, sum, s.minusTimes(r, n, s.k(s.Ln2Low))
}

// expMinusOne returns eʳ − 1 for |r| ≤ ½ln 2, as r + r²(½ + r/3! + …): the
// remainder of the series is below a tenth of the rounding.
func (s *simd) expMinusOne(r reg.VecVirtual) reg.VecVirtual {
	q := s.polynomial(r, s.ExpSeries...)
	return s.timesPlus(q, s.times(r, r), r)
}

// power returns 2ⁿ for an n whose sum with integer() is given, while that is a
// normal number.
func (s *simd) power(sum reg.VecVirtual) reg.VecVirtual {
	return s.addInt(s.shiftLeft(sum, s.mantissa()), s.one())
}

// exp returns eˣ = 2ⁿ·eʳ. Beyond the limits the result is 0 or ∞ anyway. Without
// AVX-512, 2ⁿ is applied in two halves, since it may not be a normal number.
func (s *simd) exp(x reg.VecVirtual) reg.VecVirtual {
	return s.expOfNegative(s.smaller(s.load(s.k(s.ExpHigh)), x))
}

// expOfNegative is exp without the upper limit.
func (s *simd) expOfNegative(x reg.VecVirtual) reg.VecVirtual {
	x = s.larger(s.load(s.k(s.ExpLow)), x)
	n, _, r := s.reduce(x)
	e := s.plus(s.expMinusOne(r), s.one())
	if s.bytes == 64 {
		return s.two(s.scalef, n, e)
	}
	sum := s.load(s.k(s.integer()))
	s.fma(s.k(0.5), n, sum)
	rest := s.minus(n, s.minus(sum, s.k(s.integer())))
	e = s.times(e, s.power(sum))
	return s.times(e, s.power(s.plus(rest, s.k(s.integer()))))
}

// sigmoid returns 1/(1+e) for positive x and e/(1+e) for others, e = e^(−|x|):
// b·(1−q) with b = 1 or e and q = e/(1+e), written so as to round once.
func (s *simd) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	e := s.exp(s.or(x, s.sign()))
	b := s.choose(x, less, s.k(0), e, s.load(s.one()))
	return s.minusTimes(b, b, s.over(e, s.plus(e, s.one())))
}

// tanh returns h/(1−h) with h = ½(1 − e^(−2|x|)) and the sign of x, as h + h·q,
// q = h/(1−h). The exponential less 1 is 2ⁿ(eʳ−1) + (2ⁿ−1), which keeps its
// digits for small x.
func (s *simd) tanh(x reg.VecVirtual) reg.VecVirtual {
	y := s.or(x, s.sign())
	y = s.larger(s.load(s.k(-44)), s.plus(y, y)) // tanh 22 is 1
	_, sum, r := s.reduce(y)
	half := s.times(s.power(sum), s.k(-0.5)) // −½·2ⁿ
	h := s.timesPlus(s.expMinusOne(r), half, s.plus(half, s.k(0.5)))
	one := s.load(s.one())
	h = s.timesPlus(h, s.over(h, s.minus(one, h)), h)
	return s.or(s.without(s.load(s.sign()), h), s.and(x, s.sign()))
}

// log returns ln x for x = 2ᵏ(1+f), √½ ≤ 1+f < √2. A number too small to be
// normal is multiplied by a power of 2 first.
func (s *simd) log(x reg.VecVirtual) reg.VecVirtual {
	up := float64(s.mantissa() + 2)
	tiny := s.k(s.Smallest)
	bits := s.choose(x, less, tiny, s.times(x, s.k(math.Exp2(up))), x)
	shift := s.choose(x, less, tiny, s.load(s.k(s.exponent()+up)), s.load(s.k(s.exponent())))
	// The exponent of t = bits + (1 − √½), as integers, is that of 2ᵏ.
	t := s.addInt(bits, s.bits(s.OneBits-s.HalfRootBits))
	k := s.or(s.shiftRight(t, s.mantissa()), s.k(math.Ldexp(1, s.mantissa())))
	k = s.minus(k, shift)
	m := s.addInt(s.and(t, s.bits(1<<s.mantissa()-1)), s.bits(s.HalfRootBits))
	y := s.logSum(k, s.minus(m, s.one()))

	y = s.choose(x, notLess, s.k(math.Inf(1)), x, y)
	y = s.choose(x, less, s.k(0), s.load(s.k(math.NaN())), y)
	return s.choose(x, equal, s.k(0), s.load(s.k(math.Inf(-1))), y)
}

// exponent is what k is above the true one: the bias of the exponent and the
// number whose bits make k one.
func (s *simd) exponent() float64 {
	return math.Ldexp(1, s.mantissa()) + float64(s.OneBits>>s.mantissa())
}

// logSum returns k·ln 2 + ln(1+f) as fdlibm does: with s = f/(2+f) is ln(1+f) =
// 2·artanh s = f − s(f − R), where R is a polynomial in s², and f − s(f − R) =
// f − (½f² − s(½f² + R)) loses fewer digits.
func (s *simd) logSum(k, f reg.VecVirtual) reg.VecVirtual {
	q := s.over(f, s.plus(f, s.k(2)))
	z := s.times(q, q)
	r := s.times(z, s.polynomial(z, s.LogSeries...))
	half := s.times(s.times(f, s.k(0.5)), f)
	low := s.times(q, s.plus(half, r))
	s.fma(s.k(s.Ln2Low), k, low)
	y := s.minus(f, s.minus(half, low))
	s.fma(s.k(s.Ln2High), k, y)
	return y
}

// softplus returns max(x, 0) + ln(1+e), e = e^(−|x|).
func (s *simd) softplus(x reg.VecVirtual) reg.VecVirtual {
	tail := s.logOnePlus(s.exp(s.or(x, s.sign())))
	return s.plus(s.larger(s.load(s.k(0)), x), tail)
}

// logOnePlus returns ln(1+e) for 0 ≤ e ≤ 1: ln 2 + ln(1+(e−1)/2) if 1+e > √2.
func (s *simd) logOnePlus(e reg.VecVirtual) reg.VecVirtual {
	limit := s.k(math.Sqrt2 - 1)
	f := s.choose(e, more, limit, s.times(s.minus(e, s.one()), s.k(0.5)), e)
	k := s.choose(e, more, limit, s.load(s.one()), s.load(s.k(0)))
	return s.logSum(k, f)
}

// logisticLoss writes what sigmoid and softplus have in common once: with e =
// e^(−|f|), one of σ(f) and σ(−f) is 1/(1+e) and the other e/(1+e), and one of
// their logarithms is −ln(1+e) and the other less by |f|.
func (p *precision) logisticLoss(bytes int) {
	s := p.begin(bytes, "logisticLoss", "func(n int, l, d, f, y *"+p.typ+", weight "+p.typ+")",
		"stores −weight·y·ln σ(f) − (1−y)·ln σ(−f) in l and its derivative by f in d.")
	weight := s.param("weight", 40)
	n, l, d, f, y := pointer("n"), pointer("l"), pointer("d"), pointer("f"), pointer("y")
	s.each(n, func() {
		x := s.read(f)
		one := s.read(y)
		zero := s.minus(s.load(s.one()), one)
		one = s.times(one, weight)
		e := s.exp(s.or(x, s.sign()))
		large := s.over(s.load(s.one()), s.plus(e, s.one()))
		small := s.times(large, e)
		// (1−y)·σ(f) − weight·y·σ(−f)
		down := s.times(one, s.choose(x, less, s.k(0), large, small))
		up := s.times(zero, s.choose(x, less, s.k(0), small, large))
		tail, none := s.logOnePlus(e), s.load(s.k(0))
		right := s.times(zero, s.plus(s.larger(none, x), tail))
		left := s.plus(s.larger(none, s.minus(none, x)), tail)
		s.write(s.minus(up, down), d)
		s.write(s.timesPlus(left, one, right), l)
	})
}

// relu writes max(x, 0).
func (p *precision) relu() {
	s := p.begin(32, "relu", "func(n int, dst, x *"+p.typ+")", "stores x, or 0 where x < 0, in dst.")
	n, dst, x := pointer("n"), pointer("dst"), pointer("x")
	zero := s.load(s.k(0))
	s.each(n, func() { s.write(s.larger(zero, s.read(x)), dst) })
}

// reluGrad writes what goes back through relu.
func (p *precision) reluGrad() {
	s := p.begin(32, "reluGrad", "func(n int, dst, dy, x *"+p.typ+")", "stores dy, or 0 where x ≤ 0, in dst.")
	n, dst, dy, x := pointer("n"), pointer("dst"), pointer("dy"), pointer("x")
	zero := s.load(s.k(0))
	s.each(n, func() { s.write(s.choose(s.read(x), atMost, zero, zero, s.read(dy)), dst) })
}

// biasReLU writes max(y + b, 0).
func (p *precision) biasReLU() {
	s := p.begin(32, "biasReLU", "func(n int, y, b *"+p.typ+")", "adds b to y, and stores 0 where the sum is below 0.")
	n, y, b := pointer("n"), pointer("y"), pointer("b")
	zero := s.load(s.k(0))
	s.each(n, func() { s.write(s.larger(zero, s.plus(s.read(y), s.read(b))), y) })
}

// axpby writes y = alpha·x + beta·y.
func (p *precision) axpby() {
	s := p.begin(32, "axpby", "func(n int, alpha, beta "+p.typ+", x, y *"+p.typ+")", "stores alpha·x + beta·y in y.")
	alpha, beta := s.param("alpha", 8), s.param("beta", 8+p.size)
	n, x, y := pointer("n"), pointer("x"), pointer("y")
	s.each(n, func() { s.write(s.timesPlus(s.read(x), alpha, s.times(s.read(y), beta)), y) })
}

// adam writes a step of Adam, which waits for the divider, for a root and a
// quotient. Where multiplications can form a root as well, the divider is left
// for the quotient.
func (p *precision) adam(bytes int) {
	s := p.begin(bytes, "adam", "func(n int, theta, grad, m, v *"+p.typ+", beta1, beta2, rate, root, epsilon, keep "+p.typ+")",
		"stores beta1·m + (1−beta1)·grad in m, beta2·v + (1−beta2)·grad² in v\nand keep·theta − rate·m/(root·√v + epsilon) in theta.")
	n, theta, grad, m, v := pointer("n"), pointer("theta"), pointer("grad"), pointer("m"), pointer("v")
	s.adamSteps(40, n, theta, m, v, func() reg.VecVirtual { return s.read(grad) }, func(reg.VecVirtual) {})
}

// adamNarrow writes adam for a gradient in float32, which also rounds theta.
func adamNarrow(bytes int) {
	p := float64s
	s := p.begin(bytes, "adamNarrow", "func(n int, theta *float64, grad *float32, m, v *float64, rounded *float32, beta1, beta2, rate, root, epsilon, keep float64)",
		"does the same as adam with the sum of 0 and grad, and stores theta in rounded.")
	n, theta, grad, m, v, rounded := pointer("n"), pointer("theta"), pointer("grad"), pointer("m"), pointer("v"), pointer("rounded")
	s.adamSteps(48, n, theta, m, v,
		func() reg.VecVirtual { return s.plus(s.widened(grad), s.k(0)) },
		func(moved reg.VecVirtual) { s.writeNarrow(moved, rounded) })
}

// adamSteps writes the loop of adam, whose scalars lie at offset. The rest has its
// root from the divider.
func (s *simd) adamSteps(offset int, n, theta, first, second reg.GPVirtual, gradient func() reg.VecVirtual, moved func(reg.VecVirtual)) {
	var c [6]reg.VecVirtual
	for i, name := range []string{"beta1", "beta2", "rate", "root", "epsilon", "keep"} {
		c[i] = s.param(name, offset+i*s.size)
	}
	beta1, beta2, rate, root, epsilon, keep := c[0], c[1], c[2], c[3], c[4], c[5]
	one := s.load(s.one())
	rest1, rest2 := s.minus(one, beta1), s.minus(one, beta2)
	s.each(n, func() {
		rootOf := s.root
		if s.bytes == 64 && s.mask == nil {
			rootOf = s.rootByProducts
		}
		g := gradient()
		m := s.timesPlus(s.read(first), beta1, s.times(g, rest1))
		v := s.timesPlus(s.read(second), beta2, s.times(s.times(g, g), rest2))
		s.write(m, first)
		s.write(v, second)
		change := s.over(s.times(rate, m), s.timesPlus(rootOf(v), root, epsilon))
		t := s.minus(s.times(s.read(theta), keep), change)
		s.write(t, theta)
		moved(t)
	})
}
