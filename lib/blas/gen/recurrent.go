package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lstm writes a step of an LSTM.
func (p *precision) lstm(bytes int) {
	s := p.begin(bytes, "lstm", "func(n int, gates, before, after, squashed, h *"+p.typ+")",
		"stores σ, σ, tanh and σ of the four blocks i, f, g, o of n gates in their place,\nf·before + i·g in after, its tanh in squashed, and o·squashed in h.")
	n, gates := pointer("n"), pointer("gates")
	before, after, squashed, h := pointer("before"), pointer("after"), pointer("squashed"), pointer("h")
	width := s.width(n)
	s.each(n, func() {
		in := s.sigmoid(s.read(gates))
		s.write(in, gates)
		forget := s.sigmoid(s.read(block(gates, width, 1)))
		s.write(forget, block(gates, width, 1))
		candidate := s.tanh(s.read(block(gates, width, 2)))
		s.write(candidate, block(gates, width, 2))
		c := s.timesPlus(forget, s.read(before), s.times(in, candidate))
		s.write(c, after)
		out := s.sigmoid(s.read(block(gates, width, 3)))
		s.write(out, block(gates, width, 3))
		c = s.tanh(c)
		s.write(c, squashed)
		s.write(s.times(out, c), h)
	})
}

// lstmGrad writes what goes back through lstm.
func (p *precision) lstmGrad(bytes int) {
	s := p.begin(bytes, "lstmGrad", "func(n int, d, dc, dh, gates, before, squashed *"+p.typ+")",
		"stores the gradient with respect to what lstm had in gates in d, given that of after in dc\nand of h in dh, and the gradient with respect to before in dc.")
	n, d, dc, dh := pointer("n"), pointer("d"), pointer("dc"), pointer("dh")
	gates, before, squashed := pointer("gates"), pointer("before"), pointer("squashed")
	width := s.width(n)
	s.each(n, func() {
		g, t, out := s.read(dh), s.read(squashed), s.read(block(gates, width, 3))
		shown := s.times(g, out)
		s.write(s.times(s.times(g, t), s.bell(out)), block(d, width, 3))
		c := s.plus(s.read(dc), s.times(shown, s.minusTimes(s.load(s.one()), t, t)))
		in, candidate := s.read(gates), s.read(block(gates, width, 2))
		s.write(s.times(s.times(c, candidate), s.bell(in)), d)
		s.write(s.times(s.times(c, in), s.minusTimes(s.load(s.one()), candidate, candidate)), block(d, width, 2))
		forget := s.read(block(gates, width, 1))
		s.write(s.times(s.times(c, s.read(before)), s.bell(forget)), block(d, width, 1))
		s.write(s.times(c, forget), dc)
	})
}

// gru writes a step of a GRU.
func (p *precision) gru(bytes int) {
	s := p.begin(bytes, "gru", "func(n int, gates, hidden, before, after *"+p.typ+")",
		"stores r = σ(gates + hidden), z = σ(gates + hidden) and a = tanh(gates + r·hidden) of three blocks\nof n gates in their place, and (1−z)·a + z·before in after.")
	n, gates, hidden, before, after := pointer("n"), pointer("gates"), pointer("hidden"), pointer("before"), pointer("after")
	width := s.width(n)
	s.each(n, func() {
		reset := s.sigmoid(s.plus(s.read(gates), s.read(hidden)))
		s.write(reset, gates)
		candidate := s.tanh(s.timesPlus(reset, s.read(block(hidden, width, 2)), s.read(block(gates, width, 2))))
		s.write(candidate, block(gates, width, 2))
		update := s.sigmoid(s.plus(s.read(block(gates, width, 1)), s.read(block(hidden, width, 1))))
		s.write(update, block(gates, width, 1))
		rest := s.minus(s.load(s.one()), update)
		s.write(s.timesPlus(rest, candidate, s.times(update, s.read(before))), after)
	})
}

// gruGrad writes what goes back through gru.
func (p *precision) gruGrad(bytes int) {
	s := p.begin(bytes, "gruGrad", "func(n int, d, dHidden, dh, gates, hidden, before *"+p.typ+")",
		"stores the gradients with respect to what gru had in gates and hidden in d and dHidden,\ngiven that of after in dh, and the gradient with respect to before in dh.")
	n, d, dHidden, dh := pointer("n"), pointer("d"), pointer("dHidden"), pointer("dh")
	gates, hidden, before := pointer("gates"), pointer("hidden"), pointer("before")
	width := s.width(n)
	s.each(n, func() {
		g, update, candidate := s.read(dh), s.read(block(gates, width, 1)), s.read(block(gates, width, 2))
		dUpdate := s.times(s.times(g, s.minus(s.read(before), candidate)), s.bell(update))
		s.write(dUpdate, block(d, width, 1))
		s.write(dUpdate, block(dHidden, width, 1))
		s.write(s.times(g, update), dh)
		dCandidate := s.times(s.minusTimes(g, g, update), s.minusTimes(s.load(s.one()), candidate, candidate))
		s.write(dCandidate, block(d, width, 2))
		reset := s.read(gates)
		s.write(s.times(dCandidate, reset), block(dHidden, width, 2))
		dReset := s.times(s.times(dCandidate, s.read(block(hidden, width, 2))), s.bell(reset))
		s.write(dReset, d)
		s.write(dReset, dHidden)
	})
}

// bell returns y(1 − y), the slope of a logistic function with the value y.
func (s *simd) bell(y reg.VecVirtual) reg.VecVirtual { return s.minusTimes(y, y, y) }

// width returns the bytes of n elements.
func (s *simd) width(n reg.GPVirtual) reg.GPVirtual {
	w := GP64()
	MOVQ(n, w)
	SHLQ(U8(s.shift), w)
	return w
}

// block points at block k, at most 3, of blocks of a width.
func block(base, width reg.GPVirtual, k int) reg.GPVirtual {
	to := GP64()
	if k == 3 {
		base, k = block(base, width, 1), 2
	}
	LEAQ(Mem{Base: base, Index: width, Scale: uint8(k)}, to)
	return to
}
