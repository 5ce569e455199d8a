package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// squares writes a sum and a sum of squares, each around a center.
func (p *precision) squares(bytes int) {
	s := p.begin(bytes, "squares", "func(n int, x *"+p.typ+", center "+p.typ+") (sum, squares "+p.typ+")",
		"returns the sum of n elements x − center, and of their squares.")
	center := s.param("center", 16)
	n, x := pointer("n"), pointer("x")
	sum, squares := s.load(s.k(0)), s.load(s.k(0))
	s.loop(n, func() {
		d := s.existing(s.minus(s.read(x), center))
		s.add(d, sum, sum)
		s.fma(d, d, squares)
	})
	s.returnSums(sum, squares)
}

// returnSums returns the sum of the elements of each vector.
func (s *simd) returnSums(sums ...reg.VecVirtual) {
	for _, v := range sums {
		s.fold(v, s.add)
	}
	for i, v := range sums {
		Store(v.AsX(), ReturnIndex(i))
	}
	VZEROUPPER()
	RET()
}

// normalize writes what a normalisation does to a row.
func (p *precision) normalize(bytes int) {
	s := p.begin(bytes, "normalize", "func(n int, y, normal, x, scale, shift *"+p.typ+", mean, inverse "+p.typ+")",
		"stores (x − mean)·inverse in normal, and scale·normal + shift in y.")
	mean, inverse := s.param("mean", 48), s.param("inverse", 48+p.size)
	n, y, normal, x, scale, shift := pointer("n"), pointer("y"), pointer("normal"), pointer("x"), pointer("scale"), pointer("shift")
	s.each(n, func() {
		v := s.times(s.minus(s.read(x), mean), inverse)
		s.write(v, normal)
		s.write(s.timesPlus(s.read(scale), v, s.read(shift)), y)
	})
}

// normalizeGrad writes the first pass of what goes back.
func (p *precision) normalizeGrad(bytes int) {
	s := p.begin(bytes, "normalizeGrad", "func(n int, dx, dScale, dShift, dy, normal, scale *"+p.typ+") (sum, cross "+p.typ+")",
		"adds dy·normal to dScale and dy to dShift, stores dy·scale in dx,\nand returns the sums of dx and of dx·normal.")
	n, dx, dScale, dShift := pointer("n"), pointer("dx"), pointer("dScale"), pointer("dShift")
	dy, normal, scale := pointer("dy"), pointer("normal"), pointer("scale")
	sum, cross := s.load(s.k(0)), s.load(s.k(0))
	s.loop(n, func() {
		d, v := s.read(dy), s.read(normal)
		s.write(s.timesPlus(d, v, s.read(dScale)), dScale)
		s.write(s.plus(d, s.read(dShift)), dShift)
		d = s.times(d, s.read(scale))
		s.write(d, dx)
		s.add(d, sum, sum)
		s.fma(d, v, cross)
	})
	s.returnSums(sum, cross)
}

// center writes the second pass of what goes back.
func (p *precision) center(bytes int) {
	s := p.begin(bytes, "center", "func(n int, dx, normal *"+p.typ+", mean, cross, inverse "+p.typ+")",
		"stores inverse·(dx − mean − cross·normal) in dx.")
	mean, cross, inverse := s.param("mean", 24), s.param("cross", 24+p.size), s.param("inverse", 24+2*p.size)
	n, dx, normal := pointer("n"), pointer("dx"), pointer("normal")
	s.each(n, func() {
		d := s.minusTimes(s.minus(s.read(dx), mean), s.read(normal), cross)
		s.write(s.times(d, inverse), dx)
	})
}

// normalSums writes the sums of normalizeGrad alone.
func (p *precision) normalSums(bytes int) {
	s := p.begin(bytes, "normalSums", "func(n int, dy, normal, scale *"+p.typ+") (sum, cross "+p.typ+")",
		"returns the sums of dy·scale and of dy·scale·normal, as normalizeGrad does.")
	n, dy, normal, scale := pointer("n"), pointer("dy"), pointer("normal"), pointer("scale")
	sum, cross := s.load(s.k(0)), s.load(s.k(0))
	s.loop(n, func() {
		d := s.times(s.read(dy), s.read(scale))
		s.add(d, sum, sum)
		s.fma(d, s.read(normal), cross)
	})
	s.returnSums(sum, cross)
}

// centerScaled writes center for dx = dy·scale.
func (p *precision) centerScaled(bytes int) {
	s := p.begin(bytes, "centerScaled", "func(n int, dx, dy, normal, scale *"+p.typ+", mean, cross, inverse "+p.typ+")",
		"stores inverse·(dy·scale − mean − cross·normal) in dx.")
	mean, cross, inverse := s.param("mean", 40), s.param("cross", 40+p.size), s.param("inverse", 40+2*p.size)
	n, dx, dy, normal, scale := pointer("n"), pointer("dx"), pointer("dy"), pointer("normal"), pointer("scale")
	s.each(n, func() {
		d := s.minus(s.times(s.read(dy), s.read(scale)), mean)
		s.write(s.times(s.minusTimes(d, s.read(normal), cross), inverse), dx)
	})
}

// normalColumns writes what normalizeGrad adds to dScale and dShift, for many rows: those
// of some columns stay in registers.
func (p *precision) normalColumns(bytes int) {
	s := p.begin(bytes, "normalColumns", "func(rows, n int, dScale, dShift, dy, normal *"+p.typ+", step int)",
		"adds dy·normal to dScale and dy to dShift, for n columns of rows ≥ 1 rows, step apart.")
	n, dScale, dShift := pointer("n"), pointer("dScale"), pointer("dShift")
	step := p.stride("step")
	dy, normal, rows := GP64(), GP64(), GP64()
	columns := func(name string, vectors int) {
		Load(Param("rows"), rows)
		Load(Param("dy"), dy)
		Load(Param("normal"), normal)
		var scales, shifts []reg.VecVirtual
		turn := s.turn
		for i := range vectors {
			s.turn = turn + i*s.bytes
			scales, shifts = append(scales, s.read(dScale)), append(shifts, s.read(dShift))
		}
		Label(name)
		for i := range vectors {
			s.turn = turn + i*s.bytes
			d := s.read(dy)
			s.fma(s.read(normal), d, scales[i])
			s.add(d, shifts[i], shifts[i])
		}
		ADDQ(step, dy)
		ADDQ(step, normal)
		DECQ(rows)
		JNZ(LabelRef(name))
		for i := range vectors {
			s.turn = turn + i*s.bytes
			s.write(scales[i], dScale)
			s.write(shifts[i], dShift)
		}
		s.turn = turn
	}
	const together = 4
	rest, end := GP64(), GP64()
	MOVQ(n, rest)
	ANDQ(I32(s.lanes(s.bytes)-1), rest)
	SHLQ(U8(s.shift), n)
	ANDQ(I32(-s.bytes), n)
	s.at = GP64()
	XORQ(s.at, s.at)
	Label("many")
	LEAQ(Mem{Base: s.at, Disp: together * s.bytes}, end)
	CMPQ(end, n)
	JG(LabelRef("vectors"))
	columns("rowsOfMany", together)
	MOVQ(end, s.at)
	JMP(LabelRef("many"))
	Label("vectors")
	CMPQ(s.at, n)
	JGE(LabelRef("rest"))
	columns("rowsOfOne", 1)
	ADDQ(U32(s.bytes), s.at)
	JMP(LabelRef("vectors"))
	Label("rest")
	TESTQ(rest, rest)
	JZ(LabelRef("end"))
	s.mask = s.first(rest)
	columns("rowsOfRest", 1)
	Label("end")
	VZEROUPPER()
	RET()
}
