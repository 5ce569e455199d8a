package model

import (
	"runtime"

	"github.com/descent-go/descent/internal/rows"
)

// Shares divide the numbers of a layer among the cores, where each number, or each group of
// them, depends on no other. What comes out does not depend on the number of cores.
type shares struct {
	parts rows.Parts // of the groups
	group int
	work  func(lo, hi int)
	run   func(worker, part, lo, hi int) // part, bound once
}

const (
	// shareNumbers is the least that is shared: vectors of kernels end at its multiples.
	shareNumbers = 1 << 11
	maxShares    = 32
)

// do calls work for all of the numbers, in groups of group that are not divided. It allocates
// only at first, if work is a func that is kept.
func (s *shares) do(all, group int, work func(lo, hi int)) {
	workers := rows.Workers(runtime.GOMAXPROCS(0), all)
	if workers == 1 {
		work(0, all)
		return
	}
	if s.run == nil {
		s.run = s.part
	}
	s.group, s.work = max(group, 1), work
	count := all / s.group
	size, least := (count+maxShares-1)/maxShares, max(shareNumbers/s.group, 1)
	size = (size + least - 1) / least * least
	s.parts.Set(0, count, size, size)
	s.parts.Do(workers, s.run)
}

func (s *shares) part(_, _, lo, hi int) { s.work(lo*s.group, hi*s.group) }
