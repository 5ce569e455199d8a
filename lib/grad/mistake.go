package grad

import (
	"fmt"
	"os"
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
	at := here()
	panic(&mistake{fmt.Sprintf("grad: %s at %s: ", op, at) + fmt.Sprintf(format, args...) + at.quote()})
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

// A place is where the program called into this package: the callers, of whom the first one
// outside of the package is looked up when it is needed.
type place [16]uintptr

func here() (p place) {
	runtime.Callers(2, p[:])
	return p
}

// String returns the name of the file and the line.
func (p place) String() string {
	file, line := p.find()
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}

// quote returns what is written there, if the file can be read: in a notebook, the number of a line
// is that of a program which nobody sees.
func (p place) quote() string {
	file, line := p.find()
	text, err := os.ReadFile(file)
	lines := strings.Split(string(text), "\n")
	if err != nil || line < 1 || line > len(lines) {
		return ""
	}
	return ", in `" + strings.TrimSpace(lines[line-1]) + "`"
}

func (p place) find() (file string, line int) {
	frames := runtime.CallersFrames(p[:])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.Function, "/lib/grad.") || !more {
			return f.File, f.Line
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
