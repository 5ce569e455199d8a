package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// addRuns writes y[j] += x[j] for runs of a few elements. The sums of the last
// vector of a run are formed before others are stored, and stored last: so it
// may overlap with the one before.
func (p *precision) addRuns() {
	s := p.begin(32, "addRuns", "func(runs, n int, y *"+p.typ+", yStep int, x *"+p.typ+", xStep int)",
		"adds runs of n ≥ 4 elements, xStep apart, to those yStep apart from y.")
	runs, n, y, x := pointer("runs"), p.stride("n"), pointer("y"), pointer("x")
	yStep, xStep := p.stride("yStep"), p.stride("xStep")
	loop := func(name string) {
		last := GP64()
		LEAQ(Mem{Base: n, Disp: -s.bytes}, last)
		Label(name)
		tail, at := s.reg(), GP64()
		s.move(Mem{Base: y, Index: last, Scale: 1}, tail)
		s.add(Mem{Base: x, Index: last, Scale: 1}, tail, tail)
		XORQ(at, at)
		Label(name + "Vector")
		CMPQ(at, last)
		JGE(LabelRef(name + "Last"))
		v := s.reg()
		s.move(Mem{Base: y, Index: at, Scale: 1}, v)
		s.add(Mem{Base: x, Index: at, Scale: 1}, v, v)
		s.move(v, Mem{Base: y, Index: at, Scale: 1})
		ADDQ(U32(s.bytes), at)
		JMP(LabelRef(name + "Vector"))
		Label(name + "Last")
		s.move(tail, Mem{Base: y, Index: last, Scale: 1})
		ADDQ(yStep, y)
		ADDQ(xStep, x)
		DECQ(runs)
		JNZ(LabelRef(name))
		VZEROUPPER()
		RET()
	}
	if p.size == 4 {
		CMPQ(n, U8(32))
		JL(LabelRef("few"))
	}
	loop("long")
	if p.size == 4 {
		Label("few")
		s.bytes = 16
		loop("short")
	}
}
