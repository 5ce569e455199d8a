//go:build !linux && !darwin

package format

import "os"

func mapFile(*os.File, int64) []byte { return nil }

func unmap([]byte) {}

func willNeed([]byte, int64, int64) {}
