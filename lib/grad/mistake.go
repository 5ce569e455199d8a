package grad

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A mistake is an error of the program that writes a graph. Operations panic with
// it.
type mistake struct{ text string }

func (m *mistake) Error() string { return m.text }

// fail panics with a sentence that names the operation and the line of the program
// that asked for it.
func fail(op, format string, args ...any) {
	panic(&mistake{fmt.Sprintf("grad: %s at %s: ", op, caller()) + fmt.Sprintf(format, args...)})
}

// catch turns a mistake into an error.
func catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case *mistake:
		*err = p
	default:
		panic(p)
	}
}

// caller returns the file and the line that called into this package.
func caller() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.Function, "/lib/grad.") {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		if !more {
			return "?"
		}
	}
}

// dims writes a shape as Go and NumPy do: (32, 784).
func dims(shape []int) string {
	s := make([]string, len(shape))
	for i, n := range shape {
		s[i] = fmt.Sprint(n)
	}
	return "(" + strings.Join(s, ", ") + ")"
}

func validShape(shape []int) bool {
	return !slices.ContainsFunc(shape, func(n int) bool { return n < 0 })
}

// axis returns the number of an axis, of which a negative one counts from the end.
func (n *Node) axis(op string, axis int) int {
	a := axis
	if a < 0 {
		a += len(n.shape)
	}
	if a < 0 || a >= len(n.shape) {
		fail(op, "%v has no axis %d", n, axis)
	}
	return a
}

// axes returns a mask of the given axes, or of all if none is given.
func (n *Node) axes(op string, list []int) []bool {
	mask := make([]bool, len(n.shape))
	for _, axis := range list {
		a := n.axis(op, axis)
		if mask[a] {
			fail(op, "axis %d is given twice", axis)
		}
		mask[a] = true
	}
	if len(list) == 0 {
		for a := range mask {
			mask[a] = true
		}
	}
	return mask
}
