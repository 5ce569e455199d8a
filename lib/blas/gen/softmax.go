package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"

	"github.com/descent-go/descent/lib/blas/gen/numbers"
)

// maximum writes the largest of n elements. A NaN is passed over: the first operand
// of larger is the one that is dropped.
func (p *precision) maximum(bytes int) {
	s := p.begin(bytes, "max", "func(n int, x *"+p.typ+") "+p.typ, "returns the largest of n elements x that are not NaN, or −∞.")
	n, x := pointer("n"), pointer("x")
	none := s.load(s.k(math.Inf(-1)))
	top := s.load(none)
	s.loop(n, func() {
		v := s.read(x)
		switch {
		case s.mask == nil:
		case s.bytes == 64:
			w := s.reg()
			s.blend512(v, none, s.mask, w)
			v = w
		default:
			w := s.reg()
			s.blend(s.mask, v, none, w)
			v = w
		}
		s.move(s.larger(v, top), top)
	})
	s.fold(top, s.max)
	Store(top.AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// expScaled writes exponentials and their sum.
func (p *precision) expScaled(bytes int) {
	s := p.begin(bytes, "expScaled", "func(n int, dst, x *"+p.typ+", scale, shift "+p.typ+") "+p.typ,
		"stores e^(scale·x + shift) of n elements x in dst, and returns their sum.")
	scale, shift := s.param("scale", 24), s.param("shift", 24+p.size)
	n, dst, x := pointer("n"), pointer("dst"), pointer("x")
	sum := s.load(s.k(0))
	s.loop(n, func() {
		e := s.exp(s.timesPlus(s.read(x), scale, shift))
		s.write(e, dst)
		s.add(s.existing(e), sum, sum)
	})
	s.fold(sum, s.add)
	Store(sum.AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// softmaxGrad writes what goes back through a softmax.
func (p *precision) softmaxGrad(bytes int) {
	s := p.begin(bytes, "softmaxGrad", "func(n int, dst, p *"+p.typ+", mean, scale "+p.typ+")",
		"stores scale·p·(dst − mean) in dst.")
	mean, scale := s.param("mean", 24), s.param("scale", 24+p.size)
	n, dst, weights := pointer("n"), pointer("dst"), pointer("p")
	s.each(n, func() {
		s.write(s.times(s.times(s.read(weights), scale), s.minus(s.read(dst), mean)), dst)
	})
}

// logistic returns σ(w) and σ(−w), each with all its digits.
func (s *simd) logistic(w reg.VecVirtual) (up, down reg.VecVirtual) {
	e := s.exp(s.or(w, s.sign()))
	large := s.over(s.load(s.one()), s.plus(e, s.one()))
	small := s.times(large, e)
	return s.choose(w, less, s.k(0), small, large), s.choose(w, less, s.k(0), large, small)
}

// gelu writes x·σ(2u), u = √(2/π)(x + 0.044715x³).
func (p *precision) gelu(bytes int) {
	s := p.begin(bytes, "gelu", "func(n int, dst, x *"+p.typ+")", "stores ½x(1 + tanh(√(2/π)(x + 0.044715x³))) of n elements x in dst.")
	n, dst, x := pointer("n"), pointer("dst"), pointer("x")
	s.each(n, func() {
		v := s.read(x)
		w := s.times(v, s.polynomial(s.times(v, v), 2*numbers.GELUScale, 2*numbers.GELUScale*numbers.GELUCube))
		up, _ := s.logistic(w)
		s.write(s.times(v, up), dst)
	})
}

// geluGrad writes dy·σ(2u)(1 + 2x·σ(−2u)·∂u/∂x). Beyond ±30 the slope is 1 or 0, and
// x² might be infinite.
func (p *precision) geluGrad(bytes int) {
	s := p.begin(bytes, "geluGrad", "func(n int, dst, dy, x *"+p.typ+")", "stores dy times the derivative of gelu at n elements x in dst.")
	n, dst, dy, x := pointer("n"), pointer("dst"), pointer("dy"), pointer("x")
	s.each(n, func() {
		v := s.larger(s.load(s.k(-30)), s.smaller(s.load(s.k(30)), s.read(x)))
		square := s.times(v, v)
		w := s.times(v, s.polynomial(square, 2*numbers.GELUScale, 2*numbers.GELUScale*numbers.GELUCube))
		up, down := s.logistic(w)
		rise := s.times(s.times(v, down), s.polynomial(square, 2*numbers.GELUScale, 6*numbers.GELUScale*numbers.GELUCube))
		s.write(s.times(s.read(dy), s.times(up, s.plus(rise, s.one()))), dst)
	})
}
