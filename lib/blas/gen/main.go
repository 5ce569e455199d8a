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

	"github.com/descent-go/descent/lib/blas/gen/numbers"
)

func main() {
	ConstraintExpr("!noasm")
	for _, p := range []*precision{float64s, float32s} {
		p.tileAVX512()
		p.tallAVX512()
		p.tileAVX2()
		p.transpose()
		p.dot()
		p.dot4()
		p.axpy()
		p.axpy4()
		p.axpy8()
		p.scal()
		p.functions(64)
		p.functions(32)
		p.relu()
		p.reluGrad()
		p.biasReLU()
		p.axpby()
		p.adam(32)
		p.addRuns()
		p.maxSquares()
		p.maxSquaresGrad()
		p.logisticLoss(64)
		p.logisticLoss(32)
		for _, bytes := range []int{64, 32} {
			p.maximum(bytes)
			p.expScaled(bytes)
			p.softmaxGrad(bytes)
			p.gelu(bytes)
			p.geluGrad(bytes)
			p.squares(bytes)
			p.normalize(bytes)
			p.normalizeGrad(bytes)
			p.center(bytes)
			p.normalSums(bytes)
			p.centerScaled(bytes)
			p.normalColumns(bytes)
			p.swiGLU(bytes)
			p.swiGLUGrad(bytes)
			p.rotate(bytes)
			p.lstm(bytes)
			p.lstmGrad(bytes)
			p.gru(bytes)
			p.gruGrad(bytes)
		}
		p.plusTo()
	}
	float32s.lookupTile(2)
	float32s.lookupTile(3)
	narrow()
	addNarrow()
	float64s.dots()
	float64s.adam(64)
	adamNarrow(64)
	adamNarrow(32)
	for _, bytes := range []int{64, 32} {
		float64s.pointLosses(bytes)
		float64s.steps(bytes)
		float64s.toClasses(bytes)
		float64s.fromClasses(bytes)
		float64s.softmaxLoss(bytes, false)
		float64s.softmaxLoss(bytes, true)
		float64s.softmaxClass(bytes)
		float64s.rivals(bytes)
	}
	float64s.sumProducts()
	float64s.addProducts()
	Generate()
}

// A precision names the instructions for elements of one size.
type precision struct {
	numbers.Precision

	suffix string // of the functions' names
	typ    string // in Go
	size   int    // of an element in bytes
	shift  uint8  // log₂ size

	move, broadcast, fma, mul, add, compare func(...Op)
	maskMove                                func(...Op)
	moveOne, fmaOne, mulOne, addOne         func(...Op)
	fmaBroadcast                            func(...Op)
	stages                                  []stage // of a transposition
	compareOne                              func(a, b Op)

	sub, div, max, min, sqrt func(...Op)
	fma213, fnma, scalef     func(...Op) // b·c+a → c, c−a·b → c, c·2ᵇ
	addInteger, left, right  func(...Op)
	equalBits                func(...Op)
	blend                    func(mask, a, b, to Op)
	blend512                 func(...Op)
}

var float64s = &precision{
	suffix: "64", typ: "float64", size: 8, shift: 3,
	move: VMOVUPD, broadcast: VBROADCASTSD, fma: VFMADD231PD, mul: VMULPD, add: VADDPD, compare: VCMPPD,
	maskMove: plain(VMASKMOVPD),
	moveOne:  VMOVSD, fmaOne: VFMADD231SD, mulOne: VMULSD, addOne: VADDSD, compareOne: VUCOMISD,
	fmaBroadcast: VFMADD231PD_BCST,
	stages:       []stage{{1, VUNPCKLPD, VUNPCKHPD}, {2, quarters(0x88), quarters(0xdd)}, {4, quarters(0x88), quarters(0xdd)}},

	sub: VSUBPD, div: VDIVPD, max: VMAXPD, min: VMINPD, sqrt: VSQRTPD,
	fma213: VFMADD213PD, fnma: VFNMADD231PD, scalef: VSCALEFPD,
	addInteger: VPADDQ, left: VPSLLQ, right: VPSRLQ, equalBits: VPCMPEQQ,
	blend: VBLENDVPD, blend512: VBLENDMPD,
	Precision: numbers.Float64,
}

var float32s = &precision{
	suffix: "32", typ: "float32", size: 4, shift: 2,
	move: VMOVUPS, broadcast: VBROADCASTSS, fma: VFMADD231PS, mul: VMULPS, add: VADDPS, compare: VCMPPS,
	maskMove: plain(VMASKMOVPS),
	moveOne:  VMOVSS, fmaOne: VFMADD231SS, mulOne: VMULSS, addOne: VADDSS, compareOne: VUCOMISS,
	fmaBroadcast: VFMADD231PS_BCST,
	stages:       []stage{{2, VUNPCKLPS, VUNPCKHPS}, {1, VUNPCKLPS, VUNPCKHPS}, {4, quarters(0), quarters(3)}},

	sub: VSUBPS, div: VDIVPS, max: VMAXPS, min: VMINPS, sqrt: VSQRTPS,
	fma213: VFMADD213PS, fnma: VFNMADD231PS, scalef: VSCALEFPS,
	addInteger: VPADDD, left: VPSLLD, right: VPSRLD, equalBits: VPCMPEQD,
	blend: VBLENDVPS, blend512: VBLENDMPS,
	Precision: numbers.Float32,
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

// zero clears a register.
func zero(v reg.Register) { VXORPD(v, v, v) }
