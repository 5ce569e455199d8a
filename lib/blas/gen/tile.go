package main

import (
	"fmt"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const tileDoc = `updates a tile of C with k steps of A and B:
C ← beta·C + alpha·A·B for rows×cols elements, where a(i, l) is a[i*ra+l*ca],
b(l, j) is b[l*rb+j] and c(i, j) is c[i*rc+j]. It does not read C when beta is 0.
If an element of A·B may be NaN it leaves C alone and returns true.`

// signature returns the Go type of a tile.
func (p *precision) tileSignature() string {
	t := p.typ
	return "func(k int, a *" + t + ", ra, ca int, b *" + t + ", rb int, c *" + t +
		", rc, rows, cols int, alpha, beta " + t + ") bool"
}

// A tile is the state of the kernel that is being written: rows of vectors of
// accumulators, and the registers that walk over A and B.
type tile struct {
	*precision
	rows, vectors int
	bytes         int // of a vector
	acc           [][]reg.VecVirtual
	row           []reg.GPVirtual // the rows of A
	index         reg.GPVirtual   // the step in A, in bytes
	ca, b, rb, k  reg.GPVirtual
	lookup        bool                // of the rows of B
	places        reg.GPVirtual       // where they lie then
	mask          []reg.OpmaskVirtual // of the columns, AVX-512 only
	always        bool                // all rows and columns exist
}

func (t *tile) vector() reg.VecVirtual {
	if t.bytes == 64 {
		return ZMM()
	}
	return YMM()
}

// registers returns n of them.
func (t *tile) registers(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = t.vector()
	}
	return v
}

// tileAVX512 writes a tile of 8 rows by two vectors: 16 accumulators of the
// 32 registers hide the latency of the multiply-add, and 10 loads for 16 of
// them leave the load ports time to spare. Up to 16 columns take another way.
func (p *precision) tileAVX512() {
	p.function("tileAVX512x", p.tileSignature(), tileDoc)
	t := &tile{precision: p, rows: 8, vectors: 2, bytes: 64}
	t.masks()
	t.prologue()
	cols, whole := t.columns(), t.vectors*t.lanes(t.bytes)
	CMPQ(cols, U8(whole))
	JEQ(LabelRef("full"))
	for few := 2; few <= 16; few += 2 {
		CMPQ(cols, U8(few))
		JLE(LabelRef(fmt.Sprint("columns", few)))
	}
	if whole > 16 {
		t.loop("part", t.vectors, true)
		JMP(LabelRef("sums"))
	}
	for few := 2; few <= 16; few += 2 {
		t.across(few)
		JMP(LabelRef("update"))
	}
	t.loop("full", t.vectors, false)
	Label("sums")
	t.check(t.sums())
	t.scale(t.sums())
	Label("update")
	t.update()
}

// tileAVX2 writes a tile of 4 rows by three vectors: 12 accumulators of the 16
// registers, three for B and one for A. It reads whole vectors of B, so an
// edge of B has to come packed and padded. Fewer columns take fewer vectors.
func (p *precision) tileAVX2() {
	p.function("tileAVX2x", p.tileSignature(), tileDoc+"\nIt reads whole vectors of B, even beyond cols.")
	t := &tile{precision: p, rows: 4, vectors: 3, bytes: 32}
	t.prologue()
	cols := t.columns()
	for few := 1; few < t.vectors; few++ {
		CMPQ(cols, U8(few*t.lanes(t.bytes)))
		JLE(LabelRef(fmt.Sprint("vectors", few)))
	}
	t.loop("full", t.vectors, false)
	for few := 1; few < t.vectors; few++ {
		JMP(LabelRef("sums"))
		t.loop(fmt.Sprint("vectors", few), few, false)
	}
	Label("sums")
	t.check(t.sums())
	t.scale(t.sums())
	t.update()
}

func (t *tile) columns() reg.GPVirtual { return Load(Param("cols"), GP64()).(reg.GPVirtual) }

// prologue loads the arguments, prefetches the lines of C, and sets pointers
// to the rows of A; beyond the last row they point to the last row.
func (t *tile) prologue() {
	t.k = Load(Param("k"), GP64()).(reg.GPVirtual)
	c := Load(Param("c"), GP64()).(reg.GPVirtual)
	rc := t.stride("rc")
	for range t.rows {
		for v := range t.vectors * t.bytes / 64 {
			PREFETCHT0(Mem{Base: c, Disp: v * 64})
		}
		ADDQ(rc, c)
	}
	ra := t.stride("ra")
	rows := Load(Param("rows"), GP64())
	t.row = []reg.GPVirtual{Load(Param("a"), GP64()).(reg.GPVirtual)}
	none := GP64()
	XORQ(none, none)
	for i := 1; i < t.rows; i++ {
		CMPQ(rows, U8(i))
		CMOVQLE(none, ra) // and so for all that follow
		p := GP64()
		LEAQ(Mem{Base: t.row[i-1], Index: ra, Scale: 1}, p)
		t.row = append(t.row, p)
	}
	if !t.lookup {
		t.ca = t.stride("ca")
	}
	t.b = Load(Param("b"), GP64()).(reg.GPVirtual)
	if t.lookup {
		t.places = Load(Param("at"), GP64()).(reg.GPVirtual)
	} else {
		t.rb = t.stride("rb")
	}
	t.index = GP64()
	XORQ(t.index, t.index)
	for range t.rows {
		t.acc = append(t.acc, t.registers(t.vectors))
	}
}

// sums returns all accumulators.
func (t *tile) sums() []reg.VecVirtual { return slices.Concat(t.acc...) }

func (t *tile) clear(vectors []reg.VecVirtual) {
	for _, v := range vectors {
		zero(v)
	}
}

// masks makes a mask for the columns of each vector.
func (t *tile) masks() {
	cols := t.columns()
	for v := range t.vectors {
		if v > 0 {
			none := GP64()
			XORQ(none, none)
			SUBQ(U8(t.lanes(t.bytes)), cols)
			CMOVQLT(none, cols)
		}
		m := K()
		t.firstBits(cols, m)
		t.mask = append(t.mask, m)
	}
}

// firstBits sets the first n bits of a mask.
func (t *tile) firstBits(n reg.GPVirtual, mask reg.OpmaskVirtual) {
	bits := GP64()
	MOVQ(I32(-1), bits)
	BZHIQ(n, bits, bits)
	KMOVW(bits.As32(), mask)
}

// loop adds a column of A times the first vectors of a row of B for each of the k
// steps.
func (t *tile) loop(name string, vectors int, masked bool) {
	Label(name)
	t.clear(t.sums())
	name += "Step"
	Label(name)
	b := t.registers(vectors)
	rowOfB := Mem{Base: t.b}
	if t.lookup {
		place := GP64()
		MOVQ(Mem{Base: t.places}, place)
		rowOfB = Mem{Base: t.b, Index: place, Scale: uint8(t.size)}
	}
	for v := range b {
		from := rowOfB
		from.Disp = v * t.bytes
		if masked {
			t.loadMasked(from, t.mask[v], b[v])
		} else {
			t.move(from, b[v])
		}
	}
	for i, row := range t.acc {
		a := t.vector()
		t.broadcast(Mem{Base: t.row[i], Index: t.index, Scale: 1}, a)
		for v := range b {
			t.fma(b[v], a, row[v])
		}
	}
	t.next(name)
}

// next goes on to the next step.
func (t *tile) next(loop string) {
	if t.lookup {
		ADDQ(U8(t.size), t.index)
		ADDQ(U8(8), t.places)
	} else {
		ADDQ(t.ca, t.index)
		ADDQ(t.rb, t.b)
	}
	DECQ(t.k)
	JNZ(LabelRef(loop))
}

// loadMasked loads the lanes of a mask and clears the others.
func (t *tile) loadMasked(from Mem, mask, to Op) {
	if t.size == 8 {
		VMOVUPD_Z(from, mask, to)
	} else {
		VMOVUPS_Z(from, mask, to)
	}
}

// check returns true if the sum of all accumulators is NaN, as it is if any of
// them is; with a mask, in the lanes that it names.
func (t *tile) check(sums []reg.VecVirtual, mask ...Op) {
	total := t.registers(min(3, len(sums)/2)) // so that an addition need not wait for the last
	n := len(total)
	for i, v := range total {
		t.add(sums[i], sums[n+i], v)
	}
	for i, v := range sums[2*n:] {
		t.add(v, total[i%n], total[i%n])
	}
	for _, v := range total[1:] {
		t.add(v, total[0], total[0])
	}
	nan := GP64()
	unordered := append([]Op{U8(3), total[0], total[0]}, mask...)
	if t.mask != nil {
		m := K()
		t.compare(append(unordered, m)...)
		KMOVW(m, nan.As32())
	} else {
		t.compare(append(unordered, total[0])...)
		if t.size == 8 {
			VMOVMSKPD(total[0], nan.As32())
		} else {
			VMOVMSKPS(total[0], nan.As32())
		}
	}
	TESTL(nan.As32(), nan.As32())
	JNZ(LabelRef("nan"))
}

// scale multiplies by alpha.
func (t *tile) scale(sums []reg.VecVirtual) {
	alpha := t.vector()
	t.broadcast(NewParamAddr("alpha", t.offset("alpha")), alpha)
	for _, v := range sums {
		t.mul(alpha, v, v)
	}
}

// update adds the accumulators to C, or stores them if beta is 0, with masks if
// a vector is not whole.
func (t *tile) update() {
	beta := t.vector()
	t.broadcast(NewParamAddr("beta", t.offset("beta")), beta)
	c := Load(Param("c"), GP64()).(reg.GPVirtual)
	rc := t.stride("rc")
	rows := Load(Param("rows"), GP64()).(reg.GPVirtual)
	bits := GP64()
	t.load("beta", bits)
	ADDQ(bits, bits) // the sign of a zero falls out
	if t.size == 4 {
		TESTL(bits.As32(), bits.As32())
	} else {
		TESTQ(bits, bits)
	}
	JZ(LabelRef("store"))
	t.rowsOfC("add", c, rc, rows, beta)
	Label("store")
	t.rowsOfC("store", c, rc, rows, nil)
	Label("nan")
	t.result(true)
}

// load reads a floating-point argument's bits.
func (t *tile) load(name string, to reg.GPVirtual) {
	if t.size == 4 {
		MOVL(NewParamAddr(name, t.offset(name)), to.As32())
	} else {
		MOVQ(NewParamAddr(name, t.offset(name)), to)
	}
}

// offset returns where a floating-point argument lies: ten words precede alpha.
func (t *tile) offset(name string) int {
	if name == "alpha" {
		return 80
	}
	return 80 + t.size
}

// rowsOfC writes out the rows that exist, whole or masked; the second vector only if
// there are columns for it.
func (t *tile) rowsOfC(name string, c, rc, rows reg.GPVirtual, beta Op) {
	if t.always {
		t.vectorsOfC(name+"Whole", c, rc, rows, t.vectors, func(to Mem, acc reg.VecVirtual, v int) {
			t.whole(to, acc, beta)
		})
		return
	}
	cols := t.columns()
	if t.bytes == 32 {
		t.fewOfC(name, c, rc, rows, cols, beta)
		return
	}
	CMPQ(cols, U8(t.vectors*t.lanes(t.bytes)))
	JNE(LabelRef(name + "Masked"))
	t.vectorsOfC(name+"Whole", c, rc, rows, t.vectors, func(to Mem, acc reg.VecVirtual, v int) {
		t.whole(to, acc, beta)
	})
	Label(name + "Masked")
	part := func(to Mem, acc reg.VecVirtual, v int) { t.partAVX512(to, acc, beta, t.mask[v]) }
	CMPQ(cols, U8(t.lanes(t.bytes)))
	JLE(LabelRef(name + "First"))
	t.vectorsOfC(name+"All", c, rc, rows, t.vectors, part)
	Label(name + "First")
	t.vectorsOfC(name+"One", c, rc, rows, 1, part)
}

// fewOfC is rowsOfC for AVX2, whose masked stores are slow on processors from AMD: only
// the last vector that there are columns for has a mask, if it is not whole.
func (t *tile) fewOfC(name string, c, rc, rows, cols reg.GPVirtual, beta Op) {
	label := func(kind string, vectors int) string { return fmt.Sprint(name, kind, vectors) }
	for n := 1; n <= t.vectors; n++ {
		CMPQ(cols, U8(n*t.lanes(t.bytes)))
		JLT(LabelRef(label("Part", n)))
		JEQ(LabelRef(label("Whole", n)))
	}
	for n := 1; n <= t.vectors; n++ {
		Label(label("Whole", n))
		t.vectorsOfC(label("WholeEnd", n), c, rc, rows, n, func(to Mem, acc reg.VecVirtual, _ int) { t.whole(to, acc, beta) })
		Label(label("Part", n))
		t.vectorsOfC(label("PartEnd", n), c, rc, rows, n, func(to Mem, acc reg.VecVirtual, v int) {
			if v+1 < n {
				t.whole(to, acc, beta)
			} else {
				t.partAVX2(to, acc, beta, cols, v)
			}
		})
	}
}

// vectorsOfC writes out the first vectors of each row that exists, and returns.
func (t *tile) vectorsOfC(end string, c, rc, rows reg.GPVirtual, vectors int, write func(to Mem, acc reg.VecVirtual, v int)) {
	for i, row := range t.acc {
		for v, acc := range row[:vectors] {
			write(Mem{Base: c, Disp: v * t.bytes}, acc, v)
		}
		if i+1 < t.rows {
			ADDQ(rc, c)
			CMPQ(rows, U8(i+1))
			JE(LabelRef(end))
		}
	}
	Label(end)
	t.result(false)
}

// result returns.
func (t *tile) result(nan bool) {
	r := GP64()
	XORQ(r, r)
	if nan {
		INCQ(r)
	}
	Store(r.As8(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// whole updates one vector of C.
func (t *tile) whole(to Mem, acc reg.VecVirtual, beta Op) {
	if beta != nil {
		t.fma(to, beta, acc)
	}
	t.move(acc, to)
}

// partAVX512 updates the lanes of a mask.
func (t *tile) partAVX512(to Mem, acc reg.VecVirtual, beta Op, mask Op) {
	if beta != nil {
		old := t.vector()
		t.loadMasked(to, mask, old)
		t.fma(old, beta, acc)
	}
	t.move(acc, mask, to)
}

// partAVX2 updates the columns below cols of the v-th vector, with a mask out
// of a table of ones and then zeros.
func (t *tile) partAVX2(to Mem, acc reg.VecVirtual, beta Op, cols reg.GPVirtual, v int) {
	total := t.vectors * t.lanes(32)
	from, mask := GP64(), t.vector()
	LEAQ(t.table(total), from)
	NEGQ(cols)
	// The mask of column 0 begins total-cols before the table's zeros.
	LEAQ(Mem{Base: from, Index: cols, Scale: uint8(t.size), Disp: (total + v*t.lanes(32)) * t.size}, from)
	NEGQ(cols)
	t.move(Mem{Base: from}, mask)
	if beta != nil {
		old := t.vector()
		t.maskMove(to, mask, old)
		t.fma(old, beta, acc)
	}
	t.maskMove(acc, mask, to)
}

// table declares n ones and n zeros.
func (t *tile) table(n int) Mem {
	if m, ok := tables[t.suffix]; ok {
		return m
	}
	m := GLOBL("columns"+t.suffix, RODATA|NOPTR)
	for i := range 2 * n {
		ones := uint64(0)
		if i < n {
			ones = ^uint64(0)
		}
		if t.size == 8 {
			DATA(i*8, U64(ones))
		} else {
			DATA(i*4, U32(uint32(ones)))
		}
	}
	tables[t.suffix] = m
	return m
}

var tables = map[string]Mem{}
