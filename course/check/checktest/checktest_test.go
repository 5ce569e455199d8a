package checktest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
	"github.com/descent-go/descent/lib/optim"
)

// A recorder is a test that keeps its failures for itself.
type recorder struct {
	testing.TB
	failures []string
	cleanup  []func()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Cleanup(f func()) { r.cleanup = append(r.cleanup, f) }

func adam(beta1 float64) func() *optim.Adam {
	return func() *optim.Adam { return &optim.Adam{Beta1: beta1, Beta2: 0.999, Epsilon: 1e-8} }
}

func TestWhatFails(t *testing.T) {
	type exercise = *checktest.Exercise[func() *optim.Adam]
	enough := func(e exercise) {
		e.Right(adam(0))
		e.Wrong("is still 0.9", adam(0.9))
		e.Wrong("ignores the gradient", adam(1))
	}
	for name, c := range map[string]struct {
		check func(func() *optim.Adam) check.Answer
		test  func(exercise)
		want  string
	}{
		"nothing":                 {check.RMSProp, enough, ""},
		"a right answer is wrong": {check.RMSProp, func(e exercise) { enough(e); e.Right(adam(0.5)) }, "a right answer is not right yet"},
		"a wrong answer is right": {check.RMSProp, func(e exercise) { enough(e); e.Wrong("no", adam(0)) }, "a wrong answer is right"},
		"another reply":           {check.RMSProp, func(e exercise) { enough(e); e.Wrong("cabbage", adam(0.9)) }, `the reply is not "cabbage"`},
		"no reply":                {check.RMSProp, func(e exercise) { enough(e); e.Wrong("", adam(0.9)) }, `the reply is not ""`},
		"the same reply":          {check.RMSProp, func(e exercise) { enough(e); e.Wrong("is still 0.9", adam(0.9)) }, "the same reply"},
		"no right answer":         {check.RMSProp, func(e exercise) {}, "0 right and 0 wrong"},
		"the starter is called right": {func(func() *optim.Adam) check.Answer { return check.Answer{State: check.Right} },
			func(e exercise) {}, "the starter is right"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			c.test(checktest.New(r, c.check))
			for _, f := range r.cleanup {
				f()
			}
			if c.want == "" && len(r.failures) > 0 {
				t.Errorf("it fails: %v", r.failures)
			}
			if !strings.Contains(strings.Join(r.failures, "\n"), c.want) {
				t.Errorf("failures are %v, want %q", r.failures, c.want)
			}
		})
	}
}
