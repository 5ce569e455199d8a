package tune

import (
	"context"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// parallel calls f for 0 … n−1, workers at a time, and yields the results in
// the goroutine of the caller as they come. A result that came when ctx had
// ended is not yielded. Leaving the loop ends the context of the calls that
// still run. No goroutine is left after the loop.
func parallel[T any](ctx context.Context, n, workers int, f func(ctx context.Context, i int) T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		type result struct {
			i     int
			value T
		}
		ctx, cancel := context.WithCancel(ctx)
		results := make(chan result)
		var next atomic.Int64
		var wg sync.WaitGroup
		for range min(workers, n) {
			wg.Go(func() {
				for ctx.Err() == nil {
					i := int(next.Add(1)) - 1
					if i >= n {
						return
					}
					if v := f(ctx, i); ctx.Err() == nil {
						results <- result{i, v}
					}
				}
			})
		}
		go func() {
			wg.Wait()
			close(results)
		}()
		defer func() {
			cancel()
			for range results { // those that were on their way
			}
		}()
		for r := range results {
			if !yield(r.i, r.value) {
				return
			}
		}
	}
}

// protect calls f and turns a panic into an error.
func protect[T any](f func() (T, error)) (v T, err error) {
	done := make(chan struct{})
	err = errGoexit // unless f comes back
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				err = &PanicError{r, debug.Stack()}
			}
		}()
		v, err = f()
	}()
	<-done
	return v, err
}

// workerCount returns the number of goroutines for a setting where 0 means all cores.
func workerCount(workers int) int {
	if workers == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return workers
}
