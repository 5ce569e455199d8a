// Package ch08 has the exercises of the notebook 08-summary-and-trends,
// solution first. The notebook's starters and folded solutions are made from
// these files.
package ch08
