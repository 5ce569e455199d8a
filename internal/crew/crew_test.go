package crew

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cores sets GOMAXPROCS for a test, in which any job is shared.
func cores(t testing.TB, n int) {
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	t.Cleanup(Fix(1))
}

// TestEachPartIsDoneOnce asks for jobs of all sizes, some right after the one
// before, some after the helpers have given up.
func TestEachPartIsDoneOnce(t *testing.T) {
	cores(t, 4)
	var c Crew
	done := make([]int32, 1000)
	for round := range 2000 {
		parts, workers := 1+round%200, 1+round%5
		var busy [5]atomic.Int32
		clear(done)
		c.Do(workers, parts, func(worker, part int) {
			if worker < 0 || worker >= min(workers, parts) {
				t.Errorf("worker %d of %d", worker, workers)
			}
			if busy[worker].Add(1) != 1 {
				t.Errorf("two goroutines are worker %d", worker)
			}
			atomic.AddInt32(&done[part], 1)
			busy[worker].Add(-1)
		})
		for part := range done {
			if want := part < parts; (done[part] == 1) != want || done[part] > 1 {
				t.Fatalf("round %d: part %d of %d was done %d times", round, part, parts, done[part])
			}
		}
		if round%100 == 0 {
			time.Sleep(2 * patience)
		}
	}
}

// TestTheCallerWaits for a helper that takes longer than the caller looks.
func TestTheCallerWaits(t *testing.T) {
	cores(t, 2)
	var c Crew
	for range 5 {
		var helped atomic.Bool
		started := make(chan struct{})
		var once sync.Once // the helper may do both parts
		c.Do(2, 2, func(worker, part int) {
			if worker == 0 {
				<-started // so that the other part is the helper's
				return
			}
			once.Do(func() { close(started) })
			time.Sleep(5 * patience)
			helped.Store(true)
		})
		if !helped.Load() {
			t.Fatal("Do has returned before its helper was done")
		}
	}
}

// TestJobsWithinJobs of many goroutines at a time, each with a crew of its own.
func TestJobsWithinJobs(t *testing.T) {
	cores(t, 4)
	var wait sync.WaitGroup
	var sum atomic.Int64
	for range 8 {
		wait.Go(func() {
			var outer Crew
			inner := make([]Crew, 16)
			for range 50 {
				outer.Do(4, len(inner), func(_, part int) {
					inner[part].Do(4, 10, func(_, i int) { sum.Add(int64(i)) })
				})
			}
		})
	}
	wait.Wait()
	if want := int64(8 * 50 * 16 * 45); sum.Load() != want {
		t.Errorf("the parts sum to %d, want %d", sum.Load(), want)
	}
	if n := active.Load(); n != 0 {
		t.Errorf("%d goroutines still count as active", n)
	}
}

// TestAPanic of the caller's reaches it, and leaves the crew in order.
func TestAPanic(t *testing.T) {
	cores(t, 2)
	var c Crew
	for range 100 {
		func() {
			defer func() {
				if r := recover(); r != "wrong shape" {
					t.Errorf("recovered %v", r)
				}
			}()
			begun := make(chan struct{})
			c.Do(2, 8, func(worker, _ int) {
				if worker == 0 {
					close(begun)
					panic("wrong shape")
				}
				<-begun // else the helper may do all of them
			})
		}()
		var sum atomic.Int64
		c.Do(2, 8, func(_, part int) { sum.Add(int64(part)) })
		if sum.Load() != 28 {
			t.Fatalf("the parts of the next job sum to %d, want 28", sum.Load())
		}
	}
	if n := active.Load(); n != 0 {
		t.Errorf("%d goroutines still count as active", n)
	}
}

// settle waits until the helpers have given up.
func settle(t *testing.T) {
	for range 1000 {
		free := true
		for i := range seats {
			free = free && seats[i].call.Load() == nil
		}
		if free {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("helpers still wait for a call")
}

// TestHelpersEnd when nobody calls.
func TestHelpersEnd(t *testing.T) {
	cores(t, 4)
	settle(t)
	before := runtime.NumGoroutine()
	var c Crew
	c.Do(4, 100, func(_, _ int) { time.Sleep(time.Microsecond) })
	settle(t)
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, and before there were %d", runtime.NumGoroutine(), before)
}

// TestHelpersAreFew: one fewer than cores, however many call.
func TestHelpersAreFew(t *testing.T) {
	cores(t, 3)
	settle(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			crews := make([]Crew, 4)
			for round := range 500 {
				crews[round%len(crews)].Do(3, 6, func(_, _ int) {})
				for i := range seats[2:] {
					if seats[2+i].call.Load() != nil {
						t.Errorf("helper %d of 2 works", 3+i)
						return
					}
				}
			}
		})
	}
	wait.Wait()
}

func TestDoAllocatesNothing(t *testing.T) {
	cores(t, 2)
	var c Crew
	job := func(_, _ int) {}
	if n := testing.AllocsPerRun(1000, func() { c.Do(2, 8, job) }); n > 0.5 {
		t.Errorf("Do allocates %g times", n)
	}
}

// What it costs to share out next to nothing, and some twenty microseconds of work.
func BenchmarkDo(b *testing.B) {
	for name, steps := range map[string]int{"nothing": 0, "work": 10000} {
		b.Run(name, func(b *testing.B) {
			var c Crew
			job := func(_, _ int) {
				for range steps {
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				c.Do(2, 2, job)
			}
		})
	}
}
