package crew

import (
	"math"
	"testing"
	"time"
)

// A job is shared by as many as have twice the price of a helper to do each.
func TestWorth(t *testing.T) {
	cores(t, 8)
	settle(t) // so that helpers have to be woken
	for _, test := range []struct {
		fixed   time.Duration
		workers int
		cost    float64
		want    int
	}{
		{50 * time.Microsecond, 2, 3e3, 1},
		{50 * time.Microsecond, 2, 199e3, 1},
		{50 * time.Microsecond, 2, 200e3, 2},
		{50 * time.Microsecond, 64, 200e3, 2},
		{50 * time.Microsecond, 64, 1e6, 10},
		{50 * time.Microsecond, 64, 1e9, 64},
		{50 * time.Microsecond, 1, 1e9, 1},
		{0, 2, 9e3, 1}, // data do not go from core to core for nothing
	} {
		Fix(test.fixed)
		if got := Worth(test.workers, test.cost); got != test.want {
			t.Errorf("%g ns among %d, at %v: %d workers, want %d", test.cost, test.workers, test.fixed, got, test.want)
		}
	}
}

// TestOnPaper: whatever a job costs and however many cores there are, to share it takes no longer than not to. Each worker
// has an equal share, comes after the price, and costs the caller 200 ns, in which a line of memory goes to another core and
// back twice.
func TestOnPaper(t *testing.T) {
	cores(t, 64)
	const hail = 200.0
	for _, price := range []time.Duration{cheapest, 20 * time.Microsecond, 80 * time.Microsecond} {
		Fix(price)
		for _, workers := range []int{2, 8, 64} {
			for cost := 1e3; cost < 1e9; cost *= 1.1 {
				if n := float64(Worth(workers, cost)); n > 1 {
					if took := cost/n + float64(price) + (n-1)*hail; took > cost {
						t.Errorf("%g ns shared by %g of %d workers at %v take %g ns", cost, n, workers, price, took)
					}
				}
			}
		}
	}
}

// What a part takes is measured, and from then on decides.
func TestSmallJobsAreNotShared(t *testing.T) {
	cores(t, 2)
	var c Crew
	job := func(_, _ int) {}
	count := func() int64 {
		before := Shared()
		for range 100 {
			c.Do(2, 8, job)
		}
		return Shared() - before
	}
	Fix(time.Hour)
	c.rate.Assume(1e3)
	if n := count(); n != 0 {
		t.Errorf("%d of 100 jobs were shared that take less than their price", n)
	}
	Fix(1)
	if n := count(); n != 100 {
		t.Errorf("%d of 100 jobs were shared that take more than their price", n)
	}
	if cost, known := c.rate.Cost(8); !known || cost > 8e3 {
		t.Errorf("8 parts of nothing cost %g ns", cost)
	}
}

// A rate follows what is measured downwards, and upwards by little at a time.
func TestRate(t *testing.T) {
	var r Rate
	if _, known := r.Cost(1); known {
		t.Error("a rate is known before it was measured")
	}
	for _, step := range []struct{ took, want float64 }{{1000, 100}, {500, 50}, {1e6, 62.5}, {1e6, 78.125}, {700, 70}} {
		r.learn(10, time.Duration(step.took))
		if got, _ := r.Cost(1); math.Abs(got-step.want) > 1e-9 {
			t.Errorf("the rate is %g after %g ns, want %g", got, step.took, step.want)
		}
	}
}

// A price follows what it was, and falls while nothing is shared.
func TestPrice(t *testing.T) {
	t.Cleanup(resetPrices)
	resetPrices()
	p := &prices[cold]
	for range 100 {
		p.learn(80 * time.Microsecond)
	}
	if v := p.get(); math.Abs(v-80e3) > 100 {
		t.Errorf("the price is %g ns where it always was 80 µs", v)
	}
	p.learn(time.Second)
	if v := p.get(); v > 200e3 {
		t.Errorf("one helper that was late has made the price %g", v)
	}
	p.atLeast(time.Microsecond)
	for range 1000 {
		p.forget(usual[cold])
	}
	if v := p.get(); v != usual[cold] {
		t.Errorf("the price is %g ns, want %g", v, usual[cold])
	}
}

// TestTrain: jobs that are too small to wake a helper for get one when they have missed
// several times its price, not before, and not if they come one at a time.
func TestTrain(t *testing.T) {
	cores(t, 2)
	resetPrices()
	t.Cleanup(resetPrices)
	const job = 60e3 // of which a helper takes half, for 20 µs
	var close, apart train
	now := time.Second
	for i := range 10 {
		now += time.Duration(job)
		want := 30e3*float64(i+1) > timesLost*usual[cold]
		if got := close.pay(job, 2, now); got != want {
			t.Errorf("after %d jobs in a row a helper is worth waking: %v, want %v", i+1, got, want)
		}
		if apart.pay(job, 2, time.Duration(i+1)*time.Second) {
			t.Errorf("after %d jobs a second apart a helper is worth waking", i+1)
		}
	}
}
