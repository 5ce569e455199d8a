package check

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// A trial is one run of a learner's function through the cases of an exercise.
// It ends at the first case that is not right.
type trial struct {
	given atomic.Pointer[string] // read by another goroutine when time is up
	drawn string                 // of a case that was drawn afresh: how it comes again
}

// failure is the panic that ends a trial early.
type failure string

// A mistake is the value that a typical wrong answer gives in a case, and the
// reply to it.
type mistake struct {
	gives any
	says  string
}

// give records the next case, in names and values: "t", 3, "g", g. Call it
// before the learner's function, which may change its arguments. Random cases
// are recorded in full, since they cannot be looked up.
func (t *trial) give(namesAndValues ...any) {
	var b strings.Builder
	b.WriteString("\nThe case:")
	for pair := range slices.Chunk(namesAndValues, 2) {
		value := show
		if t.drawn != "" {
			value = exact
		}
		fmt.Fprintf(&b, "\n  %s = %s", pair[0], value(pair[1]))
	}
	b.WriteString(t.drawn)
	s := b.String()
	note(s)
	t.given.Store(&s)
}

// where says for which case something happened, on separate lines.
func (t *trial) where() string {
	if s := t.given.Load(); s != nil {
		return *s
	}
	return ""
}

// fail ends the trial with a reply, to which it adds the case.
func (t *trial) fail(format string, args ...any) {
	panic(failure(fmt.Sprintf(format, args...) + t.where()))
}

// equal ends the trial if got is not want, with the reply to the mistake that
// gives got, if it is a known one.
func (t *trial) equal(what string, got, want any, mistakes ...mistake) {
	if near(got, want) {
		return
	}
	says := remark(got, want)
	for _, m := range mistakes {
		if near(got, m.gives) {
			says = m.says
			break
		}
	}
	is, should := show(got), show(want)
	if is == should {
		is, should = exact(got), exact(want)
	}
	t.fail("%s\n  %s should be %s\n  %s       is %s", says, what, should, what, is)
}

// unchanged ends the trial if the function has changed what it was only to read.
func (t *trial) unchanged(what string, now, before any) {
	if !near(now, before) {
		t.fail("Your function changes %s, which it should only read. Afterwards it is %s.", what, show(now))
	}
}
