// Package checktest tests the checks of the exercises: each check must accept
// the solution, report an untouched starter as not yet done, and answer
// typical mistakes with their specific replies.
//
// A test of an exercise lists right and wrong answers:
//
//	func TestMomentumStep(t *testing.T) {
//		e := checktest.New(t, check.MomentumStep)
//		e.Right(momentumStep)
//		e.Wrong("theta moves with the old velocity", func(theta, b, grad []float64, alpha, mu float64) { … })
//		e.Wrong("theta moves uphill", func(theta, b, grad []float64, alpha, mu float64) { … })
//	}
//
// Each test must include the solution and two wrong answers with different
// replies. A right answer must pass with any random cases; one that knows
// only the fixed cases, such as a table of them, must fail.
package checktest

import (
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/internal/draws"
)

// An Exercise is the check of an exercise under test. F is the type of the
// learner's function.
type Exercise[F any] struct {
	t       testing.TB
	check   func(F) check.Answer
	right   int
	replies map[string]bool
}

// New begins the test of an exercise and checks that its starter is not yet
// done. Progress goes to a temporary file.
func New[F any](t testing.TB, c func(F) check.Answer) *Exercise[F] {
	t.Helper()
	t.Setenv(check.ProgressVariable, filepath.Join(t.TempDir(), "progress"))
	t.Setenv(check.GradeVariable, "")
	t.Setenv(check.SeedVariable, "1")
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

// seeds is for how many seeds a right answer is tested.
const seeds = 10

// Right tests a function that must be right: the solution or an alternative.
func (e *Exercise[F]) Right(f F) {
	e.t.Helper()
	e.right++
	for seed := range seeds {
		e.t.Setenv(check.SeedVariable, strconv.Itoa(seed+1))
		if a := e.check(f); a.State != check.Right {
			e.t.Errorf("a right answer is %v:\n%v", a.State, a)
			break
		}
	}
	e.t.Setenv(check.SeedVariable, "1")
	if reflect.TypeFor[F]().NumIn() > 0 { // without arguments there is only one case
		e.table(f)
	}
}

// table tests an answer that is right in the fixed cases, and has nothing to say
// in others, or what it said last.
func (e *Exercise[F]) table(f F) {
	e.t.Helper()
	draws.Off = true
	fixed := 0
	e.check(after(f, &fixed, 1<<30, false))
	draws.Off = false
	for _, last := range []bool{false, true} {
		calls := 0
		if a := e.check(after(f, &calls, fixed, last)); a.State != check.NotRight {
			e.t.Errorf("a table of the %d fixed cases is %v, want not right yet", fixed, a.State)
		}
	}
}

// after returns f, which after n calls returns zeros, or its last result, and
// changes nothing.
func after[F any](f F, calls *int, most int, last bool) F {
	signature := reflect.TypeFor[F]()
	var old []reflect.Value
	return reflect.MakeFunc(signature, func(args []reflect.Value) []reflect.Value {
		if *calls++; *calls <= most {
			old = reflect.ValueOf(f).Call(args)
			return old
		}
		if last && old != nil {
			return old
		}
		var zeros []reflect.Value
		for i := range signature.NumOut() {
			zeros = append(zeros, reflect.Zero(signature.Out(i)))
		}
		return zeros
	}).Interface().(F)
}

// Wrong tests a wrong function, whose reply must contain the given words.
// Each wrong answer must have different words.
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
