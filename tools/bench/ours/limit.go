package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/tools/bench/side"
)

// read goes once through Samples numbers on all cores, in the plainest way that
// is vectorised: the dot product of each core's share with itself.
func read(a side.Args) (side.Task, error) {
	x := made(a.Samples)
	cores := runtime.GOMAXPROCS(0)
	sums := make([]float64, cores)
	run := func() {
		onAll(func(i int) {
			part := x[i*len(x)/cores : (i+1)*len(x)/cores]
			sums[i] = blas.Implementation{}.Ddot(len(part), part, 1, part, 1)
		})
	}
	return side.Task{Run: run, Check: func() []float64 {
		run()
		return sums
	}}, nil
}

// multiplyAdd keeps the multiply-add units of all cores busy for Samples rounds
// in registers. What came out is the number of operations on float64.
func multiplyAdd(a side.Args) (side.Task, error) {
	run := func() { onAll(func(int) { fma(a.Samples) }) }
	return side.Task{Run: run, Check: func() []float64 {
		run()
		return []float64{float64(a.Samples) * fmaOperations() * float64(runtime.GOMAXPROCS(0))}
	}}, nil
}

// onAll runs f on as many goroutines as there are cores to use.
func onAll(f func(i int)) {
	var wg sync.WaitGroup
	for i := range runtime.GOMAXPROCS(0) {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// growth is gradient descent on data that are made up, Samples×Features. What
// came out is the most memory that the process has had, in bytes.
func growth(a side.Args) (side.Task, error) {
	x := mat.NewDense(a.Samples, a.Features, made(a.Samples*a.Features))
	y := mat.NewDense(a.Samples, 1, nil)
	for i := range a.Samples {
		if x.At(i, 0) > 0 {
			y.Set(i, 0, 1)
		}
	}
	task := fitTask(model.NewLogistic(a.Features), x, y, options(a))
	return side.Task{Run: task.Run, Check: func() []float64 {
		task.Run()
		return []float64{peak()}
	}}, nil
}

// made returns n numbers between −½ and ½ (a Weyl sequence), in no more memory
// than they take.
func made(n int) []float64 {
	x := make([]float64, n)
	v := 0.0
	for i := range x {
		v += 0.6180339887498949
		if v > 0.5 {
			v--
		}
		x[i] = v
	}
	return x
}

// peak returns the largest resident size of the process. Linux has it in
// /proc; what getrusage says there begins with the size of the process that
// started this one.
func peak() float64 {
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(text), "VmHWM:")
		var kilobytes float64
		if _, err := fmt.Sscan(rest, &kilobytes); err == nil {
			return 1024 * kilobytes
		}
	}
	return maxResident()
}
