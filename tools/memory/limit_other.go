//go:build !linux

package main

import (
	"errors"
	"os"
)

var errNotLinux = errors.New("limits of memory are set and measured on Linux only")

func limitData(uint64) error { return errNotLinux }

func forget(*os.File) error { return errNotLinux }

func own() (uint64, error) { return 0, errNotLinux }

func disk() (uint64, error) { return 0, errNotLinux }
