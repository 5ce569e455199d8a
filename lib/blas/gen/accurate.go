package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The kernels here keep what rounding loses: a sum is high + low, and low gathers
// the errors of products (a multiply-add tells them) and of additions.

// twoSum adds p to high and what that loses to low, together with the errors
// given, if there are any.
func twoSum(high, low, p reg.VecVirtual, errors ...reg.VecVirtual) {
	t, z, u := vectorLike(high), vectorLike(high), vectorLike(high)
	VADDPD(p, high, t)
	VSUBPD(high, t, z)
	VSUBPD(z, t, u)
	VSUBPD(u, high, u) // what high lost
	VSUBPD(z, p, z)    // what p lost
	VADDPD(z, u, u)
	for _, e := range errors {
		VADDPD(e, u, u)
	}
	VADDPD(u, low, low)
	VMOVAPD(t, high)
}

// vectorLike returns a register as long as v.
func vectorLike(v reg.VecVirtual) reg.VecVirtual {
	if v.Size() == 16 {
		return XMM()
	}
	return YMM()
}

// twoProduct returns v·a and what the rounding of that loses, in place of v.
func twoProduct(v, a reg.VecVirtual) (p, e reg.VecVirtual) {
	p = vectorLike(v)
	VMULPD(a, v, p)
	VFMSUB213PD(p, a, v)
	return p, v
}

// sumProducts writes Σ x[i]·y[i] with four sums of vectors and one of the rest.
func (p *precision) sumProducts() {
	p.function("sumProductsAVX2x", "func(n int, x, y *"+p.typ+") (high, low "+p.typ+")",
		"returns the sum of x[i]·y[i] in twice the precision, as high + low.")
	n, x, y := pointer("n"), pointer("x"), pointer("y")
	high, low := zeros(4), zeros(4)
	restHigh, restLow := zeros(1)[0], zeros(1)[0]
	p.over(n, 4, func(vectors int) {
		for i := range vectors {
			v, w := YMM(), YMM()
			p.move(p.at(x, i*4), v)
			p.move(p.at(y, i*4), w)
			product, e := twoProduct(v, w)
			twoSum(high[i], low[i], product, e)
		}
	}, func() {
		v, w := XMM(), XMM()
		p.moveOne(p.at(x, 0), v)
		p.moveOne(p.at(y, 0), w)
		product, e := twoProduct(v, w)
		twoSum(restHigh.AsX().(reg.VecVirtual), restLow.AsX().(reg.VecVirtual), product, e)
	}, x, y)
	twoSum(high[0], low[0], high[1], low[1])
	twoSum(high[2], low[2], high[3], low[3])
	twoSum(high[0], low[0], high[2], low[2])
	h, l := high[0].AsX().(reg.VecVirtual), low[0].AsX().(reg.VecVirtual)
	otherHigh, otherLow := XMM(), XMM()
	VEXTRACTF128(U8(1), high[0], otherHigh)
	VEXTRACTF128(U8(1), low[0], otherLow)
	twoSum(h, l, otherHigh, otherLow)
	VPERMILPD(U8(1), h, otherHigh)
	VPERMILPD(U8(1), l, otherLow)
	twoSum(h, l, otherHigh, otherLow)
	twoSum(h, l, restHigh.AsX().(reg.VecVirtual), restLow.AsX().(reg.VecVirtual))
	Store(h, ReturnIndex(0))
	Store(l, ReturnIndex(1))
	VZEROUPPER()
	RET()
}

// addProducts writes high[i] + low[i] += (a + aLow)·x[i].
func (p *precision) addProducts() {
	p.function("addProductsAVX2x", "func(n int, a, aLow "+p.typ+", x, high, low *"+p.typ+")",
		"adds (a + aLow)·x[i] to high[i] + low[i] in twice the precision.")
	n, x, high, low := pointer("n"), pointer("x"), pointer("high"), pointer("low")
	a, aLow := YMM(), YMM()
	p.broadcast(NewParamAddr("a", 8), a)
	p.broadcast(NewParamAddr("aLow", 16), aLow)
	step := func(at int, move func(...Op), v, h, l, a, aLow reg.VecVirtual) {
		move(p.at(x, at), v)
		move(p.at(high, at), h)
		move(p.at(low, at), l)
		p.fma(aLow, v, l)
		product, e := twoProduct(v, a)
		twoSum(h, l, product, e)
		move(h, p.at(high, at))
		move(l, p.at(low, at))
	}
	p.over(n, 2, func(vectors int) {
		for i := range vectors {
			step(i*4, p.move, YMM(), YMM(), YMM(), a, aLow)
		}
	}, func() {
		step(0, p.moveOne, XMM(), XMM(), XMM(), a.AsX().(reg.VecVirtual), aLow.AsX().(reg.VecVirtual))
	}, x, high, low)
	VZEROUPPER()
	RET()
}
