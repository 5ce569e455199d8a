// Package checktest tests the exercises of the course: that each check calls
// the solution right, an untouched starter not yet done, and typical wrong
// answers wrong with the reply that was written for them.
//
// A test of an exercise says what the answers are, and nothing else:
//
//	func TestMomentumStep(t *testing.T) {
//		e := checktest.New(t, check.MomentumStep)
//		e.Right(momentumStep)
//		e.Wrong("theta moves with the old velocity", func(theta, b, grad []float64, alpha, mu float64) { … })
//		e.Wrong("theta moves uphill", func(theta, b, grad []float64, alpha, mu float64) { … })
//	}
//
// When the test ends, checktest has seen the solution and two wrong answers
// with different replies, or the test fails.
package checktest

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/descent-go/descent/check"
)

// An Exercise is the check of an exercise under test. F is the type of the
// learner's function.
type Exercise[F any] struct {
	t       testing.TB
	check   func(F) check.Answer
	right   int
	replies map[string]bool
}

// New begins the test of an exercise with its starter, which must be not yet
// done. Progress goes to a file of the test's own.
func New[F any](t testing.TB, c func(F) check.Answer) *Exercise[F] {
	t.Helper()
	t.Setenv(check.ProgressVariable, filepath.Join(t.TempDir(), "progress"))
	t.Setenv(check.GradeVariable, "")
	e := &Exercise[F]{t: t, check: c, replies: map[string]bool{}}
	if a := c(starter[F]()); a.State != check.NotDone {
		t.Errorf("the starter is %v, want not yet done:\n%v", a.State, a)
	}
	t.Cleanup(func() {
		if e.right == 0 || len(e.replies) < 2 {
			t.Errorf("%d right and %d wrong answers are tested, want at least 1 and 2", e.right, len(e.replies))
		}
	})
	return e
}

// starter returns a function that panics as a starter does.
func starter[F any]() F {
	todo := func([]reflect.Value) []reflect.Value { panic("TODO") }
	return reflect.MakeFunc(reflect.TypeFor[F](), todo).Interface().(F)
}

// Right tests a function that is right: the solution, or another way to it.
func (e *Exercise[F]) Right(f F) {
	e.t.Helper()
	e.right++
	if a := e.check(f); a.State != check.Right {
		e.t.Errorf("a right answer is %v:\n%v", a.State, a)
	}
}

// Wrong tests a wrong function, whose reply must have the given words. Each
// wrong answer must have other words.
func (e *Exercise[F]) Wrong(reply string, f F) {
	e.t.Helper()
	if e.replies[reply] {
		e.t.Errorf("two wrong answers are to have the same reply %q", reply)
	}
	e.replies[reply] = true
	a := e.check(f)
	if a.State != check.NotRight {
		e.t.Errorf("a wrong answer is %v, want the reply %q", a.State, reply)
	}
	if reply == "" || !strings.Contains(a.Reply, reply) {
		e.t.Errorf("the reply is not %q:\n%v", reply, a)
	}
}
