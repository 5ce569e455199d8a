//go:build race

package metric_test

// raced: under the race detector a sync.Pool forgets at random what it is given.
const raced = true
