package train

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A team divides work into parts, which workers take in turn, each on a
// goroutine. What a part computes must depend on the part alone; then the
// result does not depend on the number of cores. A team is used again and again
// and allocates only at first.
type team struct {
	work   func(worker, part int)
	parts  int
	next   atomic.Int64
	wait   sync.WaitGroup
	starts []func()
}

// newTeam returns a team with a worker for each core.
func newTeam(work func(worker, part int)) *team {
	t := &team{work: work}
	for worker := range runtime.GOMAXPROCS(0) {
		t.starts = append(t.starts, func() {
			t.take(worker)
			t.wait.Done()
		})
	}
	return t
}

// do has all parts worked on, by this goroutine alone if the work is small.
func (t *team) do(parts int, small bool) {
	t.parts = parts
	t.next.Store(0)
	helpers := min(len(t.starts), parts) - 1
	if small {
		helpers = 0
	}
	t.wait.Add(helpers)
	for _, start := range t.starts[1 : helpers+1] {
		go start()
	}
	t.take(0)
	t.wait.Wait()
}

func (t *team) take(worker int) {
	for {
		part := int(t.next.Add(1)) - 1
		if part >= t.parts {
			return
		}
		t.work(worker, part)
	}
}

// smallWork is the number of matrix elements below which it is not worth while
// to start goroutines.
const smallWork = 1 << 17
