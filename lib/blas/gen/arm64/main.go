// Command arm64 writes the assembly of package blas for arm64, as its neighbour does for
// amd64, without avo, which has no arm64:
//
//	go generate ./lib/blas
//
// A kernel is written with registers that are chosen at the end, in runs of instructions
// without a jump.
package main

import (
	"flag"
	"math"
	"os"
)

func main() {
	out := flag.String("out", "", "the assembly")
	declarations := flag.String("stubs", "", "the declarations in Go")
	flag.Parse()
	write()
	for name, text := range map[string]string{*out: assembly(float64s.constants, float32s.constants), *declarations: stubs()} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			panic(err)
		}
	}
}

// write writes all functions.
func write() {
	for _, p := range []*precision{float64s, float32s} {
		p.tile()
		p.transpose()
		p.dot()
		p.dot4()
		p.axpy()
		p.axpyRows(4)
		p.axpyRows(8)
		p.scal()
		p.elementary()
		p.logisticLoss()
		p.relu()
		p.axpby()
		p.adam()
		p.softmax()
		p.gelu()
		p.normalisation()
		p.gates()
		p.recurrent()
	}
	float64s.dots()
	narrow()
	addNarrow()
}

// A precision is what depends on the size of an element.
type precision struct {
	suffix    string // of the functions' names
	typ       string // in Go
	size      int    // of an element in bytes
	shift     int    // log₂ size
	mantissa  int    // bits after the point
	move      string // of one element
	lane, all string // an element and the arrangement of a vector
	constants *table

	oneBits, halfRootBits uint64    // of 1 and √½
	smallest              float64   // normal number
	expLow, expHigh       float64   // where eˣ is 0 and ∞ for certain
	ln2High, ln2Low       float64   // fdlibm's: many zeros at the end of the first
	terms                 int       // of the series of eʳ
	logSeries             []float64 // fdlibm's
}

var float64s = &precision{
	suffix: "64", typ: "float64", size: 8, shift: 3, mantissa: 52, move: "FMOVD", lane: "D", all: "D2",
	oneBits: math.Float64bits(1), halfRootBits: math.Float64bits(math.Sqrt2 / 2),
	smallest: 0x1p-1022, expLow: -746, expHigh: 710,
	ln2High: 6.93147180369123816490e-01, ln2Low: 1.90821492927058770002e-10, terms: 13,
	logSeries: []float64{
		6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
		1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
	},
}

var float32s = &precision{
	suffix: "32", typ: "float32", size: 4, shift: 2, mantissa: 23, move: "FMOVS", lane: "S", all: "S4",
	oneBits: uint64(math.Float32bits(1)), halfRootBits: uint64(math.Float32bits(math.Sqrt2 / 2)),
	smallest: 0x1p-126, expLow: -105, expHigh: 89,
	ln2High: 6.9313812256e-01, ln2Low: 9.0580006145e-06, terms: 7,
	logSeries: []float64{0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841},
}

func init() {
	for _, p := range []*precision{float64s, float32s} {
		p.constants = &table{precision: p}
	}
}

// lanes returns how many elements a vector holds.
func (p *precision) lanes() int { return 16 / p.size }

// begin starts a function.
func (p *precision) begin(name, signature, doc string) *simd {
	return &simd{precision: p, function: newFunction(name+"NEONx"+p.suffix, signature, doc, p.constants)}
}
