package remote

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Others may be able to write to the folder of a download. So a download never follows a link in place of one of its files: it
// would overwrite the link's target, with the user's rights.

// create makes a new file that only the user can read. It removes a file or link that has the name.
func create(name string) (*os.File, error) {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// reopen opens a file to go on with it. Anything but a plain file is an error, a link to one included.
func reopen(name string) (*os.File, int64, error) {
	before, err := os.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !before.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is no plain file", name)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, 0, err
	}
	now, err := f.Stat()
	if err == nil && !os.SameFile(before, now) {
		err = fmt.Errorf("%s has become another file", name)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, now.Size(), nil
}

// readSmall returns the content of a small file that create has made.
func readSmall(name string) ([]byte, error) {
	f, _, err := reopen(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 1<<16))
}

// published returns the mode of a finished file: what the user's umask leaves of 0644, as the lock file shows.
func published(lock string) fs.FileMode {
	if info, err := os.Lstat(lock); err == nil && info.Mode().IsRegular() {
		return info.Mode().Perm() & 0o644
	}
	return 0o644
}
