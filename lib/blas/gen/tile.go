package main

import (
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
	mask          []reg.OpmaskVirtual // of the columns, AVX-512 only
}

func (t *tile) vector() reg.VecVirtual {
	if t.bytes == 64 {
		return ZMM()
	}
	return YMM()
}

// tileAVX512 writes a tile of 8 rows by two vectors: 16 accumulators of the
// 32 registers hide the latency of the multiply-add, and 10 loads for 16 of
// them leave the load ports time to spare. Half a tile of columns or three
// quarters of one, as of a layer with ten outputs, take a loop of their own.
func (p *precision) tileAVX512() {
	p.function("tileAVX512x", p.tileSignature(), tileDoc)
	t := &tile{precision: p, rows: 8, vectors: 2, bytes: 64}
	t.prologue()
	t.masks()
	t.byWidth()
	t.loop("full", false, t.vectors)
	Label("check")
	t.check()
	t.update()
}

// byWidth goes to the loop for the columns that there are.
func (t *tile) byWidth() {
	cols, rb, lanes := t.columns(), Load(Param("rb"), GP64()), t.lanes(64)
	CMPQ(cols, U8(2*lanes))
	JEQ(LabelRef("full"))
	CMPQ(cols, U8(min(lanes, 12)))
	if lanes == 8 {
		JLE(LabelRef("first"))
		CMPQ(cols, U8(12))
		JG(LabelRef("part"))
	} else {
		JLE(LabelRef("few"))
		CMPQ(cols, U8(lanes))
		JLE(LabelRef("first"))
		JMP(LabelRef("part"))
		Label("few")
	}
	ADDQ(cols, rb)
	CMPQ(rb, U8(12)) // so that a row and the next have 12 elements
	JGE(LabelRef("narrow"))
	if lanes == 8 {
		JMP(LabelRef("part"))
	}
	t.loop("first", true, 1)
	JMP(LabelRef("check"))
	t.loop("part", true, 2)
	JMP(LabelRef("check"))
	Label("narrow")
	t.narrow("pieces")
	JMP(LabelRef("check"))
}

// tileAVX2 writes a tile of 4 rows by three vectors: 12 accumulators of the 16
// registers, three for B and one for A. It reads whole vectors of B, so an
// edge of B has to come packed and padded.
func (p *precision) tileAVX2() {
	p.function("tileAVX2x", p.tileSignature(), tileDoc+"\nIt reads whole vectors of B, whatever cols.")
	t := &tile{precision: p, rows: 4, vectors: 3, bytes: 32}
	t.prologue()
	t.loop("full", false, t.vectors)
	t.check()
	t.update()
}

func (t *tile) columns() reg.GPVirtual { return Load(Param("cols"), GP64()).(reg.GPVirtual) }

// prologue loads the arguments, asks for the lines of C, and points at the
// rows of A; rows that do not exist stand for the last that does.
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
	for i := 1; i < t.rows; i++ {
		p, next := GP64(), GP64()
		MOVQ(t.row[i-1], p)
		LEAQ(Mem{Base: p, Index: ra, Scale: 1}, next)
		CMPQ(rows, U8(i))
		CMOVQGT(next, p)
		t.row = append(t.row, p)
	}
	t.ca = t.stride("ca")
	t.b = Load(Param("b"), GP64()).(reg.GPVirtual)
	t.rb = t.stride("rb")
	t.index = GP64()
	XORQ(t.index, t.index)
	for range t.rows {
		var row []reg.VecVirtual
		for range t.vectors {
			v := t.vector()
			if t.bytes == 64 {
				VPXORQ(v, v, v)
			} else {
				zero(v)
			}
			row = append(row, v)
		}
		t.acc = append(t.acc, row)
	}
}

// masks makes a mask for the columns of each vector.
func (t *tile) masks() {
	bits := GP64()
	t.columnBits(bits)
	for range t.vectors {
		m := K()
		KMOVW(bits.As32(), m)
		SHRQ(U8(t.lanes(t.bytes)), bits)
		t.mask = append(t.mask, m)
	}
}

// columnBits sets as many bits as there are columns.
func (t *tile) columnBits(bits reg.GPVirtual) {
	cols := t.columns()
	MOVQ(U64(1), bits)
	SHLXQ(cols, bits, bits)
	DECQ(bits)
}

// loop adds a column of A times the first vectors of a row of B for each of the
// k steps.
func (t *tile) loop(name string, masked bool, vectors int) {
	Label(name)
	b := make([]reg.VecVirtual, vectors)
	for v := range b {
		b[v] = t.vector()
		from := Mem{Base: t.b, Disp: v * t.bytes}
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
	ADDQ(t.ca, t.index)
	ADDQ(t.rb, t.b)
	DECQ(t.k)
	JNZ(LabelRef(loop))
}

// narrow is loop for up to 12 columns, as of a layer with ten outputs, in pieces
// of 32 bytes or less: a CPU that works on 32 bytes at a time takes as long for
// a whole vector of which little is used. The pieces are joined at the end. What
// lies beyond the columns are elements of the next row, which are not stored;
// only the last row needs masks, which cost as much as a load.
func (t *tile) narrow(name string) {
	bits := GP64()
	t.columnBits(bits)
	sizes := map[int][]int{8: {32, 32, 32}, 4: {32, 16}}[t.size]
	masks := make([]Op, len(sizes))
	acc := make([][]reg.VecVirtual, t.rows)
	for p, size := range sizes {
		m := K()
		KMOVW(bits.As32(), m)
		SHRQ(U8(size/t.size), bits)
		masks[p] = m
		for i := range acc {
			if p%2 == 0 {
				acc[i] = append(acc[i], t.acc[i][p/2])
				continue
			}
			v := t.vector()
			VPXORQ(v, v, v)
			acc[i] = append(acc[i], v)
		}
	}
	step := func(masked bool) {
		b := make([]reg.VecVirtual, len(sizes))
		for p, size := range sizes {
			b[p] = t.vector()
			from := Mem{Base: t.b, Disp: p * 32}
			if masked {
				t.loadMasked(from, masks[p], part(b[p], size))
			} else {
				t.move(from, part(b[p], size))
			}
		}
		for i, row := range acc {
			a := t.vector()
			t.broadcast(Mem{Base: t.row[i], Index: t.index, Scale: 1}, a.AsY())
			for p, size := range sizes {
				t.fma(part(b[p], size), part(a, size), part(row[p], size))
			}
		}
	}
	DECQ(t.k)
	JZ(LabelRef(name + "Last"))
	Label(name)
	step(false)
	t.next(name)
	Label(name + "Last")
	step(true)
	for i, row := range acc {
		VINSERTF64X4(U8(1), row[1].AsY(), row[0].AsZ(), t.acc[i][0].AsZ())
	}
}

// part returns the first bytes of a vector as a register.
func part(v reg.VecVirtual, bytes int) reg.Register {
	if bytes == 16 {
		return v.AsX()
	}
	return v.AsY()
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
// them is.
func (t *tile) check() {
	sum := make([]reg.VecVirtual, t.vectors)
	for v := range sum {
		sum[v] = t.vector()
		t.add(t.acc[0][v], t.acc[1][v], sum[v])
		for i := 2; i < t.rows; i++ {
			t.add(t.acc[i][v], sum[v], sum[v])
		}
	}
	for v := 1; v < t.vectors; v++ {
		t.add(sum[v], sum[0], sum[0])
	}
	nan := GP64()
	if t.bytes == 64 {
		m := K()
		t.compare(U8(3), sum[0], sum[0], m) // 3: unordered
		KMOVW(m, nan.As32())
	} else {
		t.compare(U8(3), sum[0], sum[0], sum[0])
		if t.size == 8 {
			VMOVMSKPD(sum[0], nan.As32())
		} else {
			VMOVMSKPS(sum[0], nan.As32())
		}
	}
	TESTL(nan.As32(), nan.As32())
	JZ(LabelRef("finite"))
	MOVB(U8(1), nan.As8())
	Store(nan.As8(), ReturnIndex(0))
	VZEROUPPER()
	RET()
	Label("finite")
}

// update scales the accumulators and adds them to C, or stores them if beta is
// 0, with masks if a vector is not whole.
func (t *tile) update() {
	alpha, beta := t.vector(), t.vector()
	t.broadcast(NewParamAddr("alpha", t.offset("alpha")), alpha)
	t.broadcast(NewParamAddr("beta", t.offset("beta")), beta)
	c := Load(Param("c"), GP64()).(reg.GPVirtual)
	rc := t.stride("rc")
	rows := Load(Param("rows"), GP64()).(reg.GPVirtual)
	for _, row := range t.acc {
		for _, acc := range row {
			t.mul(alpha, acc, acc)
		}
	}
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

// rowsOfC writes out the rows that exist, whole or masked; with AVX-512 the
// second vector only if there are columns for it.
func (t *tile) rowsOfC(name string, c, rc, rows reg.GPVirtual, beta Op) {
	cols := t.columns()
	all := t.vectors * t.lanes(t.bytes)
	CMPQ(cols, U8(all))
	JNE(LabelRef(name + "Masked"))
	t.vectorsOfC(name+"Whole", c, rc, rows, t.vectors, func(to Mem, acc reg.VecVirtual, v int) {
		t.whole(to, acc, beta)
	})
	Label(name + "Masked")
	if t.bytes == 32 {
		t.vectorsOfC(name+"All", c, rc, rows, t.vectors, func(to Mem, acc reg.VecVirtual, v int) {
			t.partAVX2(to, acc, beta, cols, v)
		})
		return
	}
	part := func(to Mem, acc reg.VecVirtual, v int) { t.partAVX512(to, acc, beta, t.mask[v]) }
	CMPQ(cols, U8(t.lanes(t.bytes)))
	JLE(LabelRef(name + "First"))
	t.vectorsOfC(name+"All", c, rc, rows, t.vectors, part)
	Label(name + "First")
	t.vectorsOfC(name+"One", c, rc, rows, 1, part)
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
	t.returnFalse()
}

func (t *tile) returnFalse() {
	zero := GP64()
	XORQ(zero, zero)
	Store(zero.As8(), ReturnIndex(0))
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
