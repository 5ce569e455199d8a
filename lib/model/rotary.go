package model

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// rotary turns queries and keys by an angle that grows with their position, so that
// their product depends on how far they are apart. Component j of the first half of
// a vector of d numbers and component j of the second are a point of the plane,
//
//	(aⱼ, bⱼ) ← (aⱼ cos φ − bⱼ sin φ, bⱼ cos φ + aⱼ sin φ),  φ = position·base^(−2j/d)
//
// This is the order of GPT-NeoX, and of Llama in transformers. The paper, and the code
// published with Llama, pair neighbours instead, 2j and 2j+1, which is the same up to
// the order of the columns of the weights.
//
// Source: Su, Lu, Pan, Murtadha, Wen and Liu, RoFormer: Enhanced Transformer with
// Rotary Position Embedding, 2021.
type rotary[T element] struct {
	half          int // ½d
	cos, sin, nis []T // of each position and component; nis is −sin
}

func newRotary[T element](base float64, d, positions int) (*rotary[T], error) {
	if !(base > 1) || !number.IsFinite(base) {
		return nil, fmt.Errorf("has rotary positions with base %g, want a number above 1, such as 10000, or 0 for none", base)
	}
	if d%2 != 0 {
		return nil, fmt.Errorf("has heads of %d numbers, which rotary positions cannot pair: use another number of heads", d)
	}
	r := &rotary[T]{half: d / 2, cos: make([]T, positions*d/2), sin: make([]T, positions*d/2), nis: make([]T, positions*d/2)}
	for i := range r.cos {
		position, j := i/r.half, i%r.half
		sin, cos := math.Sincos(float64(position) * math.Pow(base, -2*float64(j)/float64(d)))
		r.cos[i], r.sin[i], r.nis[i] = T(cos), T(sin), T(-sin)
	}
	return r, nil
}

// turn turns the first n heads of each row of x, stride apart, whose positions count
// from first for each sample: forwards, or back.
func (r *rotary[T]) turn(x []T, stride, n, tokens, first int, back bool) {
	sin := r.sin
	if back {
		sin = r.nis
	}
	for i := 0; i*stride < len(x); i++ {
		at := (first + i%tokens) * r.half
		for head := range n {
			v := x[i*stride+head*2*r.half:]
			blas.Rotate(v[:r.half], v[r.half:2*r.half], r.cos[at:at+r.half], sin[at:at+r.half])
		}
	}
}
