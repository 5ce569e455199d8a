package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tallAVX512 writes a tile of 12 rows by two vectors: 24 accumulators, 14 loads for 24
// multiply-adds, and B read for 12 rows in place of 8. All of its rows and columns exist. There
// are not enough registers for a pointer to each row of A: each third has one.
func (p *precision) tallAVX512() {
	p.function("tallAVX512x", p.tileSignature(), tileDoc+"\nIt is for rows×cols of a whole tile.")
	t := &tile{precision: p, rows: 12, vectors: 2, bytes: 64, always: true}
	t.k = Load(Param("k"), GP64()).(reg.GPVirtual)
	c := Load(Param("c"), GP64()).(reg.GPVirtual)
	rc := t.stride("rc")
	for i := range t.rows {
		for v := range t.vectors {
			PREFETCHT0(Mem{Base: c, Disp: v * t.bytes})
		}
		if i+1 < t.rows {
			ADDQ(rc, c)
		}
		t.acc = append(t.acc, t.registers(t.vectors))
	}
	ra := t.stride("ra")
	a := []reg.GPVirtual{Load(Param("a"), GP64()).(reg.GPVirtual)}
	for i := 3; i < t.rows; i += 3 {
		next := GP64()
		LEAQ(Mem{Base: a[len(a)-1], Index: ra, Scale: 2}, next)
		ADDQ(ra, next)
		a = append(a, next)
	}
	t.ca, t.b, t.rb = t.stride("ca"), Load(Param("b"), GP64()).(reg.GPVirtual), t.stride("rb")
	t.clear(t.sums())
	Label("step")
	b := t.registers(t.vectors)
	for v := range b {
		t.move(Mem{Base: t.b, Disp: v * t.bytes}, b[v])
	}
	for i, row := range t.acc {
		from := Mem{Base: a[i/3]}
		if i%3 > 0 {
			from.Index, from.Scale = ra, uint8(i%3)
		}
		element := t.vector()
		t.broadcast(from, element)
		for v := range b {
			t.fma(b[v], element, row[v])
		}
		if i%3 == 2 {
			ADDQ(t.ca, a[i/3])
		}
	}
	ADDQ(t.rb, t.b)
	DECQ(t.k)
	JNZ(LabelRef("step"))
	t.mask = []reg.OpmaskVirtual{K()} // says that compare has one
	t.check(t.sums())
	t.scale(t.sums())
	t.update()
}
