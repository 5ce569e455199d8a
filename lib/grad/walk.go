package grad

import "slices"

// A walk goes through the elements of up to three tensors at the same time, in runs.
// A step of 0 stays at an element, which is how a tensor is repeated along an axis.
type walk struct {
	dims  []int    // lengths, the last being that of a run
	steps [3][]int // of each tensor, along each axis
	start [3]int   // the first element of each
}

// newWalk returns the walk over shape with the given steps of each tensor; nil for
// one that is not there. Axes that lie in memory one after the other are made one.
func newWalk(shape []int, steps ...[]int) *walk {
	w := &walk{}
	for axis, n := range shape {
		if n == 1 {
			continue
		}
		last := len(w.dims) - 1
		joins := last >= 0
		for k, s := range steps {
			joins = joins && (s == nil || w.steps[k][last] == s[axis]*n)
		}
		if !joins {
			w.dims = append(w.dims, 1)
			last++
		}
		w.dims[last] *= n
		for k := range w.steps {
			step := 0
			if k < len(steps) && steps[k] != nil {
				step = steps[k][axis]
			}
			w.steps[k] = append(w.steps[k][:last], step)
		}
	}
	if len(w.dims) == 0 {
		w.dims = []int{1}
		for k := range w.steps {
			w.steps[k] = []int{1}
		}
	}
	return w
}

// each calls f for each run of n elements, with the place of the first one in each
// tensor.
func (w *walk) each(f func(n int, at [3]int)) {
	if slices.Contains(w.dims, 0) {
		return
	}
	var index [maxRank]int
	last := len(w.dims) - 1
	at := w.start
	for {
		f(w.dims[last], at)
		axis := last - 1
		for ; axis >= 0; axis-- { // as a mileage counter
			index[axis]++
			for k := range at {
				at[k] += w.steps[k][axis]
			}
			if index[axis] < w.dims[axis] {
				break
			}
			for k := range at {
				at[k] -= w.steps[k][axis] * index[axis]
			}
			index[axis] = 0
		}
		if axis < 0 {
			return
		}
	}
}

// next moves on within a run.
func (w *walk) next(at [3]int) [3]int {
	last := len(w.dims) - 1
	for k := range at {
		at[k] += w.steps[k][last]
	}
	return at
}

// step returns how far tensor k moves within a run.
func (w *walk) step(k int) int { return w.steps[k][len(w.dims)-1] }

// strides returns the steps of a tensor that lies in memory row by row.
func strides(shape []int) []int {
	s, step := make([]int, len(shape)), 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		s[axis] = step
		step *= shape[axis]
	}
	return s
}

// repeated returns the steps with which a tensor of shape from is repeated to fill
// shape: NumPy's broadcasting.
func repeated(from, shape []int) []int {
	own, s := strides(from), make([]int, len(shape))
	ahead := len(shape) - len(from)
	for axis, n := range from {
		if n != 1 {
			s[ahead+axis] = own[axis]
		}
	}
	return s
}

// broadcast returns the shape to which both can be repeated. An axis of length 1, or
// one that is missing in front, is repeated.
func broadcast(a, b []int) (shape []int, ok bool) {
	shape = make([]int, max(len(a), len(b)))
	for i := range shape {
		m, n := 1, 1
		if j := len(a) - 1 - i; j >= 0 {
			m = a[j]
		}
		if j := len(b) - 1 - i; j >= 0 {
			n = b[j]
		}
		if m != n && m != 1 && n != 1 {
			return nil, false
		}
		if m == 1 {
			m = n
		}
		shape[len(shape)-1-i] = m
	}
	return shape, true
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// set copies n elements of src to dst, with these steps.
func set[T element](dst []T, to int, src []T, from, n int) {
	switch {
	case to == 1 && from == 1:
		copy(dst[:n], src[:n])
	case to == 1 && from == 0:
		for i, v := 0, src[0]; i < n; i++ {
			dst[i] = v
		}
	default:
		for i := range n {
			dst[i*to] = src[i*from]
		}
	}
}

// plus adds c times n elements of src to dst, with these steps.
func plus[T element](dst []T, to int, c T, src []T, from, n int) {
	switch {
	case to == 1 && from == 1:
		dst, src = dst[:n], src[:n]
		for i, v := range src {
			dst[i] += c * v
		}
	case to == 0 && from == 1:
		dst[0] += c * T(total(src[:n]))
	default:
		for i := range n {
			dst[i*to] += c * src[i*from]
		}
	}
}

// total adds up in float64, whatever the precision, in four sums.
func total[T element](v []T) float64 {
	var a, b, c, d float64
	for len(v) >= 4 {
		a += float64(v[0])
		b += float64(v[1])
		c += float64(v[2])
		d += float64(v[3])
		v = v[4:]
	}
	for _, x := range v {
		a += float64(x)
	}
	return (a + b) + (c + d)
}

// dot is the sum of products, in float64.
func dot[T element](a, b []T) float64 {
	s := 0.0
	b = b[:len(a)]
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}
