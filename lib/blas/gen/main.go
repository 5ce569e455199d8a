// Command gen writes the assembly of package blas, with avo:
//
//	go generate ./lib/blas
//
// The kernels of one precision differ from those of the other only in the
// names of instructions and the size of an element, which [precision] holds.
package main

import (
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!noasm")
	for _, p := range []*precision{float64s, float32s} {
		p.tileAVX512()
		p.tileAVX2()
		p.transpose()
		p.dot()
		p.dot4()
		p.axpy()
		p.axpy4()
		p.scal()
	}
	Generate()
}

// A precision names the instructions for elements of one size.
type precision struct {
	suffix string // of the functions' names
	typ    string // in Go
	size   int    // of an element in bytes
	shift  uint8  // log₂ size

	move, broadcast, fma, mul, add, compare func(...Op)
	maskMove                                func(...Op)
	moveOne, fmaOne, mulOne, addOne         func(...Op)
	compareOne                              func(a, b Op)
}

var float64s = &precision{
	suffix: "64", typ: "float64", size: 8, shift: 3,
	move: VMOVUPD, broadcast: VBROADCASTSD, fma: VFMADD231PD, mul: VMULPD, add: VADDPD, compare: VCMPPD,
	maskMove: plain(VMASKMOVPD),
	moveOne:  VMOVSD, fmaOne: VFMADD231SD, mulOne: VMULSD, addOne: VADDSD, compareOne: VUCOMISD,
}

var float32s = &precision{
	suffix: "32", typ: "float32", size: 4, shift: 2,
	move: VMOVUPS, broadcast: VBROADCASTSS, fma: VFMADD231PS, mul: VMULPS, add: VADDPS, compare: VCMPPS,
	maskMove: plain(VMASKMOVPS),
	moveOne:  VMOVSS, fmaOne: VFMADD231SS, mulOne: VMULSS, addOne: VADDSS, compareOne: VUCOMISS,
}

// plain gives an instruction without AVX-512 forms the signature of the others.
func plain(f func(a, b, c Op)) func(...Op) {
	return func(ops ...Op) { f(ops[0], ops[1], ops[2]) }
}

// lanes returns how many elements a vector of the given bytes holds.
func (p *precision) lanes(bytes int) int { return bytes / p.size }

// at addresses the i-th element from a pointer.
func (p *precision) at(base reg.Register, i int) Mem {
	return Mem{Base: base, Disp: i * p.size}
}

// function begins a function whose name ends in the precision.
func (p *precision) function(name, signature, doc string) {
	TEXT(name+p.suffix, NOSPLIT, signature)
	Pragma("noescape")
	Doc(strings.Split(name+p.suffix+" "+doc, "\n")...)
}

// stride loads a stride, given in elements, in bytes.
func (p *precision) stride(name string) reg.GPVirtual {
	s := Load(Param(name), GP64()).(reg.GPVirtual)
	SHLQ(U8(p.shift), s)
	return s
}

// zero clears a register of 16 or 32 bytes.
func zero(v reg.Register) { VXORPD(v, v, v) }
