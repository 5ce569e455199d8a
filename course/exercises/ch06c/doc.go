// Package ch06c has the exercises of the notebook 06c-text-classification,
// solution first. The notebook's starters and folded solutions are made from
// these files.
package ch06c
