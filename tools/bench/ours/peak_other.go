//go:build !unix

package main

// maxResident is not known here.
func maxResident() float64 { return 0 }
