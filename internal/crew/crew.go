// Package crew shares the parts of a job among the cores.
//
// To wake a sleeping core takes tens of microseconds: as long as a product of a
// step of training. So a goroutine that has helped looks for more work for a
// while before it ends, and who gives work gives it to those first. What nobody
// comes for in time the caller does alone. What takes no longer than a helper
// takes to come, both as measured, is not given away at all.
package crew

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A Crew does one job at a time, on the goroutine that asks for it and on
// helpers. The zero value is ready. It allocates only at first.
type Crew struct {
	job    func(worker, part int)
	shares []share // of the workers
	state  atomic.Int64
	wake   chan struct{}
	rate   Rate         // of jobs without another
	busy   atomic.Int64 // nanoseconds that the workers have worked
	called time.Time    // when the helpers were

	units   int // of the job
	learner *Rate
}

// A share is what one worker does, unless another is done sooner. Parts go to the
// same workers each time, so that what they worked on last is still in the
// cache of their core.
type share struct {
	next atomic.Int64 // the part to be taken next
	end  int64
	_    [48]byte // a line of memory for each
}

// The state of a crew is the number of helpers at work, plus place for each that
// may still come, plus asleep if the caller wants to be woken.
const (
	place  = 1 << 20
	asleep = 1 << 40

	atWork = place - 1
	places = asleep - place
)

// active is the number of goroutines that work for any crew. A job within a job
// finds all cores taken and is done by its caller.
var active atomic.Int64

// Do calls job(worker, part) for 0 ≤ part < parts and returns when all are
// done. At most so many workers take part; they are numbered from 0, the
// caller. Each has an equal share of the parts, one after the other, and then
// takes from those who are not done yet, so that what a part computes must
// depend on its number alone. The job should be a func that is kept: a new one
// is an allocation.
//
// The crew measures how long a part takes. Where that is known, a job that is not
// worth the helpers is done by its caller: see [Worth].
func (c *Crew) Do(workers, parts int, job func(worker, part int)) {
	c.DoRated(&c.rate, workers, parts, parts, job)
}

// DoRated is Do for a job of the given number of units, with a rate that is the caller's: where
// one crew has jobs of many kinds, or parts of many sizes.
func (c *Crew) DoRated(rate *Rate, workers, parts, units int, job func(worker, part int)) {
	helpers := int64(min(workers, parts)) - 1
	if helpers > 0 {
		helpers = min(helpers, int64(runtime.GOMAXPROCS(0))-1-active.Load())
	}
	if helpers < 1 {
		for part := range parts {
			job(0, part)
		}
		return
	}
	start := time.Now()
	if cost, known := rate.Cost(units); known {
		helpers = int64(Worth(int(helpers)+1, cost)) - 1
	}
	if helpers < 1 {
		for part := range parts {
			job(0, part)
		}
		rate.learn(units, time.Since(start))
		return
	}
	if c.wake == nil {
		c.wake = make(chan struct{}, 1)
	}
	c.job, c.called, c.units, c.learner = job, start, units, rate
	c.busy.Store(0)
	c.divide(parts, int(helpers)+1)
	c.state.Store(helpers * place)
	shared.Add(1)
	kind := call(c, int(helpers))
	active.Add(1)
	defer c.end() // also of a job that panics
	c.work(0)
	if c.state.Load()&places == helpers*place { // nobody has come so far
		prices[kind].atLeast(time.Since(start))
	}
}

// divide gives each worker its share.
func (c *Crew) divide(parts, workers int) {
	if cap(c.shares) < workers {
		c.shares = make([]share, workers)
	}
	c.shares = c.shares[:workers]
	for w := range c.shares {
		c.shares[w].next.Store(int64(w * parts / workers))
		c.shares[w].end = int64((w + 1) * parts / workers)
	}
}

// work takes parts until none is left, the worker's own share first.
func (c *Crew) work(worker int) {
	start := time.Now()
	for i := range c.shares {
		s := &c.shares[(worker+i)%len(c.shares)]
		for part := s.next.Add(1) - 1; part < s.end; part = s.next.Add(1) - 1 {
			c.job(worker, int(part))
		}
	}
	c.busy.Add(int64(time.Since(start)))
}

// end ends the caller's part in a job.
func (c *Crew) end() {
	active.Add(-1)
	c.wait()
	c.learner.learn(c.units, time.Duration(c.busy.Load()))
	c.job, c.learner = nil, nil
}

// wait lets nobody come any more, and returns when all helpers are done.
func (c *Crew) wait() {
	if c.state.And(^places)&atWork == 0 {
		return
	}
	if until(func() bool { return c.state.Load()&atWork == 0 }) {
		return
	}
	if c.state.Or(asleep)&atWork != 0 {
		<-c.wake
	}
}

// join makes the goroutine one of the crew, unless it comes too late.
func (c *Crew) join() (worker int, ok bool) {
	for {
		s := c.state.Load()
		left := s & places
		if left == 0 {
			return 0, false
		}
		if c.state.CompareAndSwap(s, s-place+1) {
			return int(left / place), true
		}
	}
}

// full says whether nobody can join.
func (c *Crew) full() bool { return c.state.Load()&places == 0 }

func (c *Crew) leave() {
	if s := c.state.Add(-1); s&asleep != 0 && s&atWork == 0 {
		c.wake <- struct{}{}
	}
}
