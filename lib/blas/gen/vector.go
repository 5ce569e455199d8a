package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The kernels on vectors use AVX2 on every machine: they wait for memory, which
// longer registers do not make faster.

// over writes a loop over n elements: some vectors at a time while they last,
// then one vector, and then one element.
func (p *precision) over(n reg.GPVirtual, vectors int, many func(vectors int), one func(), pointers ...reg.GPVirtual) {
	lanes := p.lanes(32)
	while := func(step int, name, next string, body func()) {
		Label(name)
		CMPQ(n, U8(step))
		JLT(LabelRef(next))
		body()
		for _, ptr := range pointers {
			ADDQ(U32(step*p.size), ptr)
		}
		SUBQ(U8(step), n)
		JMP(LabelRef(name))
	}
	while(vectors*lanes, "many", "vector", func() { many(vectors) })
	while(lanes, "vector", "one", func() { many(1) })
	while(1, "one", "end", one)
	Label("end")
}

func pointer(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

func zeros(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = YMM()
		zero(v[i])
	}
	return v
}

// sum adds the lanes of v into its lowest.
func (p *precision) sum(v reg.VecVirtual) {
	high := XMM()
	VEXTRACTF128(U8(1), v, high)
	p.add(high, v.AsX(), v.AsX())
	VPERMILPD(U8(1), v.AsX(), high)
	p.add(high, v.AsX(), v.AsX())
	if p.size == 4 {
		VPERMILPS(U8(1), v.AsX(), high)
		p.add(high, v.AsX(), v.AsX())
	}
}

// dot writes Σ x[i]·y[i], with four sums of vectors and one of the rest.
func (p *precision) dot() {
	p.function("dotAVX2x", "func(n int, x, y *"+p.typ+") "+p.typ, "returns the sum of x[i]·y[i].")
	n, x, y := pointer("n"), pointer("x"), pointer("y")
	acc := zeros(4)
	rest := zeros(1)[0]
	lanes := p.lanes(32)
	p.over(n, 4, func(vectors int) {
		for i, a := range acc[:vectors] {
			v := YMM()
			p.move(p.at(x, i*lanes), v)
			p.fma(p.at(y, i*lanes), v, a)
		}
	}, func() {
		v := XMM()
		p.moveOne(p.at(x, 0), v)
		p.fmaOne(p.at(y, 0), v, rest.AsX())
	}, x, y)
	p.add(acc[1], acc[0], acc[0])
	p.add(acc[3], acc[2], acc[2])
	p.add(acc[2], acc[0], acc[0])
	p.sum(acc[0])
	p.addOne(rest.AsX(), acc[0].AsX(), acc[0].AsX())
	Store(acc[0].AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// dot4 writes four rows of a matrix times one vector.
func (p *precision) dot4() {
	p.function("dot4AVX2x", "func(n int, a *"+p.typ+", lda int, x, y *"+p.typ+", alpha, beta "+p.typ+")",
		"stores beta·y[i] plus alpha times the sum of a[i*lda+j]·x[j] in y[i],\nfor i from 0 to 3. It does not read y when beta is 0.")
	n, x, lda := pointer("n"), pointer("x"), p.stride("lda")
	rows := p.rows4(lda)
	acc, rest := [2][]reg.VecVirtual{zeros(4), zeros(4)}, zeros(4)
	lanes := p.lanes(32)
	p.over(n, 2, func(vectors int) {
		for h := range vectors {
			v := YMM()
			p.move(p.at(x, h*lanes), v)
			for i, row := range rows {
				p.fma(p.at(row, h*lanes), v, acc[h][i])
			}
		}
	}, func() {
		v := XMM()
		p.moveOne(p.at(x, 0), v)
		for i, row := range rows {
			p.fmaOne(p.at(row, 0), v, rest[i].AsX())
		}
	}, append(rows, x)...)
	alpha, beta := XMM(), XMM()
	p.moveOne(NewParamAddr("alpha", 40), alpha)
	p.moveOne(NewParamAddr("beta", 40+p.size), beta)
	for i := range rows {
		p.add(acc[1][i], acc[0][i], acc[0][i])
		p.sum(acc[0][i])
		p.addOne(rest[i].AsX(), acc[0][i].AsX(), acc[0][i].AsX())
		p.mulOne(alpha, acc[0][i].AsX(), acc[0][i].AsX())
	}
	y := pointer("y")
	zero := XMM()
	VXORPD(zero, zero, zero)
	p.compareOne(zero, beta)
	JNE(LabelRef("add"))
	JP(LabelRef("add")) // unordered: beta is NaN
	for i := range rows {
		p.moveOne(acc[0][i].AsX(), p.at(y, i))
	}
	VZEROUPPER()
	RET()
	Label("add")
	for i := range rows {
		p.fmaOne(p.at(y, i), beta, acc[0][i].AsX())
		p.moveOne(acc[0][i].AsX(), p.at(y, i))
	}
	VZEROUPPER()
	RET()
}

// dots writes a matrix times a vector, row by row: one sum of four vectors each.
func (p *precision) dots() {
	p.function("dotsAVX2x", "func(m, n int, a *"+p.typ+", lda int, x, y *"+p.typ+")",
		"adds the sum of a[i*lda+j]·x[j] to y[i], for i below m > 0.")
	m, n, row, lda, x, y := pointer("m"), pointer("n"), pointer("a"), p.stride("lda"), pointer("x"), pointer("y")
	left, at, from := GP64(), GP64(), GP64()
	lanes := p.lanes(32)
	Label("row")
	MOVQ(n, left)
	MOVQ(row, at)
	MOVQ(x, from)
	acc, rest := zeros(4), zeros(1)[0]
	p.over(left, 4, func(vectors int) {
		for i, a := range acc[:vectors] {
			v := YMM()
			p.move(p.at(from, i*lanes), v)
			p.fma(p.at(at, i*lanes), v, a)
		}
	}, func() {
		v := XMM()
		p.moveOne(p.at(from, 0), v)
		p.fmaOne(p.at(at, 0), v, rest.AsX())
	}, at, from)
	p.add(acc[1], acc[0], acc[0])
	p.add(acc[3], acc[2], acc[2])
	p.add(acc[2], acc[0], acc[0])
	p.sum(acc[0])
	p.addOne(rest.AsX(), acc[0].AsX(), acc[0].AsX())
	p.addOne(p.at(y, 0), acc[0].AsX(), acc[0].AsX())
	p.moveOne(acc[0].AsX(), p.at(y, 0))
	ADDQ(lda, row)
	ADDQ(U8(p.size), y)
	DECQ(m)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// rows4 points at four neighbouring rows of a.
func (p *precision) rows4(lda reg.GPVirtual) []reg.GPVirtual {
	rows := []reg.GPVirtual{pointer("a")}
	for i := range 3 {
		next := GP64()
		LEAQ(Mem{Base: rows[i], Index: lda, Scale: 1}, next)
		rows = append(rows, next)
	}
	return rows
}

// axpy writes y[i] += alpha·x[i].
func (p *precision) axpy() {
	p.function("axpyAVX2x", "func(n int, alpha "+p.typ+", x, y *"+p.typ+")", "adds alpha·x[i] to y[i].")
	n, x, y := pointer("n"), pointer("x"), pointer("y")
	alpha := YMM()
	p.broadcast(NewParamAddr("alpha", 8), alpha)
	lanes := p.lanes(32)
	p.over(n, 4, func(vectors int) {
		for i := range vectors {
			v := YMM()
			p.move(p.at(y, i*lanes), v)
			p.fma(p.at(x, i*lanes), alpha, v)
			p.move(v, p.at(y, i*lanes))
		}
	}, func() {
		v := XMM()
		p.moveOne(p.at(y, 0), v)
		p.fmaOne(p.at(x, 0), alpha.AsX(), v)
		p.moveOne(v, p.at(y, 0))
	}, x, y)
	VZEROUPPER()
	RET()
}

// axpy4 writes y[j] += Σᵢ alpha·x[i]·a[i][j] for four neighbouring rows of a.
func (p *precision) axpy4() {
	p.axpyRowsOf(4)
	pointers := p.rows4(p.stride("lda"))
	var rows []Mem
	for _, row := range pointers {
		rows = append(rows, Mem{Base: row})
	}
	p.axpyRows(rows, 4, pointers...)
}

// axpy8 is axpy4 for eight rows: y is read and written half as often.
func (p *precision) axpy8() {
	p.axpyRowsOf(8)
	a, lda := pointer("a"), p.stride("lda")
	odd := []reg.GPVirtual{lda}
	for range 3 { // 3, 5 and 7 times lda
		next := GP64()
		LEAQ(Mem{Base: odd[len(odd)-1], Index: lda, Scale: 2}, next)
		odd = append(odd, next)
	}
	rows := []Mem{{Base: a}, {Base: a, Index: lda, Scale: 1}, {Base: a, Index: lda, Scale: 2}, {Base: a, Index: odd[1], Scale: 1},
		{Base: a, Index: lda, Scale: 4}, {Base: a, Index: odd[2], Scale: 1}, {Base: a, Index: odd[1], Scale: 2}, {Base: a, Index: odd[3], Scale: 1}}
	p.axpyRows(rows, 2, a)
}

func (p *precision) axpyRowsOf(rows int) {
	p.function(fmt.Sprintf("axpy%dAVX2x", rows), "func(n int, alpha "+p.typ+", x, a *"+p.typ+", lda int, y *"+p.typ+")",
		fmt.Sprintf("adds the sum of alpha·x[i]·a[i*lda+j], for i from 0 to %d, to y[j].", rows-1))
}

// axpyRows goes along the rows, to which the pointers lead, so many vectors at a time.
func (p *precision) axpyRows(rows []Mem, vectors int, pointers ...reg.GPVirtual) {
	n, from, y := pointer("n"), pointer("x"), pointer("y")
	scale := YMM()
	p.broadcast(NewParamAddr("alpha", 8), scale)
	alpha := make([]reg.VecVirtual, len(rows))
	for i := range alpha {
		alpha[i] = YMM()
		p.broadcast(p.at(from, i), alpha[i])
		p.mul(scale, alpha[i], alpha[i])
	}
	p.over(n, vectors, func(vectors int) {
		v := make([]reg.VecVirtual, vectors)
		for h := range v {
			v[h] = YMM()
			p.move(p.at(y, h*p.lanes(32)), v[h])
		}
		for i, row := range rows {
			for h := range v {
				p.fma(row.Offset(h*32), alpha[i], v[h])
			}
		}
		for h := range v {
			p.move(v[h], p.at(y, h*p.lanes(32)))
		}
	}, func() {
		v := XMM()
		p.moveOne(p.at(y, 0), v)
		for i, row := range rows {
			p.fmaOne(row, alpha[i].AsX(), v)
		}
		p.moveOne(v, p.at(y, 0))
	}, append(pointers, y)...)
	VZEROUPPER()
	RET()
}

// scal writes x[i] *= alpha.
func (p *precision) scal() {
	p.function("scalAVX2x", "func(n int, alpha "+p.typ+", x *"+p.typ+")", "multiplies x[i] by alpha.")
	n, x := pointer("n"), pointer("x")
	alpha := YMM()
	p.broadcast(NewParamAddr("alpha", 8), alpha)
	lanes := p.lanes(32)
	p.over(n, 4, func(vectors int) {
		for i := range vectors {
			v := YMM()
			p.mul(p.at(x, i*lanes), alpha, v)
			p.move(v, p.at(x, i*lanes))
		}
	}, func() {
		v := XMM()
		p.mulOne(p.at(x, 0), alpha.AsX(), v)
		p.moveOne(v, p.at(x, 0))
	}, x)
	VZEROUPPER()
	RET()
}

// transpose writes the packing of four rows: blocks of 4×4 are turned in
// registers.
func (p *precision) transpose() {
	p.function("transposeAVX2x", "func(n int, dst *"+p.typ+", w int, src *"+p.typ+", ld int)",
		"stores src[i*ld+l] in dst[l*w+i] for i from 0 to 3 and l below n, a multiple of 4.")
	n, dst, w, ld := pointer("n"), pointer("dst"), p.stride("w"), p.stride("ld")
	rows := []reg.GPVirtual{pointer("src")}
	for i := range 3 {
		next := GP64()
		LEAQ(Mem{Base: rows[i], Index: ld, Scale: 1}, next)
		rows = append(rows, next)
	}
	Label("block")
	r := make([]reg.VecVirtual, 4)
	for i := range r {
		r[i] = YMM()
		if p.size == 4 {
			p.move(p.at(rows[i], 0), r[i].AsX())
		} else {
			p.move(p.at(rows[i], 0), r[i])
		}
		ADDQ(U32(4*p.size), rows[i])
	}
	for _, out := range p.turn(r) {
		p.move(out, Mem{Base: dst})
		ADDQ(w, dst)
	}
	SUBQ(U8(4), n)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// turn returns the columns of four rows.
func (p *precision) turn(r []reg.VecVirtual) []reg.Register {
	var t, out [4]reg.VecVirtual
	for i := range t {
		t[i], out[i] = YMM(), YMM()
	}
	if p.size == 4 {
		VUNPCKLPS(r[1].AsX(), r[0].AsX(), t[0].AsX())
		VUNPCKLPS(r[3].AsX(), r[2].AsX(), t[1].AsX())
		VUNPCKHPS(r[1].AsX(), r[0].AsX(), t[2].AsX())
		VUNPCKHPS(r[3].AsX(), r[2].AsX(), t[3].AsX())
		VUNPCKLPD(t[1].AsX(), t[0].AsX(), out[0].AsX())
		VUNPCKHPD(t[1].AsX(), t[0].AsX(), out[1].AsX())
		VUNPCKLPD(t[3].AsX(), t[2].AsX(), out[2].AsX())
		VUNPCKHPD(t[3].AsX(), t[2].AsX(), out[3].AsX())
		return []reg.Register{out[0].AsX(), out[1].AsX(), out[2].AsX(), out[3].AsX()}
	}
	VUNPCKLPD(r[1], r[0], t[0])
	VUNPCKHPD(r[1], r[0], t[1])
	VUNPCKLPD(r[3], r[2], t[2])
	VUNPCKHPD(r[3], r[2], t[3])
	VPERM2F128(U8(0x20), t[2], t[0], out[0])
	VPERM2F128(U8(0x20), t[3], t[1], out[1])
	VPERM2F128(U8(0x31), t[2], t[0], out[2])
	VPERM2F128(U8(0x31), t[3], t[1], out[3])
	return []reg.Register{out[0], out[1], out[2], out[3]}
}
