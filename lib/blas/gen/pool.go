package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// squares writes kernels on squares of 2×2 elements. Each vector of results
// takes two vectors of the upper row, and two of the lower. The last of a row
// may do some results of the one before again.
type squares struct {
	*simd
	x, n, width, j reg.GPVirtual // j is the present result of the row, in bytes
}

// maxSquares writes the largest element of each square.
func (p *precision) maxSquares() {
	s := p.beginSquares("maxSquares", "func(rows, n int, y, x *"+p.typ+", width int)",
		"stores the largest element of each square of 2×2 elements of x in y, or NaN:\nrows rows of n ≥ 4 of them, where a row of x has width elements.")
	y := pointer("y")
	s.rows(func() {
		e := s.elements()
		top := e[0]
		for _, v := range e[1:] {
			top = s.choose(v, unordered, v, v, s.larger(v, top))
		}
		s.move(s.order(top), Mem{Base: y, Index: s.j, Scale: 1})
	}, y)
}

// maxSquaresGrad writes what goes back through maxSquares.
func (p *precision) maxSquaresGrad() {
	s := p.beginSquares("maxSquaresGrad", "func(rows, n int, dx, dy, x, y *"+p.typ+", width int)",
		"stores dy at the first element of each square that is y, bit by bit, and 0\nelsewhere in dx; see maxSquares.")
	y, dy, dx := pointer("y"), pointer("dy"), pointer("dx")
	toX := GP64() // from dx to x
	MOVQ(s.x, toX)
	SUBQ(dx, toX)
	s.rows(func() {
		top, d := s.reg(), s.reg()
		s.move(Mem{Base: y, Index: s.j, Scale: 1}, top)
		s.move(Mem{Base: dy, Index: s.j, Scale: 1}, d)
		top, d = s.order(top), s.order(d)
		var g [4]reg.VecVirtual
		for i, v := range s.elements() {
			if i == 3 {
				g[i] = d
				break
			}
			is := s.two(s.equalBits, top, v) // NaN, too
			g[i] = s.and(d, is)
			d = s.without(is, d)
		}
		into := GP64()
		MOVQ(s.x, into)
		SUBQ(toX, into)
		s.interleave(into, g)
	}, y, dy)
}

// beginSquares starts a kernel.
func (p *precision) beginSquares(name, signature, doc string) *squares {
	s := &squares{simd: p.begin(32, name, signature, doc)}
	s.n, s.x, s.width = p.stride("n"), pointer("x"), p.stride("width")
	return s
}

// rows writes body for each vector of each row, in vectors of 32 bytes, or of 16
// where a row has no more than that.
func (s *squares) rows(body func(), results ...reg.GPVirtual) {
	rows := pointer("rows")
	if s.size == 8 {
		s.loop("wide", rows, body, results)
		return
	}
	CMPQ(s.n, U8(32))
	JL(LabelRef("few"))
	s.loop("wide", rows, body, results)
	Label("few")
	s.bytes = 16
	s.loop("short", rows, body, results)
}

func (s *squares) loop(name string, rows reg.GPVirtual, body func(), results []reg.GPVirtual) {
	last := GP64()
	LEAQ(Mem{Base: s.n, Disp: -s.bytes}, last)
	Label(name)
	s.j = GP64()
	XORQ(s.j, s.j)
	Label(name + "Vector")
	body()
	ADDQ(U32(s.bytes), s.j)
	CMPQ(s.j, last)
	JLE(LabelRef(name + "Vector"))
	CMPQ(s.j, s.n)
	MOVQ(last, s.j)
	JLT(LabelRef(name + "Vector"))
	for _, p := range results {
		ADDQ(s.n, p)
	}
	LEAQ(Mem{Base: s.x, Index: s.width, Scale: 2}, s.x)
	DECQ(rows)
	JNZ(LabelRef(name))
	VZEROUPPER()
	RET()
}

// elements returns the elements of the squares, first those of the upper row, as
// vectors in the order of the shuffles, which [squares.order] turns round.
func (s *squares) elements() (e [4]reg.VecVirtual) {
	for i, row := range s.twoRows(s.x) {
		a, b, even, odd := s.reg(), s.reg(), s.reg(), s.reg()
		s.move(row, a)
		s.move(row.Offset(s.bytes), b)
		if s.size == 4 {
			VSHUFPS(U8(0x88), b, a, even)
			VSHUFPS(U8(0xdd), b, a, odd)
		} else {
			VUNPCKLPD(b, a, even)
			VUNPCKHPD(b, a, odd)
		}
		e[2*i], e[2*i+1] = even, odd
	}
	return e
}

// interleave stores elements as they came from elements.
func (s *squares) interleave(into reg.GPVirtual, e [4]reg.VecVirtual) {
	low, high := VUNPCKLPD, VUNPCKHPD
	if s.size == 4 {
		low, high = VUNPCKLPS, VUNPCKHPS
	}
	for i, row := range s.twoRows(into) {
		s.move(s.two(low, e[2*i+1], e[2*i]), row)
		s.move(s.two(high, e[2*i+1], e[2*i]), row.Offset(s.bytes))
	}
}

// twoRows addresses the present elements of two rows.
func (s *squares) twoRows(upper reg.GPVirtual) [2]Mem {
	lower := GP64()
	LEAQ(Mem{Base: upper, Index: s.width, Scale: 1}, lower)
	return [2]Mem{{Base: upper, Index: s.j, Scale: 2}, {Base: lower, Index: s.j, Scale: 2}}
}

// order turns results from the order of elements into that of the squares, and
// back: the shuffles work on 16 bytes at a time.
func (s *squares) order(v reg.VecVirtual) reg.VecVirtual {
	if s.bytes == 16 {
		return v
	}
	out := s.reg()
	VPERMPD(U8(0xd8), v, out)
	return out
}
