package grad_test

import (
	"github.com/descent-go/descent/lib/grad"
	"testing"
)

func BenchmarkProf(b *testing.B) {
	f := step(must[*grad.Model](b)(grad.NewModel(784, 1, leNet)), 64)
	for b.Loop() {
		f()
	}
}
func BenchmarkProf32(b *testing.B) {
	f := step(must[*grad.Model](b)(grad.NewModel32(784, 1, leNet)), 64)
	for b.Loop() {
		f()
	}
}
