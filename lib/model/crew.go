package model

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A crew does the parts of a job on all cores. Who does which part is left to
// chance, so a part must depend on nothing but its number.
type crew struct {
	job   func(part int)
	parts int
	next  atomic.Int64
	wait  sync.WaitGroup
	help  func() // made once, since to start a goroutine with arguments allocates
}

// do calls job for each part and returns when all are done. The job should be
// a func that is kept: a new one is an allocation.
func (c *crew) do(parts int, job func(part int)) {
	helpers := min(parts, runtime.GOMAXPROCS(0)) - 1
	if helpers < 1 {
		for part := range parts {
			job(part)
		}
		return
	}
	if c.help == nil {
		c.help = func() {
			c.work()
			c.wait.Done()
		}
	}
	c.job, c.parts = job, parts
	c.next.Store(0)
	c.wait.Add(helpers)
	for range helpers {
		go c.help()
	}
	c.work()
	c.wait.Wait()
}

// work takes parts until none is left.
func (c *crew) work() {
	for {
		part := int(c.next.Add(1)) - 1
		if part >= c.parts {
			return
		}
		c.job(part)
	}
}

// share returns the elements lo ≤ i < hi of n that belong to a part.
func share(part, parts, n int) (lo, hi int) { return part * n / parts, (part + 1) * n / parts }
