// Package raced tells tests whether the race detector watches them: then a
// [sync.Pool] forgets at random what it is given, and makes it again, so that what
// allocates nothing seems to allocate.
package raced

import "testing"

// SkipAllocations skips a test that counts allocations.
func SkipAllocations(t testing.TB) {
	t.Helper()
	if enabled {
		t.Skip("under the race detector a sync.Pool forgets at random what it is given, and makes it again")
	}
}
