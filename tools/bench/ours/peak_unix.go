//go:build unix

package main

import "syscall"

// maxResident is the largest resident size in bytes, as macOS counts it.
func maxResident() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Maxrss)
}
