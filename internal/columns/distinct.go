package columns

import (
	"math"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/order"
	"github.com/descent-go/descent/internal/rows"
)

// fewCodes bounds the whole numbers from 0 on that are looked up in a table.
const fewCodes = 1 << 10

// A set is the values of a column: whole numbers from 0 on in a table, as most
// categories are, and a list of the others, where one may be several times.
type set struct {
	codes  [fewCodes]bool
	others []float64
	enough int // others, to look for some that are the same
}

func (s *set) add(v float64) {
	// Compared by their bits, so that −0 is not 0.
	if k := uint(int(v)); k < fewCodes && math.Float64bits(float64(k)) == math.Float64bits(v) {
		s.codes[k] = true
		return
	}
	if len(s.others) > s.enough {
		s.compact()
		s.enough = max(fewCodes, 2*len(s.others))
	}
	s.others = append(s.others, v)
}

func (s *set) compact() {
	order.Sort(s.others)
	s.others = slices.Compact(s.others)
}

// values returns the distinct values in ascending order.
func (s *set) values() []float64 {
	for k, found := range s.codes {
		if found {
			s.others = append(s.others, float64(k))
		}
	}
	s.compact()
	return slices.Clip(s.others)
}

// Distinct returns the distinct values of each column in ascending order. x must
// not contain NaN.
func Distinct(x blas64.General) [][]float64 {
	const together = 8 // columns, whose tables and lines of memory a cache holds
	distinct := make([][]float64, x.Cols)
	workers := rows.Workers(runtime.GOMAXPROCS(0), x.Rows*x.Cols)
	parts := max(min(workers, x.Cols), (x.Cols+together-1)/together)
	new(crew.Crew).Do(workers, parts, func(_, part int) {
		lo, hi := part*x.Cols/parts, (part+1)*x.Cols/parts
		sets := make([]set, hi-lo)
		for i := range x.Rows {
			for k, v := range x.Data[i*x.Stride+lo : i*x.Stride+hi] {
				sets[k].add(v)
			}
		}
		for k := range sets {
			distinct[lo+k] = sets[k].values()
		}
	})
	return distinct
}

// A Finder finds the place of a value in a list of distinct, ascending values.
type Finder struct {
	levels []float64
	codes  []int32 // of whole numbers from 0 on
}

// Unknown is the place of a value that a Finder does not have.
const Unknown = -1

// NewFinder returns a Finder for levels.
func NewFinder(levels []float64) *Finder {
	f := &Finder{levels: levels}
	for place, v := range levels {
		if k := int(v); 0 <= k && k < fewCodes && float64(k) == v {
			for len(f.codes) <= k {
				f.codes = append(f.codes, Unknown)
			}
			f.codes[k] = int32(place)
		}
	}
	return f
}

// Find returns the place of v, or Unknown.
func (f *Finder) Find(v float64) int32 {
	if k := uint(int(v)); k < uint(len(f.codes)) && float64(k) == v {
		return f.codes[k]
	}
	if place, found := slices.BinarySearch(f.levels, v); found {
		return int32(place)
	}
	return Unknown
}
