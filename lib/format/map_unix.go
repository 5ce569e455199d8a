//go:build linux || darwin

package format

import (
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps the first size bytes of a file, or returns nil.
func mapFile(file *os.File, size int64) []byte {
	if size <= 0 || size > math.MaxInt {
		return nil
	}
	b, err := unix.Mmap(int(file.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	return b
}

func unmap(b []byte) {
	if b != nil {
		_ = unix.Munmap(b) // it fails only for what is not mapped
	}
}

// willNeed asks the system to read the bytes from lo to hi, as far as there are any,
// while the program goes on.
func willNeed(b []byte, lo, hi int64) {
	page := int64(os.Getpagesize())
	lo, hi = lo&^(page-1), min(hi, int64(len(b)))
	if lo < hi {
		_ = unix.Madvise(b[lo:hi], unix.MADV_WILLNEED) // without, it is just slower
	}
}
