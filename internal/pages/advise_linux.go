package pages

import (
	"os"
	"syscall"
	"unsafe"
)

// advise asks for large pages for the whole pages of memory in b.
func advise(b []byte) error {
	const hugePage = 14 // MADV_HUGEPAGE
	page := os.Getpagesize()
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (page - 1)
	return syscall.Madvise(b[skip:skip+(len(b)-skip)&^(page-1)], hugePage)
}
