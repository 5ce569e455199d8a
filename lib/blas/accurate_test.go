package blas

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// cancelling returns numbers of very different sizes whose products nearly cancel.
func cancelling(r *rand.Rand, n int) (x, y []float64) {
	x, y = make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = math.Ldexp(r.NormFloat64(), r.IntN(40))
		y[i] = math.Ldexp(r.NormFloat64(), r.IntN(40))
	}
	for i := range n / 2 {
		x[n-1-i], y[n-1-i] = x[i]*(1+0x1p-40), -y[i]
	}
	return x, y
}

func exactSum(x, y []float64) *big.Float {
	sum := new(big.Float).SetPrec(400)
	for i, v := range x {
		p := new(big.Float).SetPrec(400).Mul(big.NewFloat(v), big.NewFloat(y[i]))
		sum.Add(sum, p)
	}
	return sum
}

// wantTwice wants high + low to differ from a sum by what twice the precision
// rounds, given the sum of the absolute values.
func wantTwice(t *testing.T, what string, high, low float64, want *big.Float, size float64, n int) {
	t.Helper()
	got := new(big.Float).SetPrec(400).SetFloat64(high)
	got.Add(got, new(big.Float).SetFloat64(low))
	d, _ := got.Sub(got, want).Float64()
	if bound := float64(4*(n+2)*(n+2)) * 0x1p-106 * size; math.Abs(d) > bound {
		t.Errorf("%s of %d: off by %g, want at most %g", what, n, d, bound)
	}
}

func TestProductsInTwiceThePrecision(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for n := range 70 {
			x, y := cancelling(r, n)
			size := 0.0
			for i, v := range x {
				size += math.Abs(v * y[i])
			}
			high, low := SumProducts(x, y)
			wantTwice(t, "sum", high, low, exactSum(x, y), size, n)

			// Column i gets the same products, row by row.
			highs, lows := make([]float64, n), make([]float64, n)
			const rows = 20
			as, aLows, all := make([]float64, rows), make([]float64, rows), make([][]float64, rows)
			for k := range rows {
				all[k], _ = cancelling(r, n)
				as[k] = r.NormFloat64()
				aLows[k] = as[k] * 0x1p-54 * r.Float64()
				if k >= rows/2 {
					all[k], as[k] = all[k-rows/2], -as[k-rows/2]
				}
				AddProducts(highs, lows, as[k], aLows[k], all[k])
			}
			for i := range n {
				var u, v []float64
				size := 0.0
				for k := range rows {
					u, v = append(u, all[k][i], all[k][i]), append(v, as[k], aLows[k])
					size += math.Abs(all[k][i] * as[k])
				}
				wantTwice(t, "column", highs[i], lows[i], exactSum(u, v), size, rows)
			}
		}
	})
}

func TestProductsInTwiceThePrecisionOfOtherLengths(t *testing.T) {
	for _, f := range []func(){
		func() { SumProducts(make([]float64, 2), make([]float64, 3)) },
		func() { AddProducts(make([]float64, 2), make([]float64, 3), 1, 0, make([]float64, 2)) },
		func() { AddProducts(make([]float64, 2), make([]float64, 2), 1, 0, make([]float64, 3)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		}()
	}
}
