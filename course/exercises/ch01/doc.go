// Package ch01 has the exercises of the notebook 01-background, solution
// first. The notebook's starters and folded solutions are made from these
// files.
package ch01
