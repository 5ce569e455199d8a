package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// narrow writes dst[i] = float32(x[i]).
func narrow() {
	p := float64s
	p.function("narrowAVX2x", "func(n int, dst *float32, x *float64)", "stores x[i], rounded to float32, in dst[i].")
	n, dst, x := pointer("n"), pointer("dst"), pointer("x")
	mixed(n, dst, x, func(i int) {
		v := XMM()
		VCVTPD2PSY(float64s.at(x, i), v)
		VMOVUPS(v, float32s.at(dst, i))
	}, func() {
		v := XMM()
		VMOVSD(Mem{Base: x}, v)
		VCVTSD2SS(v, v, v)
		VMOVSS(v, Mem{Base: dst})
	})
}

// addNarrow writes y[i] += float64(x[i]).
func addNarrow() {
	p := float64s
	p.function("addNarrowAVX2x", "func(n int, y *float64, x *float32)", "adds x[i] to y[i].")
	n, y, x := pointer("n"), pointer("y"), pointer("x")
	mixed(n, x, y, func(i int) {
		v := YMM()
		VCVTPS2PD(float32s.at(x, i), v)
		VADDPD(float64s.at(y, i), v, v)
		VMOVUPD(v, float64s.at(y, i))
	}, func() {
		v := XMM()
		VMOVSS(Mem{Base: x}, v)
		VCVTSS2SD(v, v, v)
		VADDSD(Mem{Base: y}, v, v)
		VMOVSD(v, Mem{Base: y})
	})
}

// mixed writes a loop over n elements of a slice of float32 and one of float64:
// 16 at a time, in fours from index i on, and then one.
func mixed(n, narrow, wide reg.GPVirtual, four func(i int), one func()) {
	next := func(step int) {
		ADDQ(U32(4*step), narrow)
		ADDQ(U32(8*step), wide)
		SUBQ(U8(step), n)
	}
	Label("many")
	CMPQ(n, U8(16))
	JLT(LabelRef("one"))
	for i := 0; i < 16; i += 4 {
		four(i)
	}
	next(16)
	JMP(LabelRef("many"))
	Label("one")
	TESTQ(n, n)
	JZ(LabelRef("end"))
	one()
	next(1)
	JMP(LabelRef("one"))
	Label("end")
	VZEROUPPER()
	RET()
}
