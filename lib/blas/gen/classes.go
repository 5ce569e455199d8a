package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// classes writes kernels on a block of rows of scores for some classes, which lies in memory class
// by class, so that each element of a vector belongs to another row.
type classes struct {
	*simd
	n            reg.GPVirtual // classes
	width        reg.GPVirtual // of a class: the rows, in bytes
	row, element reg.GPVirtual // the present vector in what has an element for each row, and in a block
}

func (p *precision) beginClasses(bytes int, name, signature, doc string) *classes {
	c := &classes{simd: p.begin(bytes, name, signature, doc)}
	c.width, c.n = p.stride("rows"), pointer("n")
	c.row, c.element = GP64(), GP64()
	c.at = c.row
	return c
}

// rows writes a body for each vector of the rows.
func (c *classes) rows(name string, body func()) {
	c.at = c.row
	XORQ(c.row, c.row)
	Label(name)
	body()
	ADDQ(U32(c.bytes), c.row)
	CMPQ(c.row, c.width)
	JL(LabelRef(name))
}

// each writes a body for each class of the present rows, in their order.
func (c *classes) each(name string, body func()) {
	left := GP64()
	MOVQ(c.n, left)
	MOVQ(c.row, c.element)
	c.at = c.element
	Label(name)
	body()
	ADDQ(c.width, c.element)
	DECQ(left)
	JNZ(LabelRef(name))
	c.at = c.row
}

// softmaxLoss writes Σ a·(logZ − (f − top)), as package loss has it, to the last bit. What waits
// for the class before is little, in each pass over the block, so that several vectors are in work
// at a time.
func (p *precision) softmaxLoss(bytes int, divergence bool) {
	name, doc := "softmaxLoss", "−ln p"
	if divergence {
		name, doc = "softmaxDivergence", "ln a − ln p"
	}
	c := p.beginClasses(bytes, name, "func(rows, n int, l, d, f, a, scale, top, logZ *"+p.typ+")",
		"stores Σ a·("+doc+") in l and scale·(p·Σ a − a) in d, where p is the softmax\nof n scores f. Each class has rows elements; top and logZ are room for rows elements.")
	l, d, f, a := pointer("l"), pointer("d"), pointer("f"), pointer("a")
	scale, top, logZ := pointer("scale"), pointer("top"), pointer("logZ")
	tiny := c.softmax(l, d, f, top, logZ)
	c.rows("losses", func() {
		most, z, sum, mass := c.read(top), c.read(logZ), c.load(c.k(0)), c.load(c.k(0))
		u := c.plus(c.read(l), c.one())
		c.each("loss", func() {
			share, term := c.read(a), z
			if divergence {
				term = c.plus(c.log(share), z)
			}
			term = c.times(c.minus(term, c.minus(c.read(f), most)), share)
			c.add(c.choose(share, equal, c.k(0), c.load(c.k(0)), term), sum, sum)
			c.add(share, mass, mass)
		})
		factor := c.read(scale)
		c.write(sum, l)
		c.quotients(tiny, u, func(quotient func(reg.VecVirtual) reg.VecVirtual) {
			p := c.times(quotient(c.read(d)), mass)
			c.write(c.times(c.minus(p, c.read(a)), factor), d)
		})
	})
	VZEROUPPER()
	RET()
}

// softmaxClass is softmaxLoss for rows that are of one class each.
func (p *precision) softmaxClass(bytes int) {
	c := p.beginClasses(bytes, "softmaxClass", "func(rows, n int, l, d, f, own, scale, top, logZ *"+p.typ+")",
		"stores −ln p of the class own in l and scale·(p − 1) for it and scale·p for the others in d,\nwhere p is the softmax of n scores f. Each class has rows elements; top and logZ are room for rows elements.")
	l, d, f, own := pointer("l"), pointer("d"), pointer("f"), pointer("own")
	scale, top, logZ := pointer("scale"), pointer("top"), pointer("logZ")
	tiny := c.softmax(l, d, f, top, logZ)
	c.rows("losses", func() {
		u, self, factor := c.plus(c.read(l), c.one()), c.read(own), c.read(scale)
		class, score, one := c.load(c.k(0)), c.load(c.k(0)), c.load(c.one())
		c.quotients(tiny, u, func(quotient func(reg.VecVirtual) reg.VecVirtual) {
			p := quotient(c.read(d))
			if c.bytes == 64 {
				is := K()
				c.compare(U8(equal), self, class, is)
				c.blend512(c.read(f), score, is, score)
				c.sub(one, p, is, p)
			} else {
				is := c.reg()
				c.compare(U8(equal), self, class, is)
				c.blend(is, c.read(f), score, score)
				p = c.minus(p, c.and(is, one))
			}
			c.write(c.times(p, factor), d)
			c.add(one, class, class)
		})
		c.write(c.minus(c.read(logZ), c.minus(score, c.read(top))), l)
	})
	VZEROUPPER()
	RET()
}

// softmax writes the largest score in top, e^(f−top) in d, with 1 for the largest, the sum of the
// others in l, and ln(1+l) in logZ. It returns whether there are exponentials that are too small
// for quotients by products.
func (c *classes) softmax(l, d, f, top, logZ reg.GPVirtual) (tiny reg.GPVirtual) {
	tiny = GP32()
	XORL(tiny, tiny)
	c.rows("largest", func() {
		most, least := c.load(c.k(math.Inf(-1))), c.load(c.k(math.Inf(1)))
		c.each("ofLargest", func() { // NaN is passed over
			v := c.read(f)
			c.max(most, v, most)
			c.min(least, v, least)
		})
		c.write(most, top)
		c.orWhere(c.minus(least, most), less, c.k(-660), tiny)
	})
	c.rows("exponentials", func() {
		most, rest := c.read(top), c.load(c.k(0))
		found := c.none()
		c.each("exponential", func() {
			v := c.read(f)
			e, others := c.exceptFirst(found, v, most, c.expOfNegative(c.minus(v, most)))
			c.write(e, d)
			c.add(others, rest, rest)
		})
		c.write(rest, l)
	})
	c.rows("logarithms", func() {
		rest := c.read(l)
		u := c.plus(rest, c.one())
		y, exact := c.log(u), c.minus(u, c.one())
		y = c.choose(exact, equal, rest, y, c.times(y, c.over(rest, exact)))
		c.write(c.choose(exact, equal, c.k(0), rest, y), logZ)
	})
	return tiny
}

// quotients writes a body for each class twice, with quotients by u from the divider and, unless there
// are tiny numbers, from products, to the same bits. The divider takes half of the time of all. With
// 1/u as IEEE rounds it, a quotient that is next to the right one is corrected to that, if what is left
// of the dividend is exact (Markstein 1990): it is not where that would be below the smallest
// number. The first correction takes the quotient next to the right one.
func (c *classes) quotients(tiny reg.GPVirtual, u reg.VecVirtual, body func(quotient func(e reg.VecVirtual) reg.VecVirtual)) {
	inverse := c.over(c.load(c.one()), u)
	TESTL(tiny, tiny)
	JNE(LabelRef("divider"))
	c.each("product", func() {
		body(func(e reg.VecVirtual) reg.VecVirtual {
			q := c.times(e, inverse)
			for range 2 {
				q = c.timesPlus(c.minusTimes(e, q, u), inverse, q)
			}
			return q
		})
	})
	JMP(LabelRef("divided"))
	Label("divider")
	c.each("quotient", func() {
		body(func(e reg.VecVirtual) reg.VecVirtual { return c.over(e, u) })
	})
	Label("divided")
}

// orWhere sets bits of to if some elements compare so.
func (c *classes) orWhere(x Op, how int, y Op, to reg.GPVirtual) {
	bits := GP32()
	if c.bytes == 64 {
		m := K()
		c.compare(U8(how), y, x, m)
		KMOVW(m, bits)
	} else {
		m := c.reg()
		c.compare(U8(how), y, x, m)
		VMOVMSKPD(m, bits)
	}
	ORL(bits, to)
}

// none returns a mask of nothing.
func (c *classes) none() reg.Register {
	if c.bytes == 64 {
		m := K()
		KXORW(m, m, m)
		return m
	}
	return c.load(c.k(0))
}

// exceptFirst returns e with 1 and with 0 where v is the first to reach most, and adds these places to
// those that have been found.
func (c *classes) exceptFirst(found reg.Register, v, most, e reg.VecVirtual) (one, zero reg.VecVirtual) {
	one, zero = c.reg(), c.reg()
	if c.bytes == 64 {
		is, first := K(), K()
		c.compare(U8(atLeast), most, v, is)
		KANDNW(is, found, first)
		KORW(is, found, found)
		c.blend512(c.k(1), e, first, one)
		c.blend512(c.k(0), e, first, zero)
		return one, zero
	}
	is := c.reg()
	c.compare(U8(atLeast), most, v, is)
	first := c.without(found, is)
	VORPD(is, found, found)
	zero = c.without(first, e)
	return c.or(zero, c.and(first, c.k(1))), zero
}

// rivals writes the largest score of another class than the row's own, and where it is.
func (p *precision) rivals(bytes int) {
	c := p.beginClasses(bytes, "rivals", "func(rows, n int, top, rival, f, own *"+p.typ+")",
		"stores the largest of n ≥ 2 scores f but that of the class own in top, and its class, the first of\nthem, in rival; or the last NaN among them. Each class has rows elements.")
	top, rival, f, own := pointer("top"), pointer("rival"), pointer("f"), pointer("own")
	c.rows("rows", func() {
		self, most := c.read(own), c.load(c.k(math.Inf(-1)))
		class, best := c.load(c.k(0)), c.reg()
		c.move(c.choose(self, equal, c.k(0), c.load(c.k(1)), class), best)
		c.each("class", func() {
			v := c.read(f)
			if c.bytes == 64 {
				is, missing, other := K(), K(), K()
				c.compare(U8(more), most, v, is)
				c.compare(U8(unordered), v, v, missing)
				c.compare(U8(notEqual), self, class, other)
				KORW(missing, is, is)
				KANDW(other, is, is)
				c.blend512(v, most, is, most)
				c.blend512(class, best, is, best)
			} else {
				is, missing, other := c.reg(), c.reg(), c.reg()
				c.compare(U8(more), most, v, is)
				c.compare(U8(unordered), v, v, missing)
				c.compare(U8(notEqual), self, class, other)
				is = c.and(c.or(is, missing), other)
				c.blend(is, v, most, most)
				c.blend(is, class, best, best)
			}
			c.add(c.k(1), class, class)
		})
		c.write(most, top)
		c.write(best, rival)
	})
	VZEROUPPER()
	RET()
}

// toClasses copies rows to a block, class by class, and fromClasses the other way.
func (p *precision) toClasses(bytes int) {
	p.turnBlock(bytes, "toClasses", "stores x[i*stride+j] in block[j*rows+i]", func(t *turning, rows, columns []Mem) {
		v := make([]reg.VecVirtual, len(rows))
		for i := range v {
			v[i] = t.readFrom(rows[i])
		}
		for j, w := range t.turned(v) {
			t.move(w, columns[j])
		}
	})
}

func (p *precision) fromClasses(bytes int) {
	p.turnBlock(bytes, "fromClasses", "stores block[j*rows+i] in x[i*stride+j]", func(t *turning, rows, columns []Mem) {
		v := make([]reg.VecVirtual, len(rows))
		for j := range v {
			v[j] = t.load(columns[j])
		}
		for i, w := range t.turned(v) {
			t.writeTo(w, rows[i])
		}
	})
}

// turning is simd for squares of as many rows as a vector has elements.
type turning struct{ *simd }

// turnBlock writes a body for each square of a block, given its rows and where their columns lie.
func (p *precision) turnBlock(bytes int, name, doc string, body func(t *turning, rows, columns []Mem)) {
	t := &turning{p.begin(bytes, name, "func(rows, n int, block, x *"+p.typ+", stride int)",
		doc+", for i below rows and j\nbelow n. The block has room for whole vectors of classes.")}
	lanes := p.lanes(bytes)
	width, stride, block, x := p.stride("rows"), p.stride("stride"), pointer("block"), pointer("x")
	width3, stride3, left, done := GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: width, Index: width, Scale: 2}, width3)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	Load(Param("n"), left)
	ANDQ(U8(lanes-1), left)
	some := t.first(left)
	XORQ(done, done)

	Label("rows")
	row, column := GP64(), GP64()
	MOVQ(x, row)
	LEAQ(Mem{Base: block, Index: done, Scale: 1}, column)
	Load(Param("n"), left)
	square := func() {
		t.square(row, stride, stride3, column, width, width3, body)
	}
	Label("classes")
	SUBQ(U8(lanes), left)
	JL(LabelRef("rest"))
	square()
	ADDQ(U8(bytes), row)
	for range lanes / 4 {
		LEAQ(Mem{Base: column, Index: width, Scale: 4}, column)
	}
	JMP(LabelRef("classes"))
	Label("rest")
	CMPQ(left, I8(-lanes))
	JEQ(LabelRef("next"))
	t.mask = some
	square()
	Label("next")
	for range lanes / 4 {
		LEAQ(Mem{Base: x, Index: stride, Scale: 4}, x)
	}
	ADDQ(U8(bytes), done)
	CMPQ(done, width)
	JL(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

// square writes a body for one square.
func (t *turning) square(row, stride, stride3, column, width, width3 reg.GPVirtual, body func(t *turning, rows, columns []Mem)) {
	lines := func(from, step, step3 reg.GPVirtual) (all []Mem) {
		for i := 0; i < t.lanes(t.bytes); i += 4 {
			if i > 0 {
				next := GP64()
				LEAQ(Mem{Base: from, Index: step, Scale: 4}, next)
				from = next
			}
			all = append(all, Mem{Base: from}, Mem{Base: from, Index: step, Scale: 1},
				Mem{Base: from, Index: step, Scale: 2}, Mem{Base: from, Index: step3, Scale: 1})
		}
		return all
	}
	body(t, lines(row, stride, stride3), lines(column, width, width3))
}

// turned returns the columns of a square.
func (t *turning) turned(rows []reg.VecVirtual) (columns []reg.Register) {
	if t.bytes == 32 {
		return t.precision.turn(rows)
	}
	for _, v := range (&tile{precision: t.precision, bytes: 64}).transposed(rows) {
		columns = append(columns, v)
	}
	return columns
}
