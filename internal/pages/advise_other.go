//go:build !linux

package pages

func advise([]byte) error { return nil }
