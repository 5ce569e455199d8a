package format

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// WriteFile replaces the file at path by what write writes, or makes it, in one
// step: whoever opens path, at any moment and after a crash, finds the whole old
// file or the whole new one.
//
// It writes a temporary file in the same folder, forces it to the disk, renames
// it to path, which replaces the old file, and forces the folder to the disk. If
// write returns an error, the old file stays and WriteFile returns the error. A
// process that is killed may leave a temporary file behind, named ".name.*.tmp".
//
// A replaced file's permissions stay. A symbolic link stays too: the file that it
// leads to is replaced. A path that is not a regular file is an error.
func WriteFile(path string, write func(io.Writer) error) error {
	target, mode, err := destination(path)
	if err != nil {
		return fmt.Errorf("format: writing %s: %w", path, err)
	}
	f, err := createBeside(target)
	if err != nil {
		return fmt.Errorf("format: writing %s: %w", path, err)
	}
	renamed := false
	defer func() {
		if !renamed { // also if write panics
			f.Close() // a second time, perhaps, which does no harm
			os.Remove(f.Name())
		}
	}()
	buffered := bufio.NewWriterSize(f, 1<<16)
	if err := write(buffered); err != nil {
		return err
	}
	if mode != 0 {
		err = f.Chmod(mode)
	}
	err = errors.Join(err, buffered.Flush(), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), target)
	}
	if err != nil {
		return fmt.Errorf("format: writing %s: %w", path, err)
	}
	renamed = true
	if err := syncFolder(filepath.Dir(target)); err != nil {
		return fmt.Errorf("format: writing %s: %w", path, err)
	}
	return nil
}

// destination returns the file that path leads to and its permissions, which are
// 0 if there is none yet.
func destination(path string) (target string, mode fs.FileMode, err error) {
	target, err = filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	info, err := os.Stat(target)
	if err != nil {
		return "", 0, err
	}
	if !info.Mode().IsRegular() {
		return "", 0, errors.New("there is something there that is no file")
	}
	return target, info.Mode().Perm(), nil
}

// createBeside makes a file in the folder of path, with the permissions that new
// files have, which os.CreateTemp would restrict.
func createBeside(path string) (*os.File, error) {
	for {
		name := fmt.Sprintf(".%s.%08x.tmp", filepath.Base(path), rand.Uint32())
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// syncFolder forces a rename to the disk, where the system can do that.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
