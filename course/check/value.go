package check

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// tolerance is relative for large numbers and absolute for small ones: the order
// of additions may differ, the formula may not.
const tolerance = 1e-9

// near says whether two values are equal, numbers to within the tolerance.
func near(got, want any) bool {
	a, aShape, ok := numbers(got)
	b, bShape, also := numbers(want)
	if !ok || !also {
		return reflect.DeepEqual(got, want)
	}
	return slices.Equal(aShape, bShape) && slices.EqualFunc(a, b, nearNumbers)
}

func nearNumbers(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= tolerance*min(max(1, math.Abs(b)), math.MaxFloat64)
}

// numbers returns the numbers of a value that consists of nothing else, and its
// shape.
func numbers(v any) (all []float64, shape []int, ok bool) {
	switch v := v.(type) {
	case float64:
		return []float64{v}, nil, true
	case []float64:
		return v, []int{len(v)}, true
	case [][]float64:
		shape = []int{len(v)}
		for _, row := range v {
			all, shape = append(all, row...), append(shape, len(row))
		}
		return all, shape, true
	case *mat.Dense:
		if v == nil {
			return nil, nil, false
		}
		if v.IsEmpty() {
			return nil, []int{0, 0}, true
		}
		r, c := v.Dims()
		for i := range r {
			all = append(all, v.RawRowView(i)...)
		}
		return all, []int{r, c}, true
	}
	return nil, nil, false
}

// remark says what can be seen of a wrong value without knowing the exercise.
func remark(got, want any) string {
	a, aShape, ok := numbers(got)
	b, bShape, also := numbers(want)
	switch {
	case !ok || !also:
		return "That is not the value."
	case !slices.Equal(aShape, bShape):
		return fmt.Sprintf("The shape is %v and should be %v.", aShape, bShape)
	case slices.ContainsFunc(a, math.IsNaN) && !slices.ContainsFunc(b, math.IsNaN):
		return "There is a NaN: a division 0/0, or the logarithm or root of a negative number."
	case slices.EqualFunc(a, b, func(x, y float64) bool { return nearNumbers(-x, y) }):
		return "The size is right and the sign is wrong."
	}
	return "That is not the value."
}

// show prints a value as a learner wants to read it: six digits, and no more
// than twelve elements.
func show(v any) string { return write(v, "%.6g", 12) }

// exact prints all of it.
func exact(v any) string { return write(v, "%v", math.MaxInt) }

func write(v any, number string, most int) string {
	switch v := v.(type) {
	case float64:
		return fmt.Sprintf(number, v+0) // −0 becomes 0
	case []float64:
		return list(len(v), most, func(i int) string { return write(v[i], number, most) })
	case [][]float64:
		return list(len(v), most, func(i int) string { return write(v[i], number, most) })
	case *mat.Dense:
		if v == nil || v.IsEmpty() {
			return "an empty matrix"
		}
		rows, _ := v.Dims()
		return list(rows, most, func(i int) string { return write(v.RawRowView(i), number, most) })
	case string:
		return fmt.Sprintf("%q", v)
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Slice {
		return list(r.Len(), most, func(i int) string { return write(r.Index(i).Interface(), number, most) })
	}
	return fmt.Sprintf("%+v", v)
}

func list(n, most int, element func(int) string) string {
	var parts []string
	for i := range min(n, most) {
		parts = append(parts, element(i))
	}
	if n > most {
		parts = append(parts, fmt.Sprintf("… %d in all", n))
	}
	return "[" + strings.Join(parts, " ") + "]"
}
