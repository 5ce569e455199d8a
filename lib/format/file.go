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

// WriteFile replaces or creates the file at path atomically, with the data that
// write writes. At any moment, and after a crash, path is the complete old file
// or the complete new one.
//
// It writes a temporary file in the same folder, forces it to the disk, renames
// it to path, which replaces the old file, and forces the folder to the disk. If
// write returns an error, the old file remains and WriteFile returns the error.
// A process that is killed may leave a temporary file behind, named
// ".name.*.tmp".
//
// The owner and permissions of a replaced file are preserved, as far as the process
// may set them, and the temporary file is readable only by those who may read the
// file. A symbolic link is preserved too: its target is replaced or created. A path
// that is not a regular file is an error.
func WriteFile(path string, write func(io.Writer) error) error {
	target, old, err := destination(path)
	if err != nil {
		return fmt.Errorf("format: writing %s: %w", path, err)
	}
	f, err := createBeside(target, old)
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
	err = errors.Join(buffered.Flush(), f.Sync(), f.Close())
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

// destination returns the file that path leads to, and what is known of it, which
// is nil if there is none yet.
func destination(path string) (target string, old fs.FileInfo, err error) {
	const maxLinks = 40 // as in Linux
	target = path
	for range maxLinks {
		// The folder is resolved before the link, which may begin with "..".
		folder, name := filepath.Split(target)
		if folder == "" {
			folder = "."
		}
		if folder, err = filepath.EvalSymlinks(folder); err != nil {
			return "", nil, err
		}
		target = filepath.Join(folder, name)
		old, err = os.Lstat(target)
		if errors.Is(err, fs.ErrNotExist) {
			return target, nil, nil
		}
		if err != nil {
			return "", nil, err
		}
		if old.Mode()&fs.ModeSymlink == 0 {
			break
		}
		link, err := os.Readlink(target)
		if err != nil {
			return "", nil, err
		}
		if target = link; !filepath.IsAbs(link) {
			target = folder + string(filepath.Separator) + link
		}
	}
	switch {
	case old.Mode()&fs.ModeSymlink != 0:
		return "", nil, errors.New("too many symbolic links")
	case !old.Mode().IsRegular():
		return "", nil, errors.New("there is something there that is no file")
	}
	return target, old, nil
}

// createBeside makes a file in the folder of path, with the owner and permissions
// of the old file, or those that new files have, which os.CreateTemp would
// restrict.
func createBeside(path string, old fs.FileInfo) (*os.File, error) {
	mode := fs.FileMode(0o666)
	if old != nil {
		mode = 0o600 // until the owner is right
	}
	for {
		name := fmt.Sprintf(".%s.%08x.tmp", filepath.Base(path), rand.Uint32())
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil || old == nil {
			return f, err
		}
		mode = old.Mode().Perm()
		if !keepOwner(f, old) {
			mode &= 0o707 | mode<<3&0o070 // it has another group, which may do what all may do
		}
		if err := f.Chmod(mode); err != nil {
			f.Close()
			os.Remove(f.Name())
			return nil, err
		}
		return f, nil
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
