// Package ch00 has the exercises of the notebook 00-start-here, solution first.
// The notebook's starters and folded solutions are made from these files.
package ch00
