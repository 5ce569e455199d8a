package main

import (
	"fmt"
	"math"
)

// simd writes expressions of vectors: each method returns a new register with the result.
type simd struct {
	*precision
	*function

	turn int  // the bytes between a pointer and the present vector
	last bool // the body is for one element, in the lowest lane
}

// unrolled is how many vectors a loop does at a time.
const unrolled = 2

// each writes a body for whole vectors of n elements, and for one element after the other
// of the rest. The pointers go along.
func (s *simd) each(n string, pointers []string, body func()) {
	s.loop(n, pointers, body)
	s.line("RET")
}

// loop is each without the end of the function.
func (s *simd) loop(n string, pointers []string, body func()) {
	round := func(name, next string, elements, copies int) {
		s.line("SUBS $%d, %s, %s", elements, n, n)
		s.line("BLT %s", next)
		s.label(name)
		for i := range copies {
			s.turn = 16 * i
			body()
		}
		s.turn = 0
		for _, p := range pointers {
			s.line("ADD $%d, %s, %s", elements*s.size, p, p)
		}
		s.line("SUBS $%d, %s, %s", elements, n, n)
		s.line("BGE %s", name)
		s.label(next)
		s.line("ADD $%d, %s, %s", elements, n, n)
	}
	round("many", "fewer", unrolled*s.lanes(), unrolled)
	round("vector", "rest", s.lanes(), 1)
	s.last = true
	s.line("CBZ %s, end", n)
	s.label("one")
	body()
	for _, p := range pointers {
		s.line("ADD $%d, %s, %s", s.size, p, p)
	}
	s.line("SUBS $1, %s, %s", n, n)
	s.line("BNE one")
	s.last = false
	s.label("end")
}

// pointers loads arguments.
func (s *simd) pointers(names ...string) []string {
	var p []string
	for _, name := range names {
		p = append(p, s.load(name))
	}
	return p
}

// param copies an argument to all elements of a register, which stays.
func (s *simd) param(name string) vec {
	v := s.hold()
	s.line("%s %s, F%d", s.move, s.arg(name), v)
	s.line("VDUP V%d.%s[0], V%d.%s", v, s.lane, v, s.all)
	return v
}

// read loads the present vector, with zeros for what does not exist.
func (s *simd) read(from string) vec {
	v := s.reg()
	move, turn := "FMOVQ", s.turn
	if s.last {
		move = s.move
	}
	s.do(instruction{text: func(r func(vec) int) string { return fmt.Sprintf("%s %d(%s), F%d", move, turn, from, r(v)) }, writes: v})
	return v
}

// write stores the present vector.
func (s *simd) write(v vec, to string) {
	move, turn := "FMOVQ", s.turn
	if s.last {
		move = s.move
	}
	s.do(instruction{text: func(r func(vec) int) string { return fmt.Sprintf("%s F%d, %d(%s)", move, r(v), turn, to) }, reads: []vec{v}, writes: none})
}

// existing returns v with zeros for what does not exist.
func (s *simd) existing(v vec) vec {
	if !s.last {
		return v
	}
	w := s.reg()
	s.do(instruction{text: func(r func(vec) int) string { return fmt.Sprintf("%s F%d, F%d", s.move, r(v), r(w)) }, reads: []vec{v}, writes: w})
	return w
}

// fold combines all elements of v in its lowest.
func (s *simd) fold(v vec, op string) {
	s.into(v, op, v, s.dup(v, "D", 1, "D2"))
	if s.size == 4 {
		s.into(v, op, v, s.dup(v, "S", 1, "S4"))
	}
}

// dup copies one element to all.
func (s *simd) dup(v vec, lane string, i int, all string) vec {
	w := s.reg()
	s.do(instruction{
		text:  func(r func(vec) int) string { return fmt.Sprintf("VDUP V%d.%s[%d], V%d.%s", r(v), lane, i, r(w), all) },
		reads: []vec{v}, writes: w,
	})
	return w
}

// result stores the lowest element as a result.
func (s *simd) result(v vec, name string) {
	s.do(instruction{
		text:  func(r func(vec) int) string { return fmt.Sprintf("%s F%d, %s", s.move, r(v), s.arg(name)) },
		reads: []vec{v}, writes: none,
	})
}

// bits returns a constant with the given bits.
func (s *simd) bits(b uint64) vec { return s.constants.constant(b) }

// k returns a constant.
func (s *simd) k(v float64) vec {
	if s.size == 8 {
		return s.bits(math.Float64bits(v))
	}
	return s.bits(uint64(math.Float32bits(float32(v))))
}

func (s *simd) one() vec  { return s.k(1) }
func (s *simd) sign() vec { return s.k(math.Copysign(0, -1)) }

// integer is a number that, when added to an integer, leaves it in the lowest bits,
// rounded.
func (s *simd) integer() float64 { return 1.5 * math.Ldexp(1, s.mantissa) }

// copyOf copies to a new register, for an instruction that changes it.
func (s *simd) copyOf(v vec) vec {
	w := s.reg()
	s.set(w, v)
	return w
}

// set copies v to w.
func (s *simd) set(w, v vec) {
	s.do(instruction{
		text:  func(r func(vec) int) string { return fmt.Sprintf("VORR V%d.B16, V%d.B16, V%d.B16", r(v), r(v), r(w)) },
		reads: []vec{v}, writes: w, move: true,
	})
}

// into sets d to op(a, b).
func (s *simd) into(d vec, op string, a, b vec) {
	s.do(instruction{text: func(r func(vec) int) string { return vectorOp(op, s.size, r(d), r(a), r(b)) }, reads: []vec{a, b}, writes: d})
}

func (s *simd) two(op string, a, b vec) vec {
	v := s.reg()
	s.into(v, op, a, b)
	return v
}

func (s *simd) plus(a, b vec) vec  { return s.two("fadd", a, b) }
func (s *simd) minus(a, b vec) vec { return s.two("fsub", a, b) }
func (s *simd) times(a, b vec) vec { return s.two("fmul", a, b) }
func (s *simd) over(a, b vec) vec  { return s.two("fdiv", a, b) }

// larger and smaller return NaN if one of both is.
func (s *simd) larger(a, b vec) vec  { return s.two("fmax", a, b) }
func (s *simd) smaller(a, b vec) vec { return s.two("fmin", a, b) }

func (s *simd) root(x vec) vec { return s.two("fsqrt", x, x) }

// addProduct adds a·b to c, and takeProduct takes it away.
func (s *simd) addProduct(c, a, b vec)  { s.accumulate(c, "fmla", a, b) }
func (s *simd) takeProduct(c, a, b vec) { s.accumulate(c, "fmls", a, b) }

func (s *simd) accumulate(c vec, op string, a, b vec) {
	s.do(instruction{text: func(r func(vec) int) string { return vectorOp(op, s.size, r(c), r(a), r(b)) }, reads: []vec{c, a, b}, writes: c})
}

// timesPlus returns a·b + c, and minusTimes c − a·b.
func (s *simd) timesPlus(a, b, c vec) vec {
	v := s.copyOf(c)
	s.addProduct(v, a, b)
	return v
}

func (s *simd) minusTimes(c, a, b vec) vec {
	v := s.copyOf(c)
	s.takeProduct(v, a, b)
	return v
}

// polynomial returns c[0] + c[1]x + c[2]x² …
func (s *simd) polynomial(x vec, c ...float64) vec {
	last := len(c) - 1
	p := s.k(c[last])
	for i := last - 1; i >= 0; i-- {
		p = s.timesPlus(p, x, s.k(c[i]))
	}
	return p
}

// logic is an instruction on bits that Go's assembler knows.
func (s *simd) logic(op string, a, b vec) vec {
	v := s.reg()
	s.do(instruction{
		text:  func(r func(vec) int) string { return fmt.Sprintf("%s V%d.B16, V%d.B16, V%d.B16", op, r(b), r(a), r(v)) },
		reads: []vec{a, b}, writes: v,
	})
	return v
}

func (s *simd) and(a, b vec) vec { return s.logic("VAND", a, b) }
func (s *simd) or(a, b vec) vec  { return s.logic("VORR", a, b) }

func (s *simd) addInt(a, b vec) vec {
	v := s.reg()
	s.do(instruction{
		text: func(r func(vec) int) string {
			return fmt.Sprintf("VADD V%d.%s, V%d.%s, V%d.%s", r(b), s.all, r(a), s.all, r(v), s.all)
		},
		reads: []vec{a, b}, writes: v,
	})
	return v
}

func (s *simd) shiftLeft(a vec, n int) vec  { return s.shifted("VSHL", a, n) }
func (s *simd) shiftRight(a vec, n int) vec { return s.shifted("VUSHR", a, n) }

func (s *simd) shifted(op string, a vec, n int) vec {
	v := s.reg()
	s.do(instruction{
		text: func(r func(vec) int) string {
			return fmt.Sprintf("%s $%d, V%d.%s, V%d.%s", op, n, r(a), s.all, r(v), s.all)
		},
		reads: []vec{a}, writes: v,
	})
	return v
}

// negative returns −|x|.
func (s *simd) negative(x vec) vec { return s.or(x, s.sign()) }

// The comparisons are false for NaN.
const (
	equal = iota
	less
	atMost
	more
	atLeast
)

// compare returns all ones where x compares so with y.
func (s *simd) compare(x vec, how int, y vec) vec {
	switch how {
	case equal:
		return s.two("fcmeq", x, y)
	case less:
		return s.two("fcmgt", y, x)
	case atMost:
		return s.two("fcmge", y, x)
	case more:
		return s.two("fcmgt", x, y)
	}
	return s.two("fcmge", x, y)
}

// choose returns a where x compares so with y, and b elsewhere.
func (s *simd) choose(x vec, how int, y vec, a, b vec) vec {
	m := s.compare(x, how, y)
	return s.where(m, a, b)
}

// where returns a where the bits of m are set, and b elsewhere. M is used up.
func (s *simd) where(m, a, b vec) vec {
	v := s.copyOf(m)
	s.do(instruction{
		text:  func(r func(vec) int) string { return fmt.Sprintf("VBSL V%d.B16, V%d.B16, V%d.B16", r(b), r(a), r(v)) },
		reads: []vec{v, a, b}, writes: v,
	})
	return v
}
