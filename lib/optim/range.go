package optim

import "fmt"

// A Range is the part of θ with the elements Lo ≤ i < Hi.
type Range struct{ Lo, Hi int }

// Span returns the range of size elements from offset. For a model's biases:
//
//	var biases []optim.Range
//	for _, p := range m.Layout() {
//		if !p.Decay {
//			biases = append(biases, optim.Span(p.Offset, p.Size()))
//		}
//	}
func Span(offset, size int) Range { return Range{Lo: offset, Hi: offset + size} }

// Len returns the number of elements.
func (r Range) Len() int { return r.Hi - r.Lo }

// String returns "[Lo,Hi)".
func (r Range) String() string { return fmt.Sprintf("[%d,%d)", r.Lo, r.Hi) }

// checkAscending reports ranges that are turned round, overlap, or do not come
// in the order in which they lie in θ.
func checkAscending(owner string, ranges []Range) error {
	end := 0
	for i, r := range ranges {
		if r.Lo < end || r.Hi < r.Lo {
			return fmt.Errorf("optim: %s's range %d is %v, want ranges that ascend and do not overlap (the one before ends at %d)", owner, i, r, end)
		}
		end = r.Hi
	}
	return nil
}

// checkWithin panics if ranges are malformed or reach beyond dim parameters.
func checkWithin(owner string, ranges []Range, dim int) {
	if err := checkAscending(owner, ranges); err != nil {
		panic(err.Error())
	}
	if n := len(ranges); n > 0 && ranges[n-1].Hi > dim {
		panic(fmt.Sprintf("optim: %s's range %v reaches beyond %d parameters", owner, ranges[n-1], dim))
	}
}

func scale(v []float64, factor float64) {
	for i := range v {
		v[i] *= factor
	}
}
