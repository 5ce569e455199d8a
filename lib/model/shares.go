package model

import (
	"runtime"

	"github.com/descent-go/descent/internal/crew"
)

// Shares divide the numbers of a layer among the cores, where each number, or each group of
// them, depends on no other. What comes out does not depend on the number of cores.
type shares struct {
	crew      crew.Crew
	rate      crew.Rate // of a number
	size, all int       // of a share, and of all
	work      func(lo, hi int)
	run       func(worker, part int) // part, bound once
}

const (
	// fewNumbers are not worth a second core.
	fewNumbers = 1 << 14
	// shareNumbers is the least that is shared: vectors of kernels end at its multiples.
	shareNumbers = 1 << 11
	maxShares    = 32
)

// do calls work for all of the numbers, in groups of group that are not divided. It allocates
// only at first, if work is a func that is kept.
func (s *shares) do(all, group int, work func(lo, hi int)) {
	workers := runtime.GOMAXPROCS(0)
	if all < fewNumbers || workers == 1 {
		work(0, all)
		return
	}
	size := max((all+maxShares-1)/maxShares, shareNumbers)
	if group > 1 {
		size = (size + group - 1) / group * group
	} else {
		size = (size + shareNumbers - 1) / shareNumbers * shareNumbers
	}
	s.all, s.size, s.work = all, size, work
	if s.run == nil {
		s.run = s.part
	}
	s.crew.DoRated(&s.rate, workers, (all+size-1)/size, all, s.run)
}

func (s *shares) part(_, number int) {
	lo := number * s.size
	s.work(lo, min(lo+s.size, s.all))
}
