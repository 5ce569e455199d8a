package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// blockSets calls test for each set of kernels that has those of blocks.
func blockSets(t *testing.T, test func(t *testing.T)) {
	forEachSet(t, func(t *testing.T) {
		if !declinedBy(t, !Blocks(), withoutPointLosses...) {
			test(t)
		}
	})
}

func TestBlocksAreTurned(t *testing.T) {
	blockSets(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, rows := range []int{8, 16, 24, 64} {
			for n := 1; n < 35; n++ {
				stride := n + n%3
				x := random[float64](r, (rows-1)*stride+n)
				b := make(Block, BlockLen(rows, n))
				b.ToClasses(x, stride, rows, n)
				for i := range rows {
					for j := range n {
						if b[j*rows+i] != x[i*stride+j] {
							t.Fatalf("%d rows of %d: row %d, class %d is wrong", rows, n, i, j)
						}
					}
				}
				back := slices.Repeat([]float64{7}, len(x))
				b.FromClasses(back, stride, rows, n)
				for i, v := range back {
					want := x[i]
					if i%stride >= n {
						want = 7
					}
					if v != want {
						t.Fatalf("%d rows of %d: element %d is %g, want %g", rows, n, i, v, want)
					}
				}
			}
		}
	})
}

// plainSoftmax is what kernels on blocks compute for one row, with the exponential and the logarithm
// of the present set.
func plainSoftmax(f, a []float64, scale float64, divergence bool) (l float64, d []float64) {
	top, at := math.Inf(-1), 0
	for j, v := range f {
		if v > top {
			top, at = v, j
		}
	}
	d, rest, logs := make([]float64, len(f)), 0.0, make([]float64, len(f))
	for j, v := range f {
		d[j] = v - top
	}
	Exp(d, d)
	d[at] = 1
	for j, e := range d {
		if j != at {
			rest += e
		}
	}
	u := []float64{1 + rest}
	logZ := []float64{0}
	Log(logZ, u)
	if exact := u[0] - 1; exact == 0 {
		logZ[0] = rest
	} else if exact != rest {
		logZ[0] *= rest / exact
	}
	if Log(logs, a); !divergence {
		clear(logs)
	}
	mass := 0.0
	for j, v := range a {
		if v != 0 {
			l += float64(v * (logs[j] + logZ[0] - (f[j] - top)))
			mass += v
		}
	}
	for j, e := range d {
		d[j] = (float64(mass*(e/u[0])) - a[j]) * scale
	}
	return l, d
}

// plainRival is Block.Rivals for one row.
func plainRival(f []float64, own int) (top float64, rival int) {
	top, rival = math.Inf(-1), -1
	for j, v := range f {
		if j != own && (rival < 0 || v > top || math.IsNaN(v)) {
			top, rival = v, j
		}
	}
	return top, rival
}

// TestBlockLosses compares the kernels with the plain rows, bit by bit.
func TestBlockLosses(t *testing.T) {
	odd := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e308, -1e308, 700, -659.5, -660.5, -745, 1e-310}
	equals := func(a, b float64) bool { return bits(a) == bits(b) || math.IsNaN(a) && math.IsNaN(b) }
	blockSets(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for trial := range 600 {
			rows, n, spread := 8*(1+r.IntN(5)), 2+r.IntN(20), []float64{0.5, 5, 400}[trial%3]
			f, a, own, scale := make(Block, BlockLen(rows, n)), make(Block, BlockLen(rows, n)), make([]float64, rows), random[float64](r, rows)
			for i := range f {
				f[i], a[i] = spread*r.NormFloat64(), max(0, r.NormFloat64())
				if trial%5 == 0 && r.IntN(4) == 0 {
					f[i] = odd[r.IntN(len(odd))]
				}
			}
			for i := range own {
				own[i] = float64(r.IntN(n))
			}
			room := SoftmaxRows{Loss: make([]float64, rows), Scale: scale, Top: make([]float64, rows), LogZ: make([]float64, rows)}
			one := make(Block, len(a))
			for i, y := range own {
				one[int(y)*rows+i] = 1
			}
			for _, k := range []struct {
				name       string
				run        func(d Block)
				a          Block
				divergence bool
			}{
				{"SoftmaxLoss", func(d Block) { d.SoftmaxLoss(f, a, n, room) }, a, false},
				{"SoftmaxDivergence", func(d Block) { d.SoftmaxDivergence(f, a, n, room) }, a, true},
				{"SoftmaxClass", func(d Block) { d.SoftmaxClass(f, own, n, room) }, one, false},
			} {
				d := make(Block, len(f))
				k.run(d)
				for i := range rows {
					row, shares := make([]float64, n), make([]float64, n)
					for j := range n {
						row[j], shares[j] = f[j*rows+i], k.a[j*rows+i]
					}
					l, want := plainSoftmax(row, shares, scale[i], k.divergence)
					if !equals(room.Loss[i], l) {
						t.Fatalf("%s: the loss of %v is %v, want %v", k.name, row, room.Loss[i], l)
					}
					for j, v := range want {
						if !equals(d[j*rows+i], v) {
							t.Fatalf("%s: the gradient of class %d of %v is %v, want %v", k.name, j, row, d[j*rows+i], v)
						}
					}
				}
			}
			top, rival := make([]float64, rows), make([]float64, rows)
			f.Rivals(top, rival, own, n)
			for i, y := range own {
				row := make([]float64, n)
				for j := range n {
					row[j] = f[j*rows+i]
				}
				if v, j := plainRival(row, int(y)); !equals(top[i], v) || rival[i] != float64(j) {
					t.Fatalf("the rival of class %g in %v is %v of class %g, want %v of %d", y, row, top[i], rival[i], v, j)
				}
			}
		}
	})
}

// TestWrongBlocks: a kernel would read what is not there.
func TestWrongBlocks(t *testing.T) {
	b, x, few := make(Block, 64), make([]float64, 80), make([]float64, 8)
	room := SoftmaxRows{Loss: few, Scale: few, Top: few, LogZ: few}
	for i, wrong := range []func(){
		func() { b.ToClasses(x, 10, 7, 8) }, func() { b.ToClasses(x, 10, 16, 8) }, func() { b.ToClasses(x, 8, 8, 9) },
		func() { b.ToClasses(x[:60], 8, 8, 8) }, func() { b.FromClasses(x, 7, 8, 8) }, func() { b.FromClasses(x, 8, 0, 8) },
		func() { b.SoftmaxLoss(b, b[:63], 8, room) }, func() { b.SoftmaxDivergence(b[:8], b, 8, room) },
		func() { b.SoftmaxClass(b, few[:7], 8, room) }, func() { b.SoftmaxClass(b, few, 9, room) },
		func() { b.Rivals(few, few, few, 1) }, func() { b.Rivals(few, few, few, 9) },
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			wrong()
		})
	}
}
