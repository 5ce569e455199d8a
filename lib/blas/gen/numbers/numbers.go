// Package numbers has what elementary functions are computed with, the same for every
// kind of processor.
package numbers

import "math"

// A Precision has the numbers for elements of one size.
type Precision struct {
	OneBits, HalfRootBits uint64    // of 1 and √½
	Smallest              float64   // normal number
	ExpLow, ExpHigh       float64   // where eˣ is 0 and ∞ for certain
	Ln2High, Ln2Low       float64   // fdlibm's: many zeros at the end of the first
	ExpSeries             []float64 // 1/2!, 1/3!, … of eʳ
	LogSeries             []float64 // fdlibm's
}

var Float64 = Precision{
	OneBits: math.Float64bits(1), HalfRootBits: math.Float64bits(math.Sqrt2 / 2),
	Smallest: 0x1p-1022, ExpLow: -746, ExpHigh: 710,
	Ln2High: 6.93147180369123816490e-01, Ln2Low: 1.90821492927058770002e-10, ExpSeries: expSeries(13),
	LogSeries: []float64{
		6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
		1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
	},
}

var Float32 = Precision{
	OneBits: uint64(math.Float32bits(1)), HalfRootBits: uint64(math.Float32bits(math.Sqrt2 / 2)),
	Smallest: 0x1p-126, ExpLow: -105, ExpHigh: 89,
	Ln2High: 6.9313812256e-01, Ln2Low: 9.0580006145e-06, ExpSeries: expSeries(7),
	LogSeries: []float64{0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841},
}

// expSeries returns 1/2! to 1/n!.
func expSeries(n int) (c []float64) {
	factorial := 1.0
	for i := 2; i <= n; i++ {
		factorial *= float64(i)
		c = append(c, 1/factorial)
	}
	return c
}

// Those of GELU, ½x(1 + tanh(GELUScale·(x + GELUCube·x³))).
const (
	GELUScale = 0.7978845608028654 // √(2/π)
	GELUCube  = 0.044715
)
