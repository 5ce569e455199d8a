package remote

import (
	"context"
	"errors"
	"syscall"
	"time"
)

// lock waits until this process alone has the lock file open. Windows closes the files of a process that dies and
// deletes this one when it is closed, so that there are no stale locks. A link of that name is not followed.
func lock(ctx context.Context, name string) (unlock func(), err error) {
	const (
		deleteOnClose    = 0x04000000
		sharingViolation = syscall.Errno(32)
	)
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	for denied := 0; ; {
		h, err := syscall.CreateFile(path, syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, deleteOnClose|syscall.FILE_FLAG_OPEN_REPARSE_POINT, 0)
		if err == nil {
			return func() { syscall.CloseHandle(h) }, nil
		}
		if errors.Is(err, syscall.ERROR_ACCESS_DENIED) && denied < 50 {
			denied++ // so it is for a moment while the file is being deleted
		} else if !errors.Is(err, sharingViolation) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
