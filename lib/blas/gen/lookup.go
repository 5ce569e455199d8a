package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lookupTile writes a tile of 8 rows by two or three vectors whose rows of B lie
// anywhere. It is the tile of Gemm but for that: the sums are formed in the same order.
func (p *precision) lookupTile(vectors int) {
	t := &tile{precision: p, rows: 8, vectors: vectors, bytes: 64, lookup: true}
	p.function(fmt.Sprintf("lookup%dAVX512x", vectors),
		"func(k int, a *"+p.typ+", ra int, b *"+p.typ+", at *int, c *"+p.typ+", rc, rows, cols int, start *"+p.typ+") bool",
		"updates a tile of C with k steps of A and B: C ← C + A·B\n"+
			"for rows×cols elements, where a(i, l) is a[i*ra+l], b(l, j) is b[at[l]+j] and c(i, j) is c[i*rc+j].\n"+
			"If start is not nil, start[i] stands for c(i, j).\n"+
			"If an element of A·B may be NaN it leaves C alone and returns true.")
	t.masks()
	t.prologue()
	cols := t.columns()
	CMPQ(cols, U8(vectors*t.lanes(t.bytes)))
	JEQ(LabelRef("full"))
	t.loop("part", t.vectors, true)
	JMP(LabelRef("sums"))
	t.loop("full", t.vectors, false)
	Label("sums")
	t.check(t.sums())
	c := pointer("c")
	rc := t.stride("rc")
	rows, start := pointer("rows"), pointer("start")
	TESTQ(start, start)
	JNZ(LabelRef("anew"))
	t.rowsOfLookup("add", c, rc, rows, nil)
	Label("anew")
	t.rowsOfLookup("store", c, rc, rows, start)
	Label("nan")
	t.result(true)
}

// rowsOfLookup adds the sums to the rows of C that exist, or to their elements of
// start, and returns.
func (t *tile) rowsOfLookup(name string, c, rc, rows, start reg.GPVirtual) {
	for i, row := range t.acc {
		var first reg.VecVirtual
		if start != nil {
			first = t.vector()
			t.broadcast(Mem{Base: start, Disp: i * t.size}, first)
		}
		for v, acc := range row {
			to, old := Mem{Base: c, Disp: v * t.bytes}, first
			if start == nil {
				old = t.vector()
				t.loadMasked(to, t.mask[v], old)
			}
			t.add(acc, old, acc)
			t.move(acc, t.mask[v], to)
		}
		if i+1 < t.rows {
			ADDQ(rc, c)
			CMPQ(rows, U8(i+1))
			JE(LabelRef(name + "End"))
		}
	}
	Label(name + "End")
	t.result(false)
}
