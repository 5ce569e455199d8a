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
	"os"

	"github.com/descent-go/descent/lib/blas/gen/numbers"
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
	numbers.Precision

	suffix    string // of the functions' names
	typ       string // in Go
	size      int    // of an element in bytes
	shift     int    // log₂ size
	mantissa  int    // bits after the point
	move      string // of one element
	lane, all string // an element and the arrangement of a vector
	constants *table
}

var float64s = &precision{
	suffix: "64", typ: "float64", size: 8, shift: 3, mantissa: 52, move: "FMOVD", lane: "D", all: "D2",
	Precision: numbers.Float64,
}

var float32s = &precision{
	suffix: "32", typ: "float32", size: 4, shift: 2, mantissa: 23, move: "FMOVS", lane: "S", all: "S4",
	Precision: numbers.Float32,
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
