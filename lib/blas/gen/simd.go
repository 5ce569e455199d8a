package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// simd writes expressions of vectors of one size: each method returns a new
// register with the result. A constant lies in memory as often as a register of
// 64 bytes holds it, so that both sizes can read it as an operand.
type simd struct {
	*precision
	bytes int // of a vector

	at   reg.GPVirtual // the bytes before the present vector, in every slice
	turn int           // the bytes between that and the one of the body being written
	mask Op            // of the elements that exist, for the last vector; else nil
}

// begin starts a function whose name says the kind of the vectors.
func (p *precision) begin(bytes int, name, signature, doc string) *simd {
	set := "AVX2x"
	if bytes == 64 {
		set = "AVX512x"
	}
	p.function(name+set, signature, doc)
	return &simd{precision: p, bytes: bytes}
}

// each writes a body for whole vectors of n elements, and for the rest with a
// mask. If there are more bodies, they take turns, one vector each.
func (s *simd) each(n reg.GPVirtual, body func(), others ...func()) {
	s.loop(n, body, others...)
	VZEROUPPER()
	RET()
}

// loop is each without the end of the function.
func (s *simd) loop(n reg.GPVirtual, body func(), others ...func()) {
	rest := GP64()
	MOVQ(n, rest)
	ANDQ(I32(s.lanes(s.bytes)-1), rest)
	SHLQ(U8(s.shift), n)
	ANDQ(I32(-s.bytes), n)
	s.at = GP64()
	XORQ(s.at, s.at)
	if others != nil {
		s.rounds(n, append(others, body))
	}
	Label("vectors")
	CMPQ(s.at, n)
	JGE(LabelRef("rest"))
	body()
	ADDQ(U32(s.bytes), s.at)
	JMP(LabelRef("vectors"))
	Label("rest")
	TESTQ(rest, rest)
	JZ(LabelRef("end"))
	s.mask = s.first(rest)
	body()
	Label("end")
}

// rounds writes the bodies one after another, each for its number of vectors
// at a time.
func (s *simd) rounds(n reg.GPVirtual, bodies []func()) {
	end := GP64()
	Label("rounds")
	LEAQ(Mem{Base: s.at, Disp: len(bodies) * s.bytes}, end)
	CMPQ(end, n)
	JG(LabelRef("vectors"))
	for _, body := range bodies {
		body()
		s.turn += s.bytes
	}
	s.turn = 0
	MOVQ(end, s.at)
	JMP(LabelRef("rounds"))
}

// first returns a mask for the first count elements.
func (s *simd) first(count reg.GPVirtual) Op {
	if s.bytes == 64 {
		bits, mask := GP64(), K()
		MOVQ(U64(1), bits)
		SHLXQ(count, bits, bits)
		DECQ(bits)
		KMOVW(bits.As32(), mask)
		return mask
	}
	n := 96 / s.size // ones in the table
	from, mask := GP64(), YMM()
	LEAQ((&tile{precision: s.precision}).table(n), from)
	NEGQ(count)
	s.move(Mem{Base: from, Index: count, Scale: uint8(s.size), Disp: n * s.size}, mask)
	return mask
}

// reg returns a new register.
func (s *simd) reg() reg.VecVirtual {
	switch s.bytes {
	case 64:
		return ZMM()
	case 16:
		return XMM()
	}
	return YMM()
}

// read loads the present vector of a slice, with zeros for what does not exist.
func (s *simd) read(slice reg.GPVirtual) reg.VecVirtual {
	return s.readFrom(Mem{Base: slice, Index: s.at, Scale: 1, Disp: s.turn})
}

// readFrom is read from a place.
func (s *simd) readFrom(from Mem) reg.VecVirtual {
	v := s.reg()
	switch {
	case s.mask == nil:
		s.move(from, v)
	case s.bytes == 64 && s.size == 8:
		VMOVUPD_Z(from, s.mask, v)
	case s.bytes == 64:
		VMOVUPS_Z(from, s.mask, v)
	default:
		s.maskMove(from, s.mask, v)
	}
	return v
}

// write stores the present vector of a slice.
func (s *simd) write(v reg.VecVirtual, slice reg.GPVirtual) {
	s.writeTo(v, Mem{Base: slice, Index: s.at, Scale: 1, Disp: s.turn})
}

// writeTo is write to a place.
func (s *simd) writeTo(v Op, to Mem) {
	switch {
	case s.mask == nil:
		s.move(v, to)
	case s.bytes == 64:
		s.move(v, s.mask, to)
	default:
		s.maskMove(v, s.mask, to)
	}
}

// narrow addresses the present vector of a slice of float32 where the others are of
// float64.
func (s *simd) narrow(slice reg.GPVirtual) Mem {
	half := GP64()
	MOVQ(s.at, half)
	SHRQ(U8(1), half)
	return Mem{Base: slice, Index: half, Scale: 1, Disp: s.turn / 2}
}

// narrowMask is the mask for such a vector, without AVX-512.
func (s *simd) narrowMask() reg.VecVirtual {
	low, high := XMM(), XMM()
	VMOVUPS(s.mask.(reg.VecVirtual).AsX(), low)
	VEXTRACTF128(U8(1), s.mask, high)
	VSHUFPS(U8(0x88), high, low, low)
	return low
}

// widened is read for a slice of float32 where the others are of float64.
func (s *simd) widened(slice reg.GPVirtual) reg.VecVirtual {
	from, v := s.narrow(slice), s.reg()
	switch {
	case s.mask == nil:
		VCVTPS2PD(from, v)
	case s.bytes == 64:
		VCVTPS2PD_Z(from, s.mask, v)
	default:
		part := XMM()
		VMASKMOVPS(from, s.narrowMask(), part)
		VCVTPS2PD(part, v)
	}
	return v
}

// writeNarrow is write for a slice of float32 where the others are of float64.
func (s *simd) writeNarrow(v reg.VecVirtual, slice reg.GPVirtual) {
	to := s.narrow(slice)
	if s.bytes == 64 {
		part := YMM()
		VCVTPD2PS(v, part)
		if s.mask == nil {
			VMOVUPS(part, to)
		} else {
			VMOVUPS(part, s.mask, to)
		}
		return
	}
	part := XMM()
	VCVTPD2PSY(v, part)
	if s.mask == nil {
		VMOVUPS(part, to)
	} else {
		VMASKMOVPS(part, s.narrowMask(), to)
	}
}

// existing returns v with zeros for what does not exist.
func (s *simd) existing(v reg.VecVirtual) reg.VecVirtual {
	switch {
	case s.mask == nil:
		return v
	case s.bytes == 64:
		w := s.reg()
		if s.size == 8 {
			VMOVAPD_Z(v, s.mask, w)
		} else {
			VMOVAPS_Z(v, s.mask, w)
		}
		return w
	}
	return s.and(v, s.mask)
}

// fold combines all elements of v in its lowest.
func (s *simd) fold(v reg.VecVirtual, combine func(...Op)) {
	if s.bytes == 64 {
		high := YMM()
		VEXTRACTF64X4(U8(1), v, high)
		combine(high, v.AsY(), v.AsY())
	}
	high := XMM()
	VEXTRACTF128(U8(1), v.AsY(), high)
	combine(high, v.AsX(), v.AsX())
	VPERMILPD(U8(1), v.AsX(), high)
	combine(high, v.AsX(), v.AsX())
	if s.size == 4 {
		VPERMILPS(U8(1), v.AsX(), high)
		combine(high, v.AsX(), v.AsX())
	}
}

// constants are those that have been written already.
var constants = map[string]Mem{}

// bits returns a constant with the given bits.
func (s *simd) bits(b uint64) Mem {
	name := fmt.Sprintf("k%sx%x", s.suffix, b)
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 64 / s.size {
		if s.size == 8 {
			DATA(i*8, U64(b))
		} else {
			DATA(i*4, U32(uint32(b)))
		}
	}
	constants[name] = m
	return m
}

// k returns a constant.
func (s *simd) k(v float64) Mem {
	if s.size == 8 {
		return s.bits(math.Float64bits(v))
	}
	return s.bits(uint64(math.Float32bits(float32(v))))
}

// one is the number 1 as an integer: an exponent is added to it by shifting.
func (s *simd) one() Mem  { return s.k(1) }
func (s *simd) sign() Mem { return s.k(math.Copysign(0, -1)) }

// mantissa is the number of bits after the point.
func (s *simd) mantissa() int {
	if s.size == 8 {
		return 52
	}
	return 23
}

// integer is a number that, when added to an integer, leaves it in the lowest
// bits, rounded.
func (s *simd) integer() float64 { return 1.5 * math.Ldexp(1, s.mantissa()) }

// load copies a constant to a register, for an operation whose first operand it
// is.
func (s *simd) load(from Op) reg.VecVirtual {
	v := s.reg()
	s.move(from, v)
	return v
}

// param copies an argument, which lies at offset, to all elements of a register.
func (s *simd) param(name string, offset int) reg.VecVirtual {
	v := s.reg()
	s.broadcast(NewParamAddr(name, offset), v)
	return v
}

func (s *simd) two(f func(...Op), b, a Op) reg.VecVirtual {
	v := s.reg()
	f(b, a, v)
	return v
}

// In these, b may be in memory.
func (s *simd) plus(a, b Op) reg.VecVirtual  { return s.two(s.add, b, a) }
func (s *simd) minus(a, b Op) reg.VecVirtual { return s.two(s.sub, b, a) }
func (s *simd) times(a, b Op) reg.VecVirtual { return s.two(s.mul, b, a) }
func (s *simd) over(a, b Op) reg.VecVirtual  { return s.two(s.div, b, a) }

// larger and smaller return b if one of both is NaN, or if both are 0.
func (s *simd) larger(a, b Op) reg.VecVirtual  { return s.two(s.max, b, a) }
func (s *simd) smaller(a, b Op) reg.VecVirtual { return s.two(s.min, b, a) }

func (s *simd) root(x reg.VecVirtual) reg.VecVirtual {
	v := s.reg()
	s.sqrt(x, v)
	return v
}

// rootByProducts returns the same of float64, with AVX-512, without the divider. Goldschmidt's
// iteration takes g = √x and h = 1/(2√x) from 14 bits to 28 and 56, and the last
// step rounds as IEEE wants it (Markstein 1990): x − g² is exact, so that what
// is added to g is known to twice the digits. The divider is left for what is so
// small or large that x − g² is not, for ∞ and for NaN; 0 is rather common.
func (s *simd) rootByProducts(x reg.VecVirtual) reg.VecVirtual {
	slow, end := "byDivider", "haveRoot"
	inside, usual := K(), K()
	low := math.Float64bits(0x1p-900)
	VPCMPUQ(U8(1), s.bits(math.Float64bits(0x1p900)-low), s.two(VPSUBQ, s.bits(low), x), inside)
	VPCMPEQQ(s.bits(0), x, usual)
	KORTESTB(inside, usual)
	JCC(LabelRef(slow)) // not all bits are set

	y := s.reg()
	VRSQRT14PD(x, y)
	g, h := s.times(x, y), s.times(y, s.k(0.5))
	for range 2 {
		r := s.minusTimes(s.k(0.5), g, h)
		g, h = s.timesPlus(r, g, g), s.timesPlus(r, h, h)
	}
	s.fma(s.minusTimes(x, g, g), h, g)
	root := s.reg()
	VMOVAPD_Z(g, inside, root)
	JMP(LabelRef(end))
	Label(slow)
	VSQRTPD(x, root)
	Label(end)
	return root
}

// timesPlus returns a·b + c, c in memory or not.
func (s *simd) timesPlus(a, b, c Op) reg.VecVirtual {
	v := s.load(a)
	s.fma213(c, b, v)
	return v
}

// minusTimes returns c − a·b, b in memory or not.
func (s *simd) minusTimes(c, a, b Op) reg.VecVirtual {
	v := s.load(c)
	s.fnma(b, a, v)
	return v
}

// polynomial returns c[0] + c[1]x + c[2]x² …
func (s *simd) polynomial(x Op, c ...float64) reg.VecVirtual {
	last := len(c) - 1
	p := s.load(s.k(c[last]))
	for i := last - 1; i >= 0; i-- {
		s.fma213(s.k(c[i]), x, p)
	}
	return p
}

func (s *simd) logic(narrow, wide func(...Op), a, b Op) reg.VecVirtual {
	if s.bytes == 64 {
		return s.two(wide, b, a)
	}
	return s.two(narrow, b, a)
}

func (s *simd) and(a, b Op) reg.VecVirtual { return s.logic(plain(VPAND), VPANDQ, a, b) }
func (s *simd) or(a, b Op) reg.VecVirtual  { return s.logic(plain(VPOR), VPORQ, a, b) }

// without returns the bits of b that are not set in a.
func (s *simd) without(a, b Op) reg.VecVirtual { return s.logic(plain(VPANDN), VPANDNQ, a, b) }

func (s *simd) addInt(a, b Op) reg.VecVirtual { return s.two(s.addInteger, b, a) }

func (s *simd) shiftLeft(a Op, n int) reg.VecVirtual  { return s.two(s.left, U8(n), a) }
func (s *simd) shiftRight(a Op, n int) reg.VecVirtual { return s.two(s.right, U8(n), a) }

// Comparisons, as the instruction numbers them. They are false for NaN, but
// for unordered and those whose names begin with not.
const (
	equal     = 0x00
	unordered = 0x03
	notEqual  = 0x04
	less      = 0x11
	atMost    = 0x12
	notLess   = 0x15
	atLeast   = 0x1d
	more      = 0x1e
)

// choose returns a where x compares so with y, and b elsewhere.
func (s *simd) choose(x Op, how int, y Op, a, b Op) reg.VecVirtual {
	v := s.reg()
	if s.bytes == 64 {
		m := K()
		s.compare(U8(how), y, x, m)
		s.blend512(a, b, m, v)
		return v
	}
	m := s.reg()
	s.compare(U8(how), y, x, m)
	s.blend(m, a, b, v)
	return v
}
