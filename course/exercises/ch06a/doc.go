// Package ch06a has the exercises of the notebook 06a-image-classification,
// solution first. The notebook's starters and folded solutions are made from
// these files.
package ch06a
