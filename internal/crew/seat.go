package crew

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A seat is a helper's, from its start to its end. There are no more of them than
// cores beside the caller's: a goroutine too many is worse than one too few.
type seat struct {
	call atomic.Pointer[Crew] // that the helper is to work for next, or nobody, busy or nil
	core int                  // on which the helper was started
	help func()               // serve, bound once: to start a goroutine with arguments allocates
	_    [40]byte             // a line of memory for each
}

var (
	seats  [256]seat
	nobody = new(Crew) // has called yet: the helper looks for work
	busy   = new(Crew) // the helper has work
	// and nil: there is no helper
)

// call asks so many helpers to come: first those who look for work or are on
// their way, then new ones, and those on their way to a job that needs no more. It
// returns the kind of price: warm if the first were enough.
func call(c *Crew, helpers int) (kind int) {
	all := seats[:min(runtime.GOMAXPROCS(0)-1, len(seats))]
	for i := range all {
		s := &all[i]
		// A look first: to exchange what need not be would take the seat's line of memory from its core.
		if has := s.call.Load(); has == c || has == nobody && s.call.CompareAndSwap(nobody, c) {
			if helpers--; helpers == 0 {
				return warm
			}
		}
	}
	started := false
	for i := range all {
		s := &all[i]
		other := s.call.Load()
		switch {
		case other == busy || other == c || other != nil && !other.full():
			continue
		case !s.call.CompareAndSwap(other, c):
			continue
		case other == nil:
			s.start()
			started = true
		}
		if helpers--; helpers == 0 {
			break
		}
	}
	if started {
		go nothing()
		yield() // to a helper that waits for this core
	}
	return cold
}

// start starts the helper of a seat that the caller has taken.
func (s *seat) start() {
	if s.help == nil {
		s.help = s.serve
	}
	s.core = core()
	go s.help()
}

// nothing is a goroutine to be made after the helpers. What is made last, Go's
// scheduler keeps back for a while, in case that its maker stops and can do it
// next; others are taken by idle threads at once.
func nothing() {}

// serve works for the crew that has called, and then for those that call in the
// time after. Linux may begin the thread on the core of the caller, though
// another one is idle, and leave both there for tens of milliseconds.
func (s *seat) serve() {
	if here := core(); here >= 0 && here == s.core {
		move(here)
	}
	for kind := cold; ; kind = warm {
		c := s.call.Swap(busy)
		worker, ok := c.join()
		if ok {
			active.Add(1)
			prices[kind].learn(time.Since(c.called))
			c.work(worker)
			active.Add(-1)
		}
		s.call.Store(nobody) // before the caller can go on, and call again
		if ok {
			c.leave()
		}
		if !until(func() bool { return s.call.Load() != nobody }) && s.call.CompareAndSwap(nobody, nil) {
			return
		}
	}
}

// patience is how long a goroutine looks before it sleeps: a few times what it
// takes to wake one.
const patience = 200 * time.Microsecond

// until looks until something is so, or patience ends: then it returns false.
// In between it lets other threads of this core go first, and now and then
// goroutines that are ready to run.
func until(so func() bool) bool {
	start := time.Now()
	yielded, scheduled := time.Duration(0), time.Duration(0)
	for looks := 1; ; looks++ {
		if so() {
			return true
		}
		for range 32 { // a pause, in which the core's other thread has the core
		}
		if looks%32 != 0 {
			continue
		}
		waited := time.Since(start)
		if waited > patience {
			return false
		}
		if waited-yielded > patience/50 { // a call of the system, in which nothing is seen
			yield()
			yielded = waited
		}
		if waited-scheduled > patience/8 {
			scheduled = waited
			runtime.Gosched()
		}
	}
}
