//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package remote

import (
	"os"
	"path/filepath"
	"testing"
)

// A lock on a file that its holder has deleted, while we waited for it, is worth nothing.
func TestCurrent(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.lock")
	first, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if !current(first, name) {
		t.Error("the file is not current while it is there")
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if current(first, name) {
		t.Error("the file is current although it is deleted")
	}
	second, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if current(first, name) || !current(second, name) {
		t.Error("the new file of that name is taken for the old one")
	}
	first.Close()
	second.Close()
	if current(second, name) {
		t.Error("a closed file is current")
	}
}
