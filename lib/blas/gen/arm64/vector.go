package main

import "fmt"

// The kernels here name their registers themselves.

// op writes an instruction on real registers.
func (s *simd) op(op string, d, n, m int) { s.line("%s", vectorOp(op, s.size, d, n, m)) }

// by writes an instruction whose last source is element i of m.
func (s *simd) by(op string, d, n, m, i int) { s.line("%s", elementOp(op, s.size, d, n, m, i)) }

// zeros clears registers.
func (s *simd) zeros(first, count int) {
	for v := first; v < first+count; v++ {
		s.line("VEOR V%d.B16, V%d.B16, V%d.B16", v, v, v)
	}
}

// moves loads or stores count vectors, a pair at a time, from an offset in bytes.
func (s *simd) moves(load bool, base string, offset, first, count int) {
	for i := 0; i < count; i += 2 {
		pair, one := fmt.Sprintf("(F%d, F%d)", first+i, first+i+1), fmt.Sprintf("F%d", first+i)
		at := fmt.Sprintf("%d(%s)", offset+16*i, base)
		switch {
		case i+1 < count && load:
			s.line("FLDPQ %s, %s", at, pair)
		case i+1 < count:
			s.line("FSTPQ %s, %s", pair, at)
		case load:
			s.line("FMOVQ %s, %s", at, one)
		default:
			s.line("FMOVQ %s, %s", one, at)
		}
	}
}

// oneFrom loads an element, and oneTo stores it.
func (s *simd) oneFrom(base string, offset, v int) { s.line("%s %d(%s), F%d", s.move, offset, base, v) }
func (s *simd) oneTo(v int, base string, offset int) {
	s.line("%s F%d, %d(%s)", s.move, v, offset, base)
}

// along writes a loop over n elements: some vectors at a time while they last, then one
// vector, and then one element. Names of labels begin with a prefix.
func (s *simd) along(prefix, n string, vectors int, body func(vectors int), one func(), pointers ...string) {
	round := func(name, next string, elements int, body func()) {
		s.line("SUBS $%d, %s, %s", elements, n, n)
		s.line("BLT %s", prefix+next)
		s.label(prefix + name)
		body()
		for _, p := range pointers {
			s.line("ADD $%d, %s, %s", elements*s.size, p, p)
		}
		s.line("SUBS $%d, %s, %s", elements, n, n)
		s.line("BGE %s", prefix+name)
		s.label(prefix + next)
		s.line("ADD $%d, %s, %s", elements, n, n)
	}
	round("many", "vectors", vectors*s.lanes(), func() { body(vectors) })
	round("vector", "rest", s.lanes(), func() { body(1) })
	round("one", "end", 1, one)
}

// broadcast loads an argument into all elements of a register.
func (s *simd) broadcast(name string, v int) {
	s.line("%s %s, F%d", s.move, s.arg(name), v)
	s.line("VDUP V%d.%s[0], V%d.%s", v, s.lane, v, s.all)
}

// total adds the elements of v into its lowest; t is lost.
func (s *simd) total(v, t int) {
	s.line("VDUP V%d.D[1], V%d.D2", v, t)
	s.op("fadd", v, v, t)
	if s.size == 4 {
		s.line("VDUP V%d.S[1], V%d.S4", v, t)
		s.op("fadd", v, v, t)
	}
}

// stride loads a stride, given in elements, in bytes.
func (s *simd) stride(name string) string {
	r := s.load(name)
	s.line("LSL $%d, %s, %s", s.shift, r, r)
	return r
}

// rowsFrom points at count neighbouring rows.
func (s *simd) rowsFrom(first, stride string, count int) []string {
	rows := []string{first}
	for len(rows) < count {
		next := s.general()
		s.line("ADD %s, %s, %s", stride, rows[len(rows)-1], next)
		rows = append(rows, next)
	}
	return rows
}

// dotRow adds products to four sums of vectors, V0 to V3, and one of the rest, V4, which it
// then adds up in V0.
func (s *simd) dotRow(prefix, n, x, y string) {
	s.zeros(0, 5)
	s.along(prefix, n, 4, func(vectors int) {
		s.moves(true, x, 0, 16, vectors)
		s.moves(true, y, 0, 20, vectors)
		for i := range vectors {
			s.op("fmla", i, 16+i, 20+i)
		}
	}, func() {
		s.oneFrom(x, 0, 16)
		s.oneFrom(y, 0, 20)
		s.op("fmla", 4, 16, 20)
	}, x, y)
	s.op("fadd", 0, 0, 1)
	s.op("fadd", 2, 2, 3)
	s.op("fadd", 0, 0, 2)
	s.total(0, 1)
	s.op("fadd", 0, 0, 4)
}

// dot writes Σ x[i]·y[i].
func (p *precision) dot() {
	s := p.begin("dot", "func(n int, x, y *"+p.typ+") "+p.typ, "returns the sum of x[i]·y[i].")
	a := s.pointers("n", "x", "y")
	s.dotRow("", a[0], a[1], a[2])
	s.line("%s F0, %s", s.move, s.arg("ret"))
	s.line("RET")
}

// dots writes a matrix times a vector, row by row.
func (p *precision) dots() {
	s := p.begin("dots", "func(m, n int, a *"+p.typ+", lda int, x, y *"+p.typ+")", "adds the sum of a[i*lda+j]·x[j] to y[i], for i below m > 0.")
	a := s.pointers("m", "n", "a", "x", "y")
	lda, left, at, from := s.stride("lda"), s.general(), s.general(), s.general()
	s.label("row")
	s.line("MOVD %s, %s", a[1], left)
	s.line("MOVD %s, %s", a[2], at)
	s.line("MOVD %s, %s", a[3], from)
	s.dotRow("", left, from, at)
	s.oneFrom(a[4], 0, 1)
	s.op("fadd", 0, 0, 1)
	s.oneTo(0, a[4], 0)
	s.line("ADD %s, %s, %s", lda, a[2], a[2])
	s.line("ADD $%d, %s, %s", s.size, a[4], a[4])
	s.line("SUBS $1, %s, %s", a[0], a[0])
	s.line("BNE row")
	s.line("RET")
}

// dot4 writes four rows of a matrix times one vector: V0 to V3 and V4 to V7 are sums of
// every other vector, V8 to V11 those of the rest.
func (p *precision) dot4() {
	s := p.begin("dot4", "func(n int, a *"+p.typ+", lda int, x, y *"+p.typ+", alpha, beta "+p.typ+")",
		"stores beta·y[i] plus alpha times the sum of a[i*lda+j]·x[j] in y[i],\nfor i from 0 to 3. It does not read y when beta is 0.")
	a := s.pointers("n", "a", "x", "y")
	rows := s.rowsFrom(a[1], s.stride("lda"), 4)
	s.zeros(0, 12)
	s.along("", a[0], 2, func(vectors int) {
		s.moves(true, a[2], 0, 16, vectors)
		for i, row := range rows {
			s.moves(true, row, 0, 18+2*i, vectors)
			for h := range vectors {
				s.op("fmla", 4*h+i, 18+2*i+h, 16+h)
			}
		}
	}, func() {
		s.oneFrom(a[2], 0, 16)
		for i, row := range rows {
			s.oneFrom(row, 0, 18+i)
			s.op("fmla", 8+i, 18+i, 16)
		}
	}, append(rows, a[2])...)
	s.broadcast("alpha", 16)
	s.broadcast("beta", 17)
	for i := range rows {
		s.op("fadd", i, i, 4+i)
		s.total(i, 18)
		s.op("fadd", i, i, 8+i)
		s.op("fmul", i, i, 16)
	}
	s.skipUnlessZero("beta", "add")
	for i := range rows {
		s.oneTo(i, a[3], i*s.size)
	}
	s.line("RET")
	s.label("add")
	for i := range rows {
		s.oneFrom(a[3], i*s.size, 18)
		s.op("fmla", i, 18, 17)
		s.oneTo(i, a[3], i*s.size)
	}
	s.line("RET")
}

// skipUnlessZero jumps if an argument is not 0.
func (s *simd) skipUnlessZero(name, label string) {
	bits := s.general()
	if s.size == 8 {
		s.line("MOVD %s, %s", s.arg(name), bits)
		s.line("LSL $1, %s, %s", bits, bits) // the sign of a zero falls out
	} else {
		s.line("MOVWU %s, %s", s.arg(name), bits)
		s.line("LSL $33, %s, %s", bits, bits)
	}
	s.line("CBNZ %s, %s", bits, label)
}

// axpy writes y[i] += alpha·x[i].
func (p *precision) axpy() {
	s := p.begin("axpy", "func(n int, alpha "+p.typ+", x, y *"+p.typ+")", "adds alpha·x[i] to y[i].")
	s.broadcast("alpha", 0)
	a := s.pointers("n", "x", "y")
	s.along("", a[0], 4, func(vectors int) {
		s.moves(true, a[1], 0, 16, vectors)
		s.moves(true, a[2], 0, 20, vectors)
		for i := range vectors {
			s.op("fmla", 20+i, 16+i, 0)
		}
		s.moves(false, a[2], 0, 20, vectors)
	}, func() {
		s.oneFrom(a[1], 0, 16)
		s.oneFrom(a[2], 0, 20)
		s.op("fmla", 20, 16, 0)
		s.oneTo(20, a[2], 0)
	}, a[1], a[2])
	s.line("RET")
}

// axpyRows writes y[j] += Σᵢ alpha·x[i]·a[i][j] for neighbouring rows of a.
func (p *precision) axpyRows(count int) {
	s := p.begin(fmt.Sprint("axpy", count), "func(n int, alpha "+p.typ+", x, a *"+p.typ+", lda int, y *"+p.typ+")",
		fmt.Sprintf("adds the sum of alpha·x[i]·a[i*lda+j], for i from 0 to %d, to y[j].", count-1))
	a := s.pointers("n", "a", "x", "y")
	rows := s.rowsFrom(a[1], s.stride("lda"), count)
	s.broadcast("alpha", 16)
	for i := range rows {
		s.oneFrom(a[2], i*s.size, i)
		s.line("VDUP V%d.%s[0], V%d.%s", i, s.lane, i, s.all)
		s.op("fmul", i, i, 16)
	}
	s.along("", a[0], 2, func(vectors int) {
		s.moves(true, a[3], 0, 16, vectors)
		for i, row := range rows {
			at := 18 + i%4*2
			s.moves(true, row, 0, at, vectors)
			for h := range vectors {
				s.op("fmla", 16+h, at+h, i)
			}
		}
		s.moves(false, a[3], 0, 16, vectors)
	}, func() {
		s.oneFrom(a[3], 0, 16)
		for i, row := range rows {
			s.oneFrom(row, 0, 18+i)
			s.op("fmla", 16, 18+i, i)
		}
		s.oneTo(16, a[3], 0)
	}, append(rows, a[3])...)
	s.line("RET")
}

// scal writes x[i] *= alpha.
func (p *precision) scal() {
	s := p.begin("scal", "func(n int, alpha "+p.typ+", x *"+p.typ+")", "multiplies x[i] by alpha.")
	s.broadcast("alpha", 0)
	a := s.pointers("n", "x")
	s.along("", a[0], 4, func(vectors int) {
		s.moves(true, a[1], 0, 16, vectors)
		for i := range vectors {
			s.op("fmul", 16+i, 16+i, 0)
		}
		s.moves(false, a[1], 0, 16, vectors)
	}, func() {
		s.oneFrom(a[1], 0, 16)
		s.op("fmul", 16, 16, 0)
		s.oneTo(16, a[1], 0)
	}, a[1])
	s.line("RET")
}

// transpose writes the packing of four rows: blocks of 4×4, or 2×2 for float64, are turned
// in registers.
func (p *precision) transpose() {
	s := p.begin("transpose", "func(n int, dst *"+p.typ+", w int, src *"+p.typ+", ld int)",
		"stores src[i*ld+l] in dst[l*w+i] for i from 0 to 3 and l below n, a multiple of 4.")
	a := s.pointers("n", "dst", "src")
	w := s.stride("w")
	rows := s.rowsFrom(a[2], s.stride("ld"), 4)
	zip := func(size string, lower, upper, a, b int) {
		s.line("VZIP1 V%d.%s, V%d.%s, V%d.%s", b, size, a, size, lower, size)
		s.line("VZIP2 V%d.%s, V%d.%s, V%d.%s", b, size, a, size, upper, size)
	}
	s.label("block")
	for i, row := range rows {
		s.line("FMOVQ.P 16(%s), F%d", row, i)
	}
	if s.size == 4 {
		zip("S4", 4, 5, 0, 1)
		zip("S4", 6, 7, 2, 3)
		zip("D2", 16, 17, 4, 6)
		zip("D2", 18, 19, 5, 7)
		for l := range 4 {
			s.line("FMOVQ F%d, (%s)", 16+l, a[1])
			s.line("ADD %s, %s, %s", w, a[1], a[1])
		}
	} else {
		zip("D2", 16, 18, 0, 1)
		zip("D2", 17, 19, 2, 3)
		for l := range 2 {
			s.line("FSTPQ (F%d, F%d), (%s)", 16+2*l, 17+2*l, a[1])
			s.line("ADD %s, %s, %s", w, a[1], a[1])
		}
	}
	s.line("SUBS $%d, %s, %s", s.lanes(), a[0], a[0])
	s.line("BNE block")
	s.line("RET")
}

// narrow writes dst[i] = float32(x[i]).
func narrow() {
	s := float64s.begin("narrow", "func(n int, dst *float32, x *float64)", "stores x[i], rounded to float32, in dst[i].")
	a := s.pointers("n", "dst", "x")
	s.mixed(a[0], a[1], a[2], func() {
		s.line("FLDPQ (%s), (F0, F1)", a[2])
		s.line("%s", convertOp("fcvtn", 2, 0))
		s.line("%s", convertOp("fcvtn2", 2, 1))
		s.line("FMOVQ F2, (%s)", a[1])
	}, func() {
		s.line("FMOVD (%s), F0", a[2])
		s.line("FCVTDS F0, F0")
		s.line("FMOVS F0, (%s)", a[1])
	})
}

// addNarrow writes y[i] += float64(x[i]).
func addNarrow() {
	s := float64s.begin("addNarrow", "func(n int, y *float64, x *float32)", "adds x[i] to y[i].")
	a := s.pointers("n", "y", "x")
	s.mixed(a[0], a[2], a[1], func() {
		s.line("FMOVQ (%s), F2", a[2])
		s.line("FLDPQ (%s), (F0, F1)", a[1])
		s.line("%s", convertOp("fcvtl", 3, 2))
		s.line("%s", convertOp("fcvtl2", 4, 2))
		s.op("fadd", 0, 0, 3)
		s.op("fadd", 1, 1, 4)
		s.line("FSTPQ (F0, F1), (%s)", a[1])
	}, func() {
		s.line("FMOVS (%s), F2", a[2])
		s.line("FMOVD (%s), F0", a[1])
		s.line("FCVTSD F2, F2")
		s.line("FADDD F2, F0, F0")
		s.line("FMOVD F0, (%s)", a[1])
	})
}

// mixed writes a loop over n elements of a slice of float32 and one of float64, four at a
// time and then one.
func (s *simd) mixed(n, narrow, wide string, four, one func()) {
	round := func(name, next string, step int, body func()) {
		s.line("SUBS $%d, %s, %s", step, n, n)
		s.line("BLT %s", next)
		s.label(name)
		body()
		s.line("ADD $%d, %s, %s", 4*step, narrow, narrow)
		s.line("ADD $%d, %s, %s", 8*step, wide, wide)
		s.line("SUBS $%d, %s, %s", step, n, n)
		s.line("BGE %s", name)
		s.label(next)
		s.line("ADD $%d, %s, %s", step, n, n)
	}
	round("four", "rest", 4, four)
	round("one", "end", 1, one)
	s.line("RET")
}
