package main

import "fmt"

const tileDoc = `updates a tile of C with k steps of A and B:
C ← beta·C + alpha·A·B for rows×cols elements, where a(i, l) is a[i*ra+l*ca],
b(l, j) is b[l*rb+j] and c(i, j) is c[i*rc+j]. It does not read C when beta is 0.
If an element of A·B may be NaN it leaves C alone and returns true.`

// A tile has 4 rows of up to 6 vectors: 24 accumulators, V0 to V23. V24 to V27 hold the
// elements of A, V28 to V31 two pairs of vectors of B in turn.
const (
	tileRows    = 4
	tileVectors = 6
	firstA      = tileRows * tileVectors
	firstB      = firstA + tileRows
)

// tile is the kernel of products. There are loops for every number of columns, so that no
// vector is in vain and no column of B beyond them is read. All add the steps one after
// the other to one sum, so that the width does not change it.
type tile struct {
	*simd
	k, index, ca, b, rb, c, rc, rows string
	row                              []string
	cols                             int
}

func (p *precision) tile() {
	t := p.typ
	s := p.begin("tile", "func(k int, a *"+t+", ra, ca int, b *"+t+", rb int, c *"+t+", rc, rows, cols int, alpha, beta "+t+") bool", tileDoc)
	w := &tile{simd: s, k: s.load("k"), b: s.load("b"), c: s.load("c"), rows: s.load("rows"), ca: s.stride("ca"), rb: s.stride("rb"), rc: s.stride("rc")}
	ra := s.stride("ra")
	w.row = []string{s.load("a")}
	for i := 1; i < tileRows; i++ {
		s.line("CMP $%d, %s", i, w.rows)
		s.line("CSEL LE, ZR, %s, %s", ra, ra) // beyond the last row lies the last row
		next := s.general()
		s.line("ADD %s, %s, %s", ra, w.row[i-1], next)
		w.row = append(w.row, next)
	}
	w.index = s.general()
	s.line("MOVD ZR, %s", w.index)
	cols := s.load("cols")
	w.dispatch(cols, 1, tileVectors*s.lanes())
	s.label("nan")
	s.line("MOVD $1, %s", w.k)
	s.line("MOVB %s, %s", w.k, s.arg("ret"))
	s.line("RET")
}

// dispatch jumps to the code for a number of columns between two, which follows.
func (t *tile) dispatch(cols string, low, high int) {
	if low == high {
		t.cols = low
		t.product()
		return
	}
	middle := (low + high) / 2
	upper := fmt.Sprintf("from%d", middle+1)
	t.line("CMP $%d, %s", middle, cols)
	t.line("BGT %s", upper)
	t.dispatch(cols, low, middle)
	t.label(upper)
	t.dispatch(cols, middle+1, high)
}

// vectors is how many vectors a row has, the last of which may be part of one.
func (t *tile) vectors() int { return (t.cols + t.lanes() - 1) / t.lanes() }

// part is how many elements the last vector has, if it is not whole.
func (t *tile) part() int { return t.cols % t.lanes() }

func (t *tile) acc(i, v int) int { return i*tileVectors + v }

// product is the code for one number of columns.
func (t *tile) product() {
	prefix := fmt.Sprintf("c%d", t.cols)
	for i := range tileRows {
		t.zeros(t.acc(i, 0), t.vectors())
	}
	t.line("CMP $%d, %s", t.size, t.ca)
	t.line("BNE %sstep", prefix)
	// The steps of a row of A lie in sequence: as many at a time as a vector holds.
	t.line("SUBS $%d, %s, %s", t.lanes(), t.k, t.k)
	t.line("BLT %srest", prefix)
	t.label(prefix + "block")
	for i, row := range t.row {
		t.line("FMOVQ.P 16(%s), F%d", row, firstA+i)
	}
	for l := range t.lanes() {
		t.step(l)
	}
	t.line("SUBS $%d, %s, %s", t.lanes(), t.k, t.k)
	t.line("BGE %sblock", prefix)
	t.label(prefix + "rest")
	t.line("ADDS $%d, %s, %s", t.lanes(), t.k, t.k)
	t.line("BEQ %send", prefix)
	t.label(prefix + "step")
	for i, row := range t.row {
		t.line("%s (%s)(%s), F%d", t.move, row, t.index, firstA+i)
	}
	t.line("ADD %s, %s, %s", t.ca, t.index, t.index)
	t.step(0)
	t.line("SUBS $1, %s, %s", t.k, t.k)
	t.line("BNE %sstep", prefix)
	t.label(prefix + "end")
	t.check()
	t.update(prefix)
}

// step adds element l of A's registers times a row of B.
func (t *tile) step(l int) {
	n := t.vectors()
	for v := 0; v < n; v += 2 {
		at, count := firstB+v%4, min(2, n-v)
		if v+count == n && t.part() > 0 {
			t.moves(true, t.b, 16*v, at, count-1)
			t.partFrom(t.b, 16*(n-1), at+count-1)
		} else {
			t.moves(true, t.b, 16*v, at, count)
		}
		for h := range count {
			for i := range tileRows {
				t.by("fmla", t.acc(i, v+h), at+h, firstA+i, l)
			}
		}
	}
	t.line("ADD %s, %s, %s", t.rb, t.b, t.b)
}

// partFrom loads the elements of the last vector, and zeros.
func (t *tile) partFrom(base string, offset, v int) {
	switch {
	case t.part() == 1:
		t.oneFrom(base, offset, v)
	case t.part() == 2:
		t.line("FMOVD %d(%s), F%d", offset, base, v)
	default:
		at := t.function.scratch()
		t.line("FMOVD %d(%s), F%d", offset, base, v)
		t.line("ADD $%d, %s, %s", offset+8, base, at)
		t.line("VLD1 (%s), V%d.S[2]", at, v)
	}
}

// partTo stores the elements of the last vector; v is lost.
func (t *tile) partTo(v int, base string, offset int) {
	switch {
	case t.part() == 1:
		t.oneTo(v, base, offset)
	case t.part() == 2:
		t.line("FMOVD F%d, %d(%s)", v, offset, base)
	default:
		t.line("FMOVD F%d, %d(%s)", v, offset, base)
		t.line("VDUP V%d.S[2], V%d.S4", v, v)
		t.line("FMOVS F%d, %d(%s)", v, offset+8, base)
	}
}

// check returns true if the sum of all accumulators is NaN, as it is if any of them is.
func (t *tile) check() {
	// Four sums, so that an addition need not wait for the last.
	for v := range t.vectors() {
		for i := range tileRows {
			if v == 0 {
				t.line("VORR V%d.B16, V%d.B16, V%d.B16", t.acc(i, 0), t.acc(i, 0), firstA+i)
			} else {
				t.op("fadd", firstA+i, firstA+i, t.acc(i, v))
			}
		}
	}
	t.op("fadd", firstA, firstA, firstA+1)
	t.op("fadd", firstA+2, firstA+2, firstA+3)
	t.op("fadd", firstA, firstA, firstA+2)
	t.op("fcmeq", firstA, firstA, firstA)
	low, high := t.index, t.ca // no longer used
	t.line("VMOV V%d.D[0], %s", firstA, low)
	t.line("VMOV V%d.D[1], %s", firstA, high)
	t.line("AND %s, %s, %s", high, low, low)
	t.line("CMN $1, %s", low)
	t.line("BNE nan")
}

// update adds the accumulators, times alpha, to C, or stores them if beta is 0.
func (t *tile) update(prefix string) {
	alpha, beta := firstA, firstA+1
	t.line("%s %s, F%d", t.move, t.arg("alpha"), alpha)
	t.line("%s %s, F%d", t.move, t.arg("beta"), beta)
	for i := range tileRows {
		for v := range t.vectors() {
			t.by("fmul", t.acc(i, v), t.acc(i, v), alpha, 0)
		}
	}
	zero := "FCMPD"
	if t.size == 4 {
		zero = "FCMPS"
	}
	t.line("%s $(0.0), F%d", zero, beta)
	t.line("BEQ %sstore", prefix)
	t.rowsOfC(prefix+"add", func(i int) {
		n, whole := t.vectors(), t.cols/t.lanes()
		for v := 0; v < n; v += 2 {
			at, count := firstB+v%4, min(2, n-v)
			t.moves(true, t.c, 16*v, at, min(count, whole-v))
			if v+count == n && t.part() > 0 {
				t.partFrom(t.c, 16*(n-1), at+count-1)
			}
			for h := range count {
				t.by("fmla", t.acc(i, v+h), at+h, beta, 0)
			}
		}
		t.store(i)
	})
	t.label(prefix + "store")
	t.rowsOfC(prefix+"put", t.store)
}

// store stores a row.
func (t *tile) store(i int) {
	whole := t.cols / t.lanes()
	t.moves(false, t.c, 0, t.acc(i, 0), whole)
	if t.part() > 0 {
		t.partTo(t.acc(i, whole), t.c, 16*whole)
	}
}

// rowsOfC writes out the rows that exist, and returns.
func (t *tile) rowsOfC(name string, write func(i int)) {
	for i := range tileRows {
		write(i)
		if i+1 < tileRows {
			t.line("CMP $%d, %s", i+1, t.rows)
			t.line("BEQ %s", name)
			t.line("ADD %s, %s, %s", t.rc, t.c, t.c)
		}
	}
	t.label(name)
	t.line("MOVB ZR, %s", t.arg("ret"))
	t.line("RET")
}
