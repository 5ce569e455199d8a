//go:build (!amd64 && !arm64) || noasm

package blas

// HasKernels says whether there are kernels at all. What only they reach is not linked without them:
// a page downloads it.
const HasKernels = false

// available64 returns the sets of kernels that this CPU runs, the best first.
func available64() []kernels[float64] { return []kernels[float64]{plain[float64]()} }

// available32 returns the sets of kernels that this CPU runs, the best first.
func available32() []kernels[float32] { return []kernels[float32]{plain[float32]()} }
