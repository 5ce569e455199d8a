// Package raced tells tests whether the race detector watches them. Then a
// [sync.Pool] forgets at random what it is given, and makes it again, so that what
// allocates nothing seems to allocate; and Go's loops take ten times as long.
package raced

import "testing"

// SkipAllocations skips a test that counts allocations.
func SkipAllocations(t testing.TB) {
	t.Helper()
	if enabled {
		t.Skip("under the race detector a sync.Pool forgets at random what it is given, and makes it again")
	}
}

// SkipValues skips a test that compares the values of one call after the other. It
// passes without the race detector, and what shares memory has a smaller test.
func SkipValues(t testing.TB) {
	t.Helper()
	if enabled {
		t.Skip("the race detector has nothing to find in thousands of values: they are compared without it")
	}
}

// Rounds is n, or a twentieth of it under the race detector: for tests whose rounds
// differ in what they compute, and share memory in the same way.
func Rounds(n int) int {
	if enabled {
		return (n + 19) / 20
	}
	return n
}
