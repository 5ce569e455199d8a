package crew

import (
	"math"
	"runtime"
	"sync/atomic"
	"time"
)

// A Rate is how long a unit of some work takes one worker, in nanoseconds. It is
// measured when the work is done. The zero value is not known yet.
type Rate struct{ bits atomic.Uint64 }

// Assume sets what is not known.
func (r *Rate) Assume(nanoseconds float64) { r.bits.Store(math.Float64bits(nanoseconds)) }

// Cost returns what the units cost, in nanoseconds, if the rate is known.
func (r *Rate) Cost(units int) (nanoseconds float64, known bool) {
	rate := math.Float64frombits(r.bits.Load())
	return rate * float64(units), rate > 0
}

// learn takes over a measurement. Other programs can make it larger, but not
// smaller, and so it raises the rate by little at a time.
func (r *Rate) learn(units int, took time.Duration) {
	measured := float64(max(took, 1)) / float64(max(units, 1))
	if rate := math.Float64frombits(r.bits.Load()); rate > 0 {
		measured = min(measured, rate*1.25)
	}
	r.Assume(measured)
}

// A price is how long it takes until a helper has come, as the helpers of late
// have measured it.
type price struct{ bits atomic.Uint64 }

// The prices of helpers that are looking for work, and of those that have to be
// woken or started.
const (
	warm = iota
	cold
)

var prices [2]price

func init() { resetPrices() }

// resetPrices assumes what was measured on some machines.
func resetPrices() {
	prices[warm].set(usual[warm])
	prices[cold].set(usual[cold])
}

var usual = [2]float64{1e3, 20e3}

func (p *price) get() float64  { return math.Float64frombits(p.bits.Load()) }
func (p *price) set(v float64) { p.bits.Store(math.Float64bits(v)) }

// learn moves the price towards what it was this time. A core that others use can
// be late by milliseconds: no more than one of them counts.
func (p *price) learn(took time.Duration) {
	if fixed.Load() == 0 {
		p.set(p.get() + (min(float64(took), 1e6)-p.get())/8)
	}
}

// atLeast is learn where nobody has come yet.
func (p *price) atLeast(took time.Duration) {
	if float64(took) > p.get() {
		p.learn(took)
	}
}

// forget lets a price that keeps jobs from being shared fall, by little, or it
// would never be measured again.
func (p *price) forget(usual float64) {
	if v := p.get(); v > usual && fixed.Load() == 0 {
		p.set(max(usual, v*0.99))
	}
}

const (
	// worthwhile is how many times its price a job must take for each of two
	// workers, so that sharing it never costs.
	worthwhile = 2
	// cheapest is a price for the data that go from core to core, in nanoseconds.
	cheapest = 2500
)

// Worth returns how many of the workers share a job that takes one of them the
// given nanoseconds: as many as have twice as much to do as it takes for a helper
// to come, by what that took of late.
func Worth(workers int, nanoseconds float64) int {
	if workers < 2 {
		return 1
	}
	p, kind := float64(fixed.Load()), warm
	if p == 0 {
		if nanoseconds < 2*worthwhile*cheapest {
			return 1
		}
		if anyLooking() {
			jobs.lost.Store(0)
		} else {
			kind = cold
		}
		p = max(prices[kind].get(), cheapest)
	}
	n := int(min(nanoseconds/(worthwhile*p), float64(workers)))
	if n < 2 {
		prices[kind].forget(usual[kind])
		if kind == warm {
			return 1
		}
		n = int(min(nanoseconds/(worthwhile*max(prices[warm].get(), cheapest)), float64(workers)))
		if n < 2 {
			prices[warm].forget(usual[warm])
			return 1
		}
		if !jobs.pay(nanoseconds, n, time.Since(began)) {
			return 1
		}
	}
	return n
}

// A train is of jobs that follow one another, none of which is worth waking a helper, while each
// would be worth one that looks for work. What they lose without one is added up, and once
// that is several times the price of waking one, they get one: so a train that ends then has
// paid a fraction of its time in vain.
type train struct {
	lost atomic.Int64 // nanoseconds
	last atomic.Int64 // when a job of it began, in nanoseconds
}

var (
	jobs  train
	began = time.Now()
)

// pay adds a job that n workers would share, and reports whether a helper is worth waking. A
// pause in which a helper would have gone to sleep begins another train.
func (t *train) pay(nanoseconds float64, n int, now time.Duration) bool {
	if pause := now - time.Duration(t.last.Swap(int64(now))); pause > patience+time.Duration(nanoseconds) {
		t.lost.Store(0)
	}
	lost := t.lost.Add(int64(nanoseconds * (1 - 1/float64(n))))
	return float64(lost) > timesLost*prices[cold].get()
}

// timesLost is how many times its price waking a helper must have been missed.
const timesLost = 5

// anyLooking says whether a helper looks for work.
func anyLooking() bool {
	for i := range min(runtime.GOMAXPROCS(0)-1, len(seats)) {
		if seats[i].call.Load() == nobody {
			return true
		}
	}
	return false
}

// shared is the number of jobs that were.
var shared atomic.Int64

// Shared returns how many jobs helpers were called for since the program began.
func Shared() int64 { return shared.Load() }

// fixed is a price that tests set; 0 for what is measured.
var fixed atomic.Int64

// Fix sets the price of a helper for tests, until restore is called: one of a
// nanosecond has everything shared, one of an hour nothing.
func Fix(d time.Duration) (restore func()) {
	before := fixed.Swap(int64(d))
	return func() { fixed.Store(before) }
}
