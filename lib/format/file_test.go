package format_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/descent-go/descent/lib/format"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// wantFiles fails unless the folder holds just these files.
func wantFiles(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range entries {
		content, _ := os.ReadFile(filepath.Join(dir, e.Name()))
		got[e.Name()] = string(content)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, content := range []string{"old and long", "new"} {
		if err := format.WriteFile(path, text(content)); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, dir, map[string]string{"a": content})
	}
	failure := errors.New("failure")
	err := format.WriteFile(path, func(w io.Writer) error {
		fmt.Fprint(w, "half")
		return failure
	})
	if err != failure {
		t.Errorf("error %v", err)
	}
	wantFiles(t, dir, map[string]string{"a": "new"})
	func() {
		defer func() { recover() }()
		format.WriteFile(path, func(w io.Writer) error { panic("in the middle") })
	}()
	wantFiles(t, dir, map[string]string{"a": "new"})
}

func TestWriteFileErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	err := format.WriteFile(filepath.Join(dir, "folder"), text("x"))
	wantError(t, err, "no file")
	err = format.WriteFile(filepath.Join(dir, "missing", "a"), text("x"))
	wantError(t, err, "missing")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestWriteFileKeepsPermissionsAndLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions, and links need a privilege")
	}
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Symlink("a", link)); err != nil {
		t.Fatal(err)
	}
	if err := format.WriteFile(link, text("through the link")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if info, err = os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link has become %v, error %v", info.Mode(), err)
	}
	wantFiles(t, dir, map[string]string{"a": "through the link", "link": "through the link"})
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if err := format.WriteFile(loop, text("x")); err == nil {
		t.Error("a link to itself was written")
	}
}
