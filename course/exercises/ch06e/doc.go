// Package ch06e has the exercises of notebook 6e.
package ch06e
