package rows

import "github.com/descent-go/descent/internal/crew"

// Parts divides rows among the cores. What is summed over the rows is summed for
// each part, in blocks that stay in a cache, and the sums are added in the order
// of the parts. The division depends on the data alone, and so the result does not
// depend on the number of cores.
type Parts struct {
	lo, hi int
	part   int // rows of each part but the last
	block  int // rows of each block but the last of a part
	crew   crew.Crew
	work   func(worker, part, lo, hi int)
	run    func(worker, part int) // share, bound once
}

// Set divides the rows from lo to hi into parts of part rows, and these into
// blocks of block rows.
func (p *Parts) Set(lo, hi, part, block int) { p.lo, p.hi, p.part, p.block = lo, hi, part, block }

// Count returns the number of parts.
func (p *Parts) Count() int { return (p.hi - p.lo + p.part - 1) / p.part }

// Do calls work for each block: those of a part one after the other, parts on as
// many cores as workers says at most. It allocates only at first, if work is a func
// that is kept.
func (p *Parts) Do(workers int, work func(worker, part, lo, hi int)) {
	if p.run == nil {
		p.run = p.share
	}
	p.work = work
	p.crew.Do(workers, p.Count(), p.run)
}

func (p *Parts) share(worker, part int) {
	end := min(p.lo+(part+1)*p.part, p.hi)
	for lo := p.lo + part*p.part; lo < end; lo += p.block {
		p.work(worker, part, lo, min(lo+p.block, end))
	}
}

// smallWork is the number of matrix elements below which it is not worth while
// to share.
const smallWork = 1 << 15

// Workers returns how many of all workers take part in work on n elements.
func Workers(all, elements int) int {
	if elements < smallWork {
		return 1
	}
	return all
}
