// Package check answers a learner: it looks at what somebody wrote for an
// exercise of the course and says one of three things, not yet done, not right,
// or right, with words that help.
//
// Each exercise has its own function, which takes the learner's function.
// A wrong signature is therefore a compile error:
//
//	%%
//	check.AdamStep(adamStep)
//
// The check calls the function with fixed cases, and then with some that are
// drawn afresh in each run, so that a table of the fixed ones is not right. A
// function that panics with TODO is not yet done. Typical mistakes are recognised
// by the values that they give, and have their own reply; any other wrong value
// is shown with its case. One that was drawn afresh is shown with its seed, and
// comes again if the variable DESCENT_CHECK_SEED has that seed. A panic, also in
// another goroutine, and a loop that does not end are replies too. A wrong answer
// is no error of the cell, unless the variable DESCENT_GRADE asks for one.
//
// [Hint] gives the hints of an exercise one after the other. What was done is
// kept in a file beside the notebooks, and [Progress] shows it; nothing leaves
// the machine.
package check
