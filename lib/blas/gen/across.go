package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// across is loop, check and scale for cols columns or one less, as of a layer
// with ten outputs. Vectors across the columns would be used in part; here each
// holds the 8 rows of the tile, and is multiplied by one element of B after the
// other. If the steps of a row of A lie in sequence, blocks of 8 are transposed.
// Otherwise the rows do. The last column stands for one that does not exist.
func (t *tile) across(cols int) {
	name := fmt.Sprint("columns", cols)
	Label(name)
	across := *t
	across.bytes = t.rows * t.size
	t = &across
	mask, last := t.rowMask(), t.lastColumn()
	sums := t.registers(cols)
	t.clear(sums)
	step := func(a reg.VecVirtual) {
		for j, sum := range sums {
			b := t.at(t.b, j)
			if j == cols-1 {
				b = Mem{Base: t.b, Index: last, Scale: 1}
			}
			t.fmaBroadcast(b, a, sum)
		}
	}
	CMPQ(t.ca, U8(t.size))
	JNE(LabelRef(name + "Step"))
	t.blocks(name, step)
	t.rest(name, step)
	JMP(LabelRef(name + "End"))
	Label(name + "Step")
	a := t.vector()
	t.loadMasked(t.stepOf(0), mask, a)
	step(a)
	t.next(name + "Step")
	Label(name + "End")
	t.check(sums, mask)
	t.scale(sums)
	t.join(sums)
}

// rowMask returns a mask of the rows.
func (t *tile) rowMask() reg.OpmaskVirtual {
	mask := K()
	t.firstBits(Load(Param("rows"), GP64()).(reg.GPVirtual), mask)
	return mask
}

// lastColumn returns where the last column lies in a row of B.
func (t *tile) lastColumn() reg.GPVirtual {
	last := t.columns()
	DECQ(last)
	SHLQ(U8(t.shift), last)
	return last
}

// stepOf addresses the present step of a row of A.
func (t *tile) stepOf(row int) Mem { return Mem{Base: t.row[row], Index: t.index, Scale: 1} }

// blocks does 8 steps at a time while there are as many.
func (t *tile) blocks(name string, step func(a reg.VecVirtual)) {
	SHRQ(U8(3), t.k)
	JZ(LabelRef(name + "Rest"))
	Label(name + "Block")
	rows := t.registers(t.rows)
	for i, v := range rows {
		t.move(t.stepOf(i), v)
	}
	for _, a := range t.transposed(rows) {
		step(a)
		ADDQ(t.rb, t.b)
	}
	ADDQ(U8(t.bytes), t.index)
	DECQ(t.k)
	JNZ(LabelRef(name + "Block"))
}

// rest does the steps that are left. After each of them the others move up, so that
// the loop need not be written out; the CPU only renames them.
func (t *tile) rest(name string, step func(a reg.VecVirtual)) {
	Label(name + "Rest")
	Load(Param("k"), t.k)
	ANDQ(U8(t.rows-1), t.k)
	JZ(LabelRef(name + "End"))
	steps := K()
	t.firstBits(t.k, steps)
	rows := t.registers(t.rows)
	for i, v := range rows {
		t.loadMasked(t.stepOf(i), steps, v)
	}
	columns := t.transposed(rows)
	Label(name + "Last")
	step(columns[0])
	for i, v := range columns[1:] {
		t.move(v, columns[i])
	}
	ADDQ(t.rb, t.b)
	DECQ(t.k)
	JNZ(LabelRef(name + "Last"))
}

// join turns the sums of the columns to rows, as they are stored.
func (t *tile) join(sums []reg.VecVirtual) {
	columns := make([]reg.VecVirtual, 2*t.rows)
	copy(columns, sums)
	first, second := t.transposed(columns[:t.rows]), t.transposed(columns[t.rows:])
	for i, row := range t.acc {
		switch {
		case second[i] == nil:
			t.move(first[i].AsZ(), row[0])
			t.clear(row[1:])
		case t.size == 8:
			t.move(first[i], row[0])
			t.move(second[i], row[1])
		default:
			VINSERTF64X4(U8(1), second[i], first[i].AsZ(), row[0])
			t.clear(row[1:])
		}
	}
}

// A stage of a transposition of 8×8 elements exchanges parts of the vectors that
// are a distance apart.
type stage struct {
	distance  int
	low, high func(...Op)
}

// transposed returns the columns of 8 rows, of which the last may be nil.
func (t *tile) transposed(rows []reg.VecVirtual) []reg.VecVirtual {
	for _, s := range t.stages {
		next := make([]reg.VecVirtual, len(rows))
		for i, a := range rows {
			j := i + s.distance
			if i&s.distance != 0 || a == nil {
				continue
			}
			b := rows[j]
			if b == nil {
				b = a
			}
			next[i], next[j] = t.vector(), t.vector()
			s.low(b, a, next[i])
			s.high(b, a, next[j])
		}
		rows = next
	}
	return rows
}

// quarters returns the instruction that takes parts of 16 bytes from a and then
// from b, as which numbers them.
func quarters(which uint8) func(...Op) {
	return func(ops ...Op) { VSHUFF64X2(append([]Op{U8(which)}, ops...)...) }
}
