// Package ch04c has the exercises of the notebook 04c-backpropagation, solution
// first. The notebook's starters and folded solutions are made from these files.
package ch04c
