//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package remote

import (
	"context"
	"os"
	"syscall"
	"time"
)

// lock waits until this process alone holds the lock file. The kernel releases the lock of a process that dies,
// so that there are no stale ones; the file itself is deleted on release. A link of that name is an error.
func lock(ctx context.Context, name string) (unlock func(), err error) {
	for {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o644)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && current(f, name) {
			return func() { os.Remove(name); f.Close() }, nil
		}
		f.Close()
		if err != nil && err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(lockPoll):
		}
	}
}

// current tells whether name still is the file f: its holder may have deleted it while we waited.
func current(f *os.File, name string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(name)
	return err == nil && os.SameFile(mine, there)
}

const lockPoll = 20 * time.Millisecond
