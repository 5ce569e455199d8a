package check_test

import (
	"fmt"
	"os"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/lib/optim"
)

// A learner's function goes to the check of its exercise.
func ExampleRMSProp() {
	os.Setenv(check.ProgressVariable, os.DevNull) // in a test, nothing is kept
	check.RMSProp(func() *optim.Adam { panic("TODO") })
	check.RMSProp(func() *optim.Adam { return &optim.Adam{Beta1: 0, Beta2: 0.999, Epsilon: 1e-8} })
	// Output:
	// RMSProp: not yet done.
	// Replace panic("TODO") with your code, run that cell, then run this one again.
	// Stuck? check.Hint("RMSProp") gives a hint, one at a time; there are 3.
	// RMSProp: right.
	// Well done.
}

func ExampleHint() {
	os.Setenv(check.ProgressVariable, os.DevNull)
	check.Hint("RMSProp")
	// Output:
	// Hint 1 of 3: Which setting says how long the first moment remembers the direction?
}

func ExampleProgress() {
	os.Setenv(check.ProgressVariable, os.DevNull)
	right := 0
	for _, notebook := range check.Progress() {
		right += notebook.Right
	}
	fmt.Println(right, "exercises are right")
	// Output:
	// 0 exercises are right
}
