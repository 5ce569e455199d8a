// Package check tests a learner's solutions to the exercises of the course. A
// check answers that the solution is not yet done, not right, or right, with
// words that help.
//
// Each exercise has its own function, which takes the learner's function.
// A wrong signature is therefore a compile error:
//
//	%%
//	check.AdamStep(adamStep)
//
// The check calls the function with fixed cases, and then with random ones, so
// that a table of the fixed cases does not pass. A function that panics with TODO
// is not yet done. Typical mistakes are recognised by their results and have
// specific replies; any other wrong result is shown with its case. A random case
// is shown with its seed; set the environment variable DESCENT_CHECK_SEED to that
// seed to repeat it. Panics, in other goroutines too, and endless loops are also
// reported. A wrong answer is not an error of the cell, unless DESCENT_GRADE is
// set.
//
// [Hint] prints the hints of an exercise one after another. Results are stored
// in a file next to the notebooks, and [Progress] shows them; nothing leaves
// the machine.
package check
