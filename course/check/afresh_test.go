package check

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// onlyFixed gives right answers to the fixed cases alone.
func onlyFixed(t *trial) {
	cases(t, 1, []int{3, 4}, func(r *rand.Rand) int { return between(r, 100, 999) }, func(n int, r *rand.Rand) {
		t.give("n", n, "v", wholes(r, 15, 1, 9))
		if n >= 100 {
			t.equal("the value", 0, n)
		}
	})
}

func TestDrawnCases(t *testing.T) {
	fresh(t)
	t.Setenv(SeedVariable, "17")
	a := examine(sample, onlyFixed)
	if a.State != NotRight || !strings.Contains(a.Reply, SeedVariable+"=17") || strings.Contains(a.Reply, "…") {
		t.Errorf("want the whole case and its seed:\n%v", a)
	}
	if again := examine(sample, onlyFixed); again != a {
		t.Errorf("the same seed gives another case:\n%v\n%v", a, again)
	}

	t.Setenv(SeedVariable, "")
	seed := regexp.MustCompile(SeedVariable + `=(\d+)`)
	first, second := examine(sample, onlyFixed).Reply, examine(sample, onlyFixed).Reply
	a1, a2 := seed.FindStringSubmatch(first), seed.FindStringSubmatch(second)
	if a1 == nil || a2 == nil || a1[1] == a2[1] {
		t.Errorf("two runs draw the same cases:\n%s\n%s", first, second)
	}
	if a1 != nil {
		t.Setenv(SeedVariable, a1[1])
		if again := examine(sample, onlyFixed).Reply; again != first {
			t.Errorf("with the seed it does not come again:\n%s\n%s", first, again)
		}
	}
}
