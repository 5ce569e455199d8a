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

// A link that leads nowhere stays, and what it names is made: also through a
// linked folder, from which ".." leads to the real parent.
func TestWriteFileThroughDanglingLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(os.MkdirAll(in("real/deep"), 0o777), os.Symlink("real/deep", in("folder")),
		os.Symlink("second", in("first")), os.Symlink("real/made", in("second")),
		os.Symlink("../up", in("real/deep/link")), os.Symlink(in("absolute"), in("far")),
		os.Symlink("missing/a", in("lost")))
	if err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"first": "real/made", "folder/link": "real/up", "far": "absolute"} {
		for _, content := range []string{"new", "replaced"} {
			if err := format.WriteFile(in(link), text(content)); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(in(target)); err != nil || string(got) != content {
				t.Errorf("%s: %s holds %q, error %v", link, target, got, err)
			}
			if info, err := os.Lstat(in(link)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Errorf("%s has become %v, error %v", link, info.Mode(), err)
			}
		}
	}
	if err := format.WriteFile(in("lost"), text("x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link into a folder that is not there: %v", err)
	}
	if err := format.WriteFile(dir+"/", text("x")); err == nil {
		t.Error("a folder was written")
	}
}

// What lies in the temporary file is not for others' eyes at any time.
func TestWriteFileHidesTheTemporaryFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o400} {
		dir := t.TempDir()
		path := filepath.Join(dir, "secret")
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		err := format.WriteFile(path, func(w io.Writer) error {
			left, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
			if err != nil || len(left) != 1 {
				t.Fatalf("temporary files %v, error %v", left, err)
			}
			info, err := os.Stat(left[0])
			if err != nil || info.Mode().Perm()&^mode != 0 {
				t.Errorf("the temporary file of one with mode %v has mode %v, error %v", mode, info.Mode(), err)
			}
			_, err = io.WriteString(w, "secret")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("mode %v has become %v, error %v", mode, info.Mode(), err)
		}
	}
}
