// Package ch04d has the exercises of the notebook 04d-automatic-differentiation,
// solution first. The notebook's starters and folded solutions are made from these
// files.
package ch04d
