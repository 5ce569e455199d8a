// Package ch05 has the exercises of the notebook 05-project-practice, solution
// first. The notebook's starters and folded solutions are made from these files.
package ch05
