// Work does what tools/instructions counts: work TASK SIZE REPETITIONS. It is built for
// arm64 with and without assembly.
package main

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/optim"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "work:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("there are %d arguments, want a task, a size and a number of repetitions", len(args))
	}
	size, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	repeat, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	begin, ok := tasks[args[0]]
	if !ok {
		return fmt.Errorf("there is no task %q", args[0])
	}
	debug.SetGCPercent(-1) // its instructions are not those of the task
	task := begin(size)
	for range repeat {
		task()
	}
	return nil
}

// tasks prepare something of a size and return what is counted.
var tasks = map[string]func(n int) func(){
	"product64": func(n int) func() { return product64(n, n, n) },
	"product32": func(n int) func() { return product32(n, n, n) },
	"layer64":   func(n int) func() { return product64(64, n, n) },
	"layer32":   func(n int) func() { return product32(64, n, n) },
	"ten64":     func(n int) func() { return product64(128, n, 10) },
	"vector64": func(n int) func() {
		a, x, y := values[float64](n*n), values[float64](n), make([]float64, n)
		return func() {
			blas.Gemv(blas.NoTrans, 1, blas64.General{Rows: n, Cols: n, Stride: n, Data: a},
				blas64.Vector{N: n, Inc: 1, Data: x}, 0, blas64.Vector{N: n, Inc: 1, Data: y})
		}
	},
	"exp64":     each(blas.Exp[float64]),
	"exp32":     each(blas.Exp[float32]),
	"sigmoid64": each(blas.Sigmoid[float64]),
	"sigmoid32": each(blas.Sigmoid[float32]),
	"tanh64":    each(blas.Tanh[float64]),
	"tanh32":    each(blas.Tanh[float32]),
	"adam64": func(n int) func() {
		theta, grad, adam := values[float64](n), values[float64](n), optim.NewAdam()
		adam.Init(n)
		return func() { adam.Step(theta, grad, 1e-3) }
	},
}

// product64 multiplies an m×k matrix and a k×n one.
func product64(m, k, n int) func() {
	matrix := func(rows, cols int) blas64.General {
		return blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: values[float64](rows * cols)}
	}
	a, b, c := matrix(m, k), matrix(k, n), matrix(m, n)
	return func() { blas.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 0, c) }
}

// product32 is product64 for float32.
func product32(m, k, n int) func() {
	blas32.Use(blas.Implementation{})
	matrix := func(rows, cols int) blas32.General {
		return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: values[float32](rows * cols)}
	}
	a, b, c := matrix(m, k), matrix(k, n), matrix(m, n)
	return func() { blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 0, c) }
}

// each is a function of many numbers.
func each[T float32 | float64](f func(dst, x []T)) func(n int) func() {
	return func(n int) func() {
		x, y := values[T](n), make([]T, n)
		return func() { f(y, x) }
	}
}

// values returns n numbers between −4 and 4.
func values[T float32 | float64](n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(4 * math.Sin(float64(i)))
	}
	return x
}
