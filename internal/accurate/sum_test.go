package accurate_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/internal/accurate"
)

func TestSumIsRoundedOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var s, products, all accurate.Sum
		var values []float64
		exact, exactProducts := new(big.Float).SetPrec(2200), new(big.Float).SetPrec(2200)
		for range 1000 {
			a, b := math.Ldexp(r.Float64(), r.IntN(40)), math.Ldexp(r.Float64()-0.25, r.IntN(40))
			s.Add(a)
			values = append(values, a)
			exact.Add(exact, big.NewFloat(a))
			products.AddProduct(a, b)
			exactProducts.Add(exactProducts, new(big.Float).SetPrec(200).Mul(big.NewFloat(a), big.NewFloat(b)))
		}
		if want, _ := exact.Float64(); s.Value() != want {
			t.Errorf("the sum is %v, want %v", s.Value(), want)
		}
		var each accurate.Sum
		each.AddEach(values[:10])
		each.AddEach(values[10:])
		if each != s {
			t.Errorf("each added to a sum is %v, one by one %v", each, s)
		}
		all.AddAll(values[:333])
		all.AddAll(values[333:])
		if want, _ := exact.Float64(); math.Abs(all.Value()-want) > 0x1p-52*want {
			t.Errorf("the sum of all is %v, want %v", all.Value(), want)
		}
		if want, _ := exactProducts.Float64(); math.Abs(products.Value()-want) > 0x1p-52*math.Abs(want) {
			t.Errorf("the sum of products is %v, want %v", products.Value(), want)
		}
	}
}

func TestSumOfWhatIsNotFinite(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{1, inf, 2}, inf},
		{[]float64{1, -inf, 2}, -inf},
		{[]float64{math.MaxFloat64, math.MaxFloat64, 1}, inf},
		{[]float64{inf, -inf}, math.NaN()},
		{[]float64{1, math.NaN(), inf}, math.NaN()},
	} {
		var s accurate.Sum
		for _, v := range c.values {
			s.Add(v)
		}
		if got := s.Value(); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("the sum of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

var sink float64

// BenchmarkSum shows what a Sum costs beside a plain loop.
func BenchmarkSum(b *testing.B) {
	v := make([]float64, 1<<12)
	for i := range v {
		v[i] = 0.1 * float64(i%7)
	}
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(int64(8 * len(v)))
		for b.Loop() {
			sum := 0.0
			for _, x := range v {
				sum += x
			}
			sink = sum
		}
	})
	b.Run("accurate", func(b *testing.B) {
		b.SetBytes(int64(8 * len(v)))
		for b.Loop() {
			var sum accurate.Sum
			sum.AddAll(v)
			sink = sum.Value()
		}
	})
}
