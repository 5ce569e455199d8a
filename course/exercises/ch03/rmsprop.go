package ch03

import "github.com/descent-go/descent/lib/optim"

// rmsProp returns Adam without memory of the direction: its first moment is the
// gradient itself. One line is missing.
func rmsProp() *optim.Adam {
	o := optim.NewAdam()
	// BEGIN SOLUTION
	o.Beta1 = 0
	// END SOLUTION
	return o
}
