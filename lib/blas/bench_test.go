package blas

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// The shapes of a step of training a dense layer, forward and backward.
var steps = []shape{
	{NoTrans, NoTrans, 32, 128, 784, 0}, {Trans, NoTrans, 784, 128, 32, 0}, {NoTrans, Trans, 32, 784, 128, 0},
	{NoTrans, NoTrans, 128, 128, 784, 0}, {Trans, NoTrans, 784, 128, 128, 0}, {NoTrans, Trans, 128, 784, 128, 0},
	{NoTrans, NoTrans, 128, 10, 128, 0}, {Trans, NoTrans, 128, 10, 128, 0}, {NoTrans, Trans, 128, 128, 10, 0},
}

func BenchmarkGemm(b *testing.B) {
	all := steps
	for _, n := range []int{64, 128, 256, 512, 1024, 2048} {
		all = append(all[:len(all):len(all)], shape{NoTrans, NoTrans, n, n, n, 0})
	}
	for _, s := range all {
		name := fmt.Sprintf("%c%c/%dx%dx%d", s.tA, s.tB, s.m, s.k, s.n)
		benchmarkGemm(b, name, s, doubles)
		benchmarkGemm(b, name, s, singles)
	}
}

func benchmarkGemm[T element](b *testing.B, name string, s shape, f routines[T]) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y, z, lda, ldb, ldc := matrices[T](r, s)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, runtime.GOMAXPROCS(0)} {
		runtime.GOMAXPROCS(cores)
		for _, side := range []string{"ours", "gonum"} {
			gemm := f.gemm
			if side == "gonum" {
				gemm = f.gonumGemm
			}
			b.Run(fmt.Sprintf("%s/%s/%d/%s", name, f.name, cores, side), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					gemm(s.tA, s.tB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, z, ldc)
				}
				work := 2 * float64(s.m) * float64(s.n) * float64(s.k) * float64(b.N)
				b.ReportMetric(work/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
