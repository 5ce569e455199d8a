// Package ch06d has the exercises of the notebook 06d-recurrent-networks, solution
// first. The notebook's starters and folded solutions are made from these files.
package ch06d
