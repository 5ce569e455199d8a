package main

import "github.com/descent-go/descent/lib/blas/gen/numbers"

import "math"

// softmax writes the steps of a softmax.
func (p *precision) softmax() {
	s := p.begin("max", "func(n int, x *"+p.typ+") "+p.typ, "returns the largest of n elements x that are not NaN, or −∞.")
	top := s.hold()
	s.set(top, s.k(math.Inf(-1)))
	n, a := s.load("n"), s.pointers("x")
	s.loop(n, a, func() {
		v := s.read(a[0])
		if s.last { // all lanes have it
			v = s.dup(v, s.lane, 0, s.all)
		}
		s.into(top, "fmaxnm", top, v)
	})
	s.fold(top, "fmaxnm")
	s.result(top, "ret")
	s.line("RET")

	e := p.begin("expScaled", "func(n int, dst, x *"+p.typ+", scale, shift "+p.typ+") "+p.typ,
		"stores e^(scale·x + shift) of n elements x in dst, and returns their sum.")
	scale, shift, sum := e.param("scale"), e.param("shift"), e.hold()
	e.set(sum, e.k(0))
	n, b := e.load("n"), e.pointers("dst", "x")
	e.loop(n, b, func() {
		v := e.exp(e.timesPlus(e.read(b[1]), scale, shift))
		e.write(v, b[0])
		e.into(sum, "fadd", sum, e.existing(v))
	})
	e.fold(sum, "fadd")
	e.result(sum, "ret")
	e.line("RET")

	g := p.begin("softmaxGrad", "func(n int, dst, p *"+p.typ+", mean, scale "+p.typ+")", "stores scale·p·(dst − mean) in dst.")
	mean, times := g.param("mean"), g.param("scale")
	n, c := g.load("n"), g.pointers("dst", "p")
	g.each(n, c, func() { g.write(g.times(g.times(g.read(c[1]), times), g.minus(g.read(c[0]), mean)), c[0]) })
}

// logistic returns σ(w) and σ(−w), each with all its digits.
func (s *simd) logistic(w vec) (up, down vec) {
	e := s.exp(s.negative(w))
	large := s.over(s.one(), s.plus(e, s.one()))
	small := s.times(large, e)
	under := s.compare(w, less, s.k(0))
	return s.where(under, small, large), s.where(under, large, small)
}

// gelu writes x·σ(2u), u = √(2/π)(x + 0.044715x³), and dy·σ(2u)(1 + 2x·σ(−2u)·∂u/∂x). Beyond
// ±30 the slope is 1 or 0, and x² might be infinite.
func (p *precision) gelu() {
	s := p.begin("gelu", "func(n int, dst, x *"+p.typ+")", "stores ½x(1 + tanh(√(2/π)(x + 0.044715x³))) of n elements x in dst.")
	n, a := s.load("n"), s.pointers("dst", "x")
	s.each(n, a, func() {
		v := s.read(a[1])
		up, _ := s.logistic(s.times(v, s.polynomial(s.times(v, v), 2*numbers.GELUScale, 2*numbers.GELUScale*numbers.GELUCube)))
		s.write(s.times(v, up), a[0])
	})

	g := p.begin("geluGrad", "func(n int, dst, dy, x *"+p.typ+")", "stores dy times the derivative of gelu at n elements x in dst.")
	n, b := g.load("n"), g.pointers("dst", "dy", "x")
	g.each(n, b, func() {
		v := g.larger(g.smaller(g.read(b[2]), g.k(30)), g.k(-30))
		square := g.times(v, v)
		up, down := g.logistic(g.times(v, g.polynomial(square, 2*numbers.GELUScale, 2*numbers.GELUScale*numbers.GELUCube)))
		rise := g.times(g.times(v, down), g.polynomial(square, 2*numbers.GELUScale, 6*numbers.GELUScale*numbers.GELUCube))
		g.write(g.times(g.read(b[1]), g.times(up, g.plus(rise, g.one()))), b[0])
	})
}

// normalisation writes the steps of a normalisation.
func (p *precision) normalisation() {
	t := "*" + p.typ
	s := p.begin("squares", "func(n int, x "+t+", center "+p.typ+") (sum, squares "+p.typ+")",
		"returns the sum of n elements x − center, and of their squares.")
	center, sum, squares := s.param("center"), s.hold(), s.hold()
	s.set(sum, s.k(0))
	s.set(squares, s.k(0))
	n, a := s.load("n"), s.pointers("x")
	s.loop(n, a, func() {
		d := s.existing(s.minus(s.read(a[0]), center))
		s.into(sum, "fadd", sum, d)
		s.addProduct(squares, d, d)
	})
	s.twoResults(sum, "sum", squares, "squares")

	f := p.begin("normalize", "func(n int, y, normal, x, scale, shift "+t+", mean, inverse "+p.typ+")",
		"stores (x − mean)·inverse in normal, and scale·normal + shift in y.")
	mean, inverse := f.param("mean"), f.param("inverse")
	n, b := f.load("n"), f.pointers("y", "normal", "x", "scale", "shift")
	f.each(n, b, func() {
		v := f.times(f.minus(f.read(b[2]), mean), inverse)
		f.write(v, b[1])
		f.write(f.timesPlus(f.read(b[3]), v, f.read(b[4])), b[0])
	})

	g := p.begin("normalizeGrad", "func(n int, dx, dScale, dShift, dy, normal, scale "+t+") (sum, cross "+p.typ+")",
		"adds dy·normal to dScale and dy to dShift, stores dy·scale in dx,\nand returns the sums of dx and of dx·normal.")
	total, cross := g.hold(), g.hold()
	g.set(total, g.k(0))
	g.set(cross, g.k(0))
	n, c := g.load("n"), g.pointers("dx", "dScale", "dShift", "dy", "normal", "scale")
	g.loop(n, c, func() {
		d, v := g.read(c[3]), g.read(c[4])
		g.write(g.timesPlus(d, v, g.read(c[1])), c[1])
		g.write(g.plus(d, g.read(c[2])), c[2])
		d = g.times(d, g.read(c[5]))
		g.write(d, c[0])
		g.into(total, "fadd", total, d)
		g.addProduct(cross, d, v)
	})
	g.twoResults(total, "sum", cross, "cross")

	h := p.begin("center", "func(n int, dx, normal "+t+", mean, cross, inverse "+p.typ+")",
		"stores inverse·(dx − mean − cross·normal) in dx.")
	middle, across, over := h.param("mean"), h.param("cross"), h.param("inverse")
	n, d := h.load("n"), h.pointers("dx", "normal")
	h.each(n, d, func() {
		h.write(h.times(h.minusTimes(h.minus(h.read(d[0]), middle), h.read(d[1]), across), over), d[0])
	})
}

// twoResults returns two sums.
func (s *simd) twoResults(a vec, nameA string, b vec, nameB string) {
	s.fold(a, "fadd")
	s.fold(b, "fadd")
	s.result(a, nameA)
	s.result(b, nameB)
	s.line("RET")
}

// gates writes u·g·σ(g) and what goes back through it: the slope of g·σ(g) is
// σ(g)(1 + g·σ(−g)); a turn of points of the plane; and a sum.
func (p *precision) gates() {
	t := "*" + p.typ
	s := p.begin("swiGLU", "func(n int, dst, gate, up "+t+")", "stores up·gate/(1+e^−gate) of n elements in dst.")
	n, a := s.load("n"), s.pointers("dst", "gate", "up")
	s.each(n, a, func() {
		v := s.read(a[1])
		up, _ := s.logistic(v)
		s.write(s.times(s.times(v, up), s.read(a[2])), a[0])
	})

	g := p.begin("swiGLUGrad", "func(n int, dGate, dUp, d, gate, up "+t+")",
		"stores d times the derivatives of swiGLU with respect to gate and up in dGate and dUp.")
	n, b := g.load("n"), g.pointers("dGate", "dUp", "d", "gate", "up")
	g.each(n, b, func() {
		v, from := g.read(b[3]), g.read(b[2])
		up, down := g.logistic(v)
		slope := g.times(up, g.timesPlus(v, down, g.one()))
		other := g.read(b[4])
		g.write(g.times(from, g.times(v, up)), b[1])
		g.write(g.times(from, g.times(other, slope)), b[0])
	})

	r := p.begin("rotate", "func(n int, a, b, cos, sin "+t+")", "stores a·cos − b·sin in a and b·cos + a·sin in b.")
	n, c := r.load("n"), r.pointers("a", "b", "cos", "sin")
	r.each(n, c, func() {
		x, y, cos, sin := r.read(c[0]), r.read(c[1]), r.read(c[2]), r.read(c[3])
		r.write(r.minusTimes(r.times(x, cos), y, sin), c[0])
		r.write(r.timesPlus(y, cos, r.times(x, sin)), c[1])
	})

	q := p.begin("sum", "func(n int, dst, a, b "+t+")", "stores a + b in dst.")
	n, d := q.load("n"), q.pointers("dst", "a", "b")
	q.each(n, d, func() { q.write(q.plus(q.read(d[1]), q.read(d[2])), d[0]) })
}

// bell returns y(1 − y), the slope of a logistic function with the value y.
func (s *simd) bell(y vec) vec { return s.minusTimes(y, y, y) }

// blocks points at blocks of n elements that follow one another.
func (s *simd) blocks(n, name string, count int) []string {
	p := s.pointers(name)
	for len(p) < count {
		next := s.general()
		s.line("ADD %s<<%d, %s, %s", n, s.shift, p[len(p)-1], next)
		p = append(p, next)
	}
	return p
}

// recurrent writes the steps of an LSTM and a GRU, and what goes back through them.
func (p *precision) recurrent() {
	t := "*" + p.typ
	s := p.begin("lstm", "func(n int, gates, before, after, squashed, h "+t+")",
		"stores σ, σ, tanh and σ of the four blocks i, f, g, o of n gates in their place,\nf·before + i·g in after, its tanh in squashed, and o·squashed in h.")
	n := s.load("n")
	gates, a := s.blocks(n, "gates", 4), s.pointers("before", "after", "squashed", "h")
	s.each(n, append(gates, a...), func() {
		in := s.sigmoid(s.read(gates[0]))
		s.write(in, gates[0])
		forget := s.sigmoid(s.read(gates[1]))
		s.write(forget, gates[1])
		candidate := s.tanh(s.read(gates[2]))
		s.write(candidate, gates[2])
		c := s.timesPlus(forget, s.read(a[0]), s.times(in, candidate))
		s.write(c, a[1])
		out := s.sigmoid(s.read(gates[3]))
		s.write(out, gates[3])
		c = s.tanh(c)
		s.write(c, a[2])
		s.write(s.times(out, c), a[3])
	})
	p.lstmGrad()

	u := p.begin("gru", "func(n int, gates, hidden, before, after "+t+")",
		"stores r = σ(gates + hidden), z = σ(gates + hidden) and a = tanh(gates + r·hidden) of three blocks\nof n gates in their place, and (1−z)·a + z·before in after.")
	n = u.load("n")
	g, hidden, b := u.blocks(n, "gates", 3), u.blocks(n, "hidden", 3), u.pointers("before", "after")
	u.each(n, append(append(g, hidden...), b...), func() {
		reset := u.sigmoid(u.plus(u.read(g[0]), u.read(hidden[0])))
		u.write(reset, g[0])
		candidate := u.tanh(u.timesPlus(reset, u.read(hidden[2]), u.read(g[2])))
		u.write(candidate, g[2])
		update := u.sigmoid(u.plus(u.read(g[1]), u.read(hidden[1])))
		u.write(update, g[1])
		u.write(u.timesPlus(u.minus(u.one(), update), candidate, u.times(update, u.read(b[0]))), b[1])
	})
	p.gruGrad()
}

func (p *precision) lstmGrad() {
	s := p.begin("lstmGrad", "func(n int, d, dc, dh, gates, before, squashed *"+p.typ+")",
		"stores the gradient with respect to what lstm had in gates in d, given that of after in dc\nand of h in dh, and the gradient with respect to before in dc.")
	n := s.load("n")
	d, gates, a := s.blocks(n, "d", 4), s.blocks(n, "gates", 4), s.pointers("dc", "dh", "before", "squashed")
	s.each(n, append(append(d, gates...), a...), func() {
		g, t, out := s.read(a[1]), s.read(a[3]), s.read(gates[3])
		shown := s.times(g, out)
		s.write(s.times(s.times(g, t), s.bell(out)), d[3])
		c := s.plus(s.read(a[0]), s.times(shown, s.minusTimes(s.one(), t, t)))
		in, candidate := s.read(gates[0]), s.read(gates[2])
		s.write(s.times(s.times(c, candidate), s.bell(in)), d[0])
		s.write(s.times(s.times(c, in), s.minusTimes(s.one(), candidate, candidate)), d[2])
		forget := s.read(gates[1])
		s.write(s.times(s.times(c, s.read(a[2])), s.bell(forget)), d[1])
		s.write(s.times(c, forget), a[0])
	})
}

func (p *precision) gruGrad() {
	s := p.begin("gruGrad", "func(n int, d, dHidden, dh, gates, hidden, before *"+p.typ+")",
		"stores the gradients with respect to what gru had in gates and hidden in d and dHidden,\ngiven that of after in dh, and the gradient with respect to before in dh.")
	n := s.load("n")
	d, dHidden, gates := s.blocks(n, "d", 3), s.blocks(n, "dHidden", 3), s.blocks(n, "gates", 3)
	hidden, a := s.blocks(n, "hidden", 3), s.pointers("dh", "before")
	s.each(n, append(append(append(append(d, dHidden...), gates...), hidden...), a...), func() {
		g, update, candidate := s.read(a[0]), s.read(gates[1]), s.read(gates[2])
		dUpdate := s.times(s.times(g, s.minus(s.read(a[1]), candidate)), s.bell(update))
		s.write(dUpdate, d[1])
		s.write(dUpdate, dHidden[1])
		s.write(s.times(g, update), a[0])
		dCandidate := s.times(s.minusTimes(g, g, update), s.minusTimes(s.one(), candidate, candidate))
		s.write(dCandidate, d[2])
		reset := s.read(gates[0])
		s.write(s.times(dCandidate, reset), dHidden[2])
		dReset := s.times(s.times(dCandidate, s.read(hidden[2])), s.bell(reset))
		s.write(dReset, d[0])
		s.write(dReset, dHidden[0])
	})
}
