// Package ch07 has the exercises of the notebook 07-tools-and-resources,
// solution first. The notebook's starters and folded solutions are made from
// these files.
package ch07
