// Package check answers a learner: it looks at what somebody wrote for an
// exercise of the course and says one of three things, not yet done, not right,
// or right, with words that help.
//
// Each exercise has a function of its own, which takes the learner's function.
// A wrong signature is therefore a compile error:
//
//	%%
//	check.AdamStep(adamStep)
//
// The check calls the function with cases that the learner does not see: a few
// that were drawn at random, always the same, and those at the edge. A function
// that panics with TODO is not yet done. Typical mistakes are recognised by the
// values that they give, and get a reply of their own; any other wrong value is
// shown with its case. A panic and a loop that does not end are replies too. A
// wrong answer is no error of the cell, unless the variable DESCENT_GRADE asks
// for one.
//
// [Hint] gives the hints of an exercise one after the other. What was done is
// kept in a file beside the notebooks, and [Progress] shows it; nothing leaves
// the machine.
package check
