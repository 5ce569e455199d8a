//go:build unix

package format

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f the owner and the group of another file, or else its group.
// It reports whether f has that group.
func keepOwner(f *os.File, other fs.FileInfo) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	now, ok1 := info.Sys().(*syscall.Stat_t)
	to, ok2 := other.Sys().(*syscall.Stat_t)
	if !ok1 || !ok2 {
		return false
	}
	return now.Uid == to.Uid && now.Gid == to.Gid ||
		f.Chown(int(to.Uid), int(to.Gid)) == nil ||
		f.Chown(-1, int(to.Gid)) == nil
}
