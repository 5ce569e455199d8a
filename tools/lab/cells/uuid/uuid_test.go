package uuid

import (
	"regexp"
	"testing"
)

func TestNewV7(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 10_000 {
		u, err := NewV7()
		if s := u.String(); err != nil || !form.MatchString(s) || seen[s] {
			t.Fatalf("%s, error %v; seen before: %t", s, err, seen[s])
		} else {
			seen[s] = true
		}
	}
}
