package docs_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// magic is how programs and libraries begin, for each system that the library is
// compiled for.
var magic = map[string]string{
	"\x7fELF": "Linux", "MZ\x90\x00": "Windows", "\xcf\xfa\xed\xfe": "macOS", "\x00asm": "wasm", "!<ar": "a linker",
}

// What is compiled is made anew by whoever wants it: go build leaves a program in
// the folder of a module that has no other package.
func TestNoPrograms(t *testing.T) {
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && notOurs[d.Name()]:
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		begin := make([]byte, 4)
		if _, err := io.ReadFull(f, begin); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		if system, ok := magic[string(begin)]; ok {
			t.Errorf("%s is a program for %s: remove it", p, system)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// shortPrograms are what programs that people write first may take, in lines of code: without blank ones and comments.
var shortPrograms = map[string]int{
	"examples/churn/main.go":   45, // from a table to a service
	"examples/network/main.go": 30,
	"examples/penalty/main.go": 30, // a search
}

func TestShortPrograms(t *testing.T) {
	for name, limit := range shortPrograms {
		n := 0
		for _, line := range strings.Split(readText(t, name), "\n") {
			if line = strings.TrimSpace(line); line != "" && (!strings.HasPrefix(line, "//") || strings.HasPrefix(line, "//go:")) {
				n++
			}
		}
		if n > limit {
			t.Errorf("%s has %d lines of code, want at most %d", name, n, limit)
		}
	}
}
