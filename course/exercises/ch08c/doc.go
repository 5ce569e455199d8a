// Package ch08c has the exercises of notebook 8c.
package ch08c
