// Package ch06b has the exercises of the notebook 06b-object-detection,
// solution first. The notebook's starters and folded solutions are made from
// these files.
package ch06b
