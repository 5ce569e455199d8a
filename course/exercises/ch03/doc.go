// Package ch03 has the exercises of the notebook 03-optimization-algorithms,
// solution first. The notebook's starters and folded solutions are made from
// these files.
package ch03
