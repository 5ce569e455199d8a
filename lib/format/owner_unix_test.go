//go:build unix

package format_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/descent-go/descent/lib/format"
)

// What root saves over a user's file stays that user's.
func TestWriteFileKeepsTheOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may give a file to another user")
	}
	path := filepath.Join(t.TempDir(), "a")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chown(path, 1234, 5678)); err != nil {
		t.Skip("this root may not give files away: ", err)
	}
	if err := format.WriteFile(path, text("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if s := info.Sys().(*syscall.Stat_t); s.Uid != 1234 || s.Gid != 5678 || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("the file now belongs to %d:%d and has mode %v", s.Uid, s.Gid, info.Mode())
	}
}
