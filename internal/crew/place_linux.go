package crew

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These are no system calls that Go's scheduler should know of, since they
// return at once.

// yield lets another thread have this core, if one waits for it: it may be the
// one that is waited for.
func yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }

// core returns the number of the core that the caller runs on, or −1.
func core() int {
	var n uint32
	if _, _, err := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&n)), 0, 0); err != 0 {
		return -1
	}
	return int(n)
}

// move takes the caller's thread to another core than n, if it may use one, and
// then lets the system place it as before.
func move(n int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all unix.CPUSet
	if unix.SchedGetaffinity(0, &all) != nil {
		return
	}
	others := all
	others.Clear(n)
	if unix.SchedSetaffinity(0, &others) == nil { // it fails if there is no other
		unix.SchedSetaffinity(0, &all)
	}
}
