package main

import (
	"iter"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/stream"
)

// columns is the number of numbers in a row: the features, and the target last.
const columns = 32

// features is the number of features.
const features = columns - 1

// truth returns the parameters from which targets are made: the intercept first.
func truth() []float64 {
	theta := make([]float64, 1+features)
	for j := range theta {
		theta[j] = float64(j*37%64-32) / 64
	}
	return theta
}

// row writes row i of the data of a seed: a pure function of both.
//
// The features are multiples of 2⁻¹⁴ between −2 and 2. Rows 2k and 2k+1 have the same
// features x, and the targets θ₀ + x·θ + e and θ₀ + x·θ − e. With the parameters θ in
// multiples of 2⁻⁶ no number rounds. So Xᵀe is exactly 0, and the least-squares solution
// of all rows is exactly θ: a closed form, whatever the features are.
func row(dst []float64, seed, i uint64, theta []float64) {
	pair, bits := i>>1, uint64(0)
	y := theta[0]
	for j := range columns {
		if j%4 == 0 {
			bits = mix(seed ^ mix(pair*columns+uint64(j)))
		}
		v := float64(int16(bits)) / (1 << 14)
		bits >>= 16
		if j == features { // e
			if i&1 == 1 {
				v = -v
			}
			dst[j] = y + v
			return
		}
		dst[j] = v
		y += float64(theta[1+j] * v)
	}
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom
// Number Generators, 2014).
func mix(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// generated returns a source of rows that are made as they are asked for.
func generated(rows int, seed uint64, size int) stream.Source {
	return func(int) iter.Seq2[stream.Batch, error] {
		return func(yield func(stream.Batch, error) bool) {
			x, y := mat.NewDense(size, features, nil), mat.NewDense(size, 1, nil)
			theta, one := truth(), make([]float64, columns)
			for lo := 0; lo < rows; lo += size {
				n := min(size, rows-lo)
				for i := range n {
					row(one, seed, uint64(lo+i), theta)
					copy(x.RawRowView(i), one)
					y.Set(i, 0, one[features])
				}
				b := stream.Batch{X: x, Y: y}
				if n < size {
					b = stream.Batch{X: x.Slice(0, n, 0, features), Y: y.Slice(0, n, 0, 1).(*mat.Dense)}
				}
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

// classes turns targets into classes: 1 above θ₀.
func classes(b stream.Batch) (stream.Batch, error) {
	y := mat.DenseCopyOf(b.Y)
	y.Apply(func(_, _ int, v float64) float64 {
		if v > truth()[0] {
			return 1
		}
		return 0
	}, y)
	b.Y = y
	return b, nil
}

// newModel returns the model of all runs, at 0.
func newModel() *model.Linear { return model.NewLinear(features, 1) }

// difference is the largest difference of parameters, relative to the largest of them.
func difference(got, want []float64) float64 {
	largest, size := 0.0, 0.0
	for j, v := range want {
		largest, size = max(largest, math.Abs(got[j]-v)), max(size, math.Abs(v))
	}
	return largest / size
}
