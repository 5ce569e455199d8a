//go:build amd64 || arm64

package crew

import (
	"runtime"
	"syscall"
	"unsafe"
)

// The calls are those of package syscall: the linker of each cell of a notebook
// would have to read x/sys/unix, which is large. Go's scheduler need not know of
// them, since they return at once.

// yield lets another thread have this core, if one waits for it: it may be the
// one that is waited for.
func yield() { syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) }

// core returns the number of the core that the caller runs on, or −1.
func core() int {
	var n uint32
	if _, _, err := syscall.RawSyscall(sysGetcpu, uintptr(unsafe.Pointer(&n)), 0, 0); err != 0 {
		return -1
	}
	return int(n)
}

// A set of cores, a bit for each: as many as Linux can be built for.
type set [8192 / 64]uint64

// allowed returns the cores that the caller's thread may use, or false.
func allowed() (cores set, ok bool) {
	_, _, err := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(cores), uintptr(unsafe.Pointer(&cores)))
	return cores, err == 0
}

// allow says which cores the caller's thread may use, of those that there are;
// at least one.
func allow(cores set) bool {
	_, _, err := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(cores), uintptr(unsafe.Pointer(&cores)))
	return err == 0
}

// move takes the caller's thread to another core than n, if it may use one, and
// then lets the system place it as before.
func move(n int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	all, ok := allowed()
	if !ok {
		return
	}
	others := all
	others[n/64] &^= 1 << (n % 64)
	if allow(others) {
		allow(all)
	}
}
