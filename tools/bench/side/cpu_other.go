//go:build !unix

package side

// CPU returns 0: only the wall clock counts here.
func CPU() float64 { return 0 }
