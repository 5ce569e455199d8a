package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"gonum.org/v1/gonum/blas"
)

// The shapes of a step of training a dense layer, forward and backward.
var steps = []shape{
	{NoTrans, NoTrans, 32, 128, 784, 0}, {Trans, NoTrans, 784, 128, 32, 0}, {NoTrans, Trans, 32, 784, 128, 0},
	{NoTrans, NoTrans, 128, 128, 784, 0}, {Trans, NoTrans, 784, 128, 128, 0}, {NoTrans, Trans, 128, 784, 128, 0},
	{NoTrans, NoTrans, 128, 10, 128, 0}, {Trans, NoTrans, 128, 10, 128, 0}, {NoTrans, Trans, 128, 128, 10, 0},
	{NoTrans, NoTrans, 32, 10, 128, 0}, {Trans, NoTrans, 128, 10, 32, 0}, {NoTrans, Trans, 32, 128, 10, 0},
	{NoTrans, NoTrans, 128, 1, 128, 0}, {NoTrans, NoTrans, 1, 128, 784, 0},
}

// Ten columns with the rows of A 2 kB apart or a multiple of it, which are kept
// in the same lines of a first cache.
var colliding = []shape{
	{NoTrans, NoTrans, 128, 10, 256, 0}, {NoTrans, NoTrans, 128, 10, 512, 0}, {NoTrans, NoTrans, 128, 10, 1024, 0},
}

func BenchmarkGemm(b *testing.B) {
	all := slices.Concat(steps, colliding)
	for _, n := range []int{64, 128, 256, 512, 1024, 2048} {
		all = append(all, shape{NoTrans, NoTrans, n, n, n, 0})
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

// XᵀX, as of Newton's method and of least squares.
func BenchmarkSyrk(b *testing.B) {
	const n, k = 100, 2000
	r := rand.New(rand.NewPCG(1, 1))
	a, c := random[float64](r, n*k), make([]float64, n*n)
	compare(b, "T/100x2000/float64", len(a)*8,
		func() { ours.Dsyrk(blas.Upper, Trans, n, k, 1, a, n, 0, c, n) },
		func() { reference.Dsyrk(blas.Upper, Trans, n, k, 1, a, n, 0, c, n) })
}

// The matrix of a full batch, which does not fit a cache, and one that does.
func BenchmarkGemv(b *testing.B) {
	for _, s := range [][2]int{{200000, 100}, {500, 100}} {
		for _, t := range []Transpose{NoTrans, Trans} {
			name := fmt.Sprintf("%c/%dx%d", t, s[0], s[1])
			benchmarkGemv(b, name, t, s[0], s[1], doubles)
			benchmarkGemv(b, name, t, s[0], s[1], singles)
		}
	}
}

func benchmarkGemv[T element](b *testing.B, name string, t Transpose, m, n int, f routines[T]) {
	r := rand.New(rand.NewPCG(1, 1))
	a, x, y := random[T](r, m*n), random[T](r, m), random[T](r, m)
	compare(b, name+"/"+f.name, m*n*int(unsafe.Sizeof(a[0])),
		func() { f.gemv(t, m, n, 1, a, n, x, 1, 0, y, 1) },
		func() { f.gonumGemv(t, m, n, 1, a, n, x, 1, 0, y, 1) })
}

func BenchmarkVector(b *testing.B) {
	for _, n := range []int{20, 1000, 100000} {
		benchmarkVector(b, n, doubles)
		benchmarkVector(b, n, singles)
	}
}

func benchmarkVector[T element](b *testing.B, n int, f routines[T]) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := random[T](r, n), random[T](r, n)
	name, bytes := fmt.Sprintf("%d/%s", n, f.name), n*int(unsafe.Sizeof(x[0]))
	compare(b, "Dot/"+name, 2*bytes, func() { f.dot(n, x, 1, y, 1) }, func() { f.gonumDot(n, x, 1, y, 1) })
	compare(b, "Axpy/"+name, 2*bytes, func() { f.axpy(n, 1e-9, x, 1, y, 1) }, func() { f.gonumAxpy(n, 1e-9, x, 1, y, 1) })
	compare(b, "Scal/"+name, bytes, func() { f.scal(n, -1, x, 1) }, func() { f.gonumScal(n, -1, x, 1) })
}

// compare measures our routine and gonum's, with the bytes that they read.
func compare(b *testing.B, name string, bytes int, ours, gonum func()) {
	compareWith(b, name, "gonum", bytes, ours, gonum)
}

func compareWith(b *testing.B, name, peer string, bytes int, ours, theirs func()) {
	for side, run := range map[string]func(){"ours": ours, peer: theirs} {
		b.Run(name+"/"+side, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(bytes))
			for b.Loop() {
				run()
			}
		})
	}
}

// Functions of a vector, against loops over package math.
func BenchmarkFunction(b *testing.B) {
	for _, f := range elementaries {
		benchmarkFunction[float64](b, f.name)
		benchmarkFunction[float32](b, f.name)
	}
}

func benchmarkFunction[T float32 | float64](b *testing.B, name string) {
	x := abs(random[T](rand.New(rand.NewPCG(1, 1)), 1000))
	y := make([]T, len(x))
	plain := plainFunctions[T]()
	loop := map[string]func(n int, dst, x *T){
		"Exp": plain.exp, "Log": plain.log, "Tanh": plain.tanh, "Sigmoid": plain.sigmoid, "Softplus": plain.softplus,
	}[name]
	ours := named[T](name)
	compareWith(b, fmt.Sprintf("%s/%T", name, x[0]), "Go", len(x)*int(unsafe.Sizeof(x[0])),
		func() { ours(y, x) }, func() { loop(len(x), &y[0], &x[0]) })
}

// The passes over a layer's outputs, and over its parameters.
func BenchmarkFused(b *testing.B) {
	benchmarkFused[float64](b)
	benchmarkFused[float32](b)
}

func benchmarkFused[T float32 | float64](b *testing.B) {
	const n = 32 * 128
	r, plain := rand.New(rand.NewPCG(1, 1)), plainFunctions[T]()
	x, y, z, v := random[T](r, n), random[T](r, n), random[T](r, n), abs(random[T](r, n))
	bytes, name := n*int(unsafe.Sizeof(x[0])), fmt.Sprintf("/%T", x[0])
	compareWith(b, "ReLU"+name, "Go", bytes, func() { ReLU(y, x) }, func() { plain.relu(n, &y[0], &x[0]) })
	compareWith(b, "ReLUGrad"+name, "Go", 2*bytes, func() { ReLUGrad(y, z, x) }, func() { plain.reluGrad(n, &y[0], &z[0], &x[0]) })
	compareWith(b, "BiasReLU"+name, "Go", bytes, func() { BiasReLU(y, x[:128]) }, func() {
		for i := 0; i < n; i += 128 {
			plain.biasReLU(128, &y[i], &x[0])
		}
	})
	compareWith(b, "Axpby"+name, "Go", 2*bytes, func() { Axpby(0.5, x, 0.5, y) }, func() {
		for i, v := range x {
			y[i] = 0.5*v + 0.5*y[i]
		}
	})
	compareWith(b, "Adam"+name, "Go", 4*bytes, func() { Adam(y, x, z, v, 0.9, 0.99, 1e-3, 1, 1e-8, 1) }, func() {
		for i, g := range x {
			z[i] = 0.9*z[i] + 0.1*g
			v[i] = 0.99*v[i] + 0.01*g*g
			y[i] -= 1e-3 * z[i] / (T(math.Sqrt(float64(v[i]))) + 1e-8)
		}
	})
}
