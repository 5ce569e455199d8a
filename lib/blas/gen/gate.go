package main

// swiGLU writes u·g·σ(g).
func (p *precision) swiGLU(bytes int) {
	s := p.begin(bytes, "swiGLU", "func(n int, dst, gate, up *"+p.typ+")", "stores up·gate/(1+e^−gate) of n elements in dst.")
	n, dst, g, u := pointer("n"), pointer("dst"), pointer("gate"), pointer("up")
	s.each(n, func() {
		v := s.read(g)
		up, _ := s.logistic(v)
		s.write(s.times(s.times(v, up), s.read(u)), dst)
	})
}

// swiGLUGrad writes what goes back through swiGLU: the slope of g·σ(g) is σ(g)(1 + g·σ(−g)).
func (p *precision) swiGLUGrad(bytes int) {
	s := p.begin(bytes, "swiGLUGrad", "func(n int, dGate, dUp, d, gate, up *"+p.typ+")",
		"stores d times the derivatives of swiGLU with respect to gate and up in dGate and dUp.")
	n, dg, du, d, g, u := pointer("n"), pointer("dGate"), pointer("dUp"), pointer("d"), pointer("gate"), pointer("up")
	s.each(n, func() {
		v, from := s.read(g), s.read(d)
		up, down := s.logistic(v)
		slope := s.times(up, s.timesPlus(v, down, s.one()))
		other := s.read(u)
		s.write(s.times(from, s.times(v, up)), du)
		s.write(s.times(from, s.times(other, slope)), dg)
	})
}

// rotate writes a turn of n points of the plane.
func (p *precision) rotate(bytes int) {
	s := p.begin(bytes, "rotate", "func(n int, a, b, cos, sin *"+p.typ+")", "stores a·cos − b·sin in a and b·cos + a·sin in b.")
	n, a, b, cos, sin := pointer("n"), pointer("a"), pointer("b"), pointer("cos"), pointer("sin")
	s.each(n, func() {
		x, y, c, d := s.read(a), s.read(b), s.read(cos), s.read(sin)
		s.write(s.minusTimes(s.times(x, c), y, d), a)
		s.write(s.timesPlus(y, c, s.times(x, d)), b)
	})
}

// plusTo writes a sum.
func (p *precision) plusTo() {
	s := p.begin(32, "sum", "func(n int, dst, a, b *"+p.typ+")", "stores a + b in dst.")
	n, dst, a, b := pointer("n"), pointer("dst"), pointer("a"), pointer("b")
	s.each(n, func() { s.write(s.plus(s.read(a), s.read(b)), dst) })
}
