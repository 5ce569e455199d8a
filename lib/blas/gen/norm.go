package main

import (
	. "github.com/mmcloughlin/avo/build"
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
	s.fold(sum, s.add)
	s.fold(squares, s.add)
	Store(sum.AsX(), ReturnIndex(0))
	Store(squares.AsX(), ReturnIndex(1))
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
	s.fold(sum, s.add)
	s.fold(cross, s.add)
	Store(sum.AsX(), ReturnIndex(0))
	Store(cross.AsX(), ReturnIndex(1))
	VZEROUPPER()
	RET()
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
