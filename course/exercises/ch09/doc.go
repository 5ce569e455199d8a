// Package ch09 has the exercises of the notebook 09-faq, solution first. The
// notebook's starters and folded solutions are made from these files.
package ch09
