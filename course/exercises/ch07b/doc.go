// Package ch07b has the exercises of the notebook 07b-one-task-all-frameworks,
// solution first. The notebook's starters and folded solutions are made from these
// files.
package ch07b
