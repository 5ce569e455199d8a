// Package ch04 has the exercises of the notebook
// 04-linear-and-logistic-regression, solution first. The notebook's starters and
// folded solutions are made from these files.
package ch04
