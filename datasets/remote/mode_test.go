//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package remote_test

import (
	"io/fs"
	"net/http"
	"os"
	"syscall"
	"testing"

	"github.com/descent-go/descent/datasets/remote"
)

// Others may use the same folder: whoever the user's umask allows can read the finished file.
func TestModeOfTheFinishedFile(t *testing.T) {
	for umask, want := range map[int]fs.FileMode{0o022: 0o644, 0o027: 0o640, 0o077: 0o600, 0: 0o644} {
		s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, content) })
		dir := t.TempDir()
		old := syscall.Umask(umask)
		path, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir})
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("umask %03o: mode %v, want %v: %v", umask, info.Mode(), want, err)
		}
	}
}
