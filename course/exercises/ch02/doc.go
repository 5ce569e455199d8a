// Package ch02 has the exercises of the notebook 02-core-concepts, solution
// first. The notebook's starters and folded solutions are made from these files.
package ch02
