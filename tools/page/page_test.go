package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/cell"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestReadChapter: sources in both forms of the format, what only Jupyter can run, what is imported and read.
func TestReadChapter(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "data.json"), "{}")
	file := write(t, filepath.Join(dir, "notebooks", "01-x.ipynb"), `{"cells": [
		{"cell_type": "markdown", "source": "!ls"},
		{"cell_type": "code", "source": ["import (\n", "\t\"os\"\n", "\t\"os/exec\"\n", ")\n"], "metadata": {}},
		{"cell_type": "code", "source": "!ls", "metadata": {}},
		{"cell_type": "code", "source": "%%\nos.ReadFile(\"../data.json\")", "metadata": {}},
		{"cell_type": "code", "source": "%%\nexec.Command(\"ls\")", "metadata": {}},
		{"cell_type": "code", "source": "%test\nfunc TestX() {}", "metadata": {}},
		{"cell_type": "code", "source": "%%", "metadata": {"descent": {"kernel": "a reason"}}}
	]}`)
	c, err := readChapter(file)
	if err != nil {
		t.Fatal(err)
	}
	const shell = "it needs a shell, and a page has none"
	if want := []string{"", shell, "", "it starts another program, and a page has none", "", "a reason"}; c.name != "01-x" || !slices.Equal(c.why, want) {
		t.Errorf("%s: %q, want %q", c.name, c.why, want)
	}
	if got := fmt.Sprint(notHere([]*chapter{c})); got != "map[01-x:map[2:"+shell+" 4:it starts another program, and a page has none 6:a reason]]" {
		t.Error(got)
	}
	if fmt.Sprint(c.imports) != "map[os:true os/exec:true]" || fmt.Sprint(c.files) != "map[/course/data.json:{}]" {
		t.Error(c.imports, c.files)
	}
	for _, broken := range []string{"{", `{"cells": [{"cell_type": "code", "source": "\"../none.json\""}]}`} {
		if _, err := readChapter(write(t, filepath.Join(dir, "notebooks", "x.ipynb"), broken)); err == nil {
			t.Errorf("no error for %s", broken)
		}
	}
}

// TestSite: a name has the hash of what is in the file, the same bytes twice, and what does not belong there goes.
func TestSite(t *testing.T) {
	var names []string
	for range 2 {
		s := &site{t.TempDir(), map[string]bool{}}
		write(t, filepath.Join(s.folder, "old-00000000.a.gz"), "")
		f, err := s.write("x", "a", []byte("hello"))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.json("index.json", f); err != nil {
			t.Fatal(err)
		}
		if err := s.sweep(); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(s.folder)
		if err != nil || len(entries) != 2 || entries[0].Name() != "index.json" {
			t.Fatal(entries, err)
		}
		packed, err := os.ReadFile(filepath.Join(s.folder, f.Name))
		if err != nil || len(packed) != f.Size {
			t.Fatal(f, err)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(z); string(got) != "hello" || err != nil {
			t.Error(string(got), err)
		}
		names = append(names, f.Name, string(packed))
	}
	if names[0] != names[2] || names[1] != names[3] || names[0] != "x-2cf24dba.a.gz" {
		t.Errorf("%q", names)
	}
}

func TestLicenceFiles(t *testing.T) {
	dir := t.TempDir()
	if _, err := licenceFiles(dir); err == nil {
		t.Error("no error for a module without a licence")
	}
	for _, name := range []string{"LICENSE", "LICENSE-SIL", "licenses/ftl.txt", "licenses/gpl.txt", "THIRD_PARTY_LICENSES/Cephes", "README"} {
		write(t, filepath.Join(dir, name), "")
	}
	found, err := licenceFiles(dir)
	for i, file := range found {
		found[i], _ = filepath.Rel(dir, file)
	}
	if err != nil || fmt.Sprint(found) != "[LICENSE LICENSE-SIL licenses/ftl.txt THIRD_PARTY_LICENSES/Cephes]" {
		t.Error(found, err)
	}
}

func TestClosure(t *testing.T) {
	p := packages{archives: map[string]string{"runtime": "r", "a": "a", "b": "b", "c": "c"},
		imports: map[string][]string{"runtime": {"c"}, "a": {"b", "unsafe"}, "b": {"a"}}}
	if got := fmt.Sprint(p.closure([]string{"a"})); got != "map[a:true b:true c:true runtime:true]" {
		t.Error(got)
	}
	if err := p.check([]string{"a", "unsafe"}); err != nil {
		t.Error(err)
	}
	if err := p.check([]string{"a", "d"}); err == nil {
		t.Error("no error")
	}
}

func TestLanguage(t *testing.T) {
	for version, want := range map[string]string{"go1.26.8": "go1.26", "go1.27": "go1.27", "go1.30rc1": "go1.30rc1"} {
		if got := language(version); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

// TestChapters: the cells of every notebook are read as the kernel reads them, and most of them can run in a page.
func TestChapters(t *testing.T) {
	files, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil || len(files) == 0 {
		t.Fatal("no notebooks")
	}
	cells, not := 0, 0
	for _, f := range files {
		c, err := readChapter(f)
		if err != nil {
			t.Fatal(err)
		}
		programs, numbers := cell.Chapter(c.cells, func(string, []string) string { return "" })
		runs := 0
		for _, n := range numbers {
			runs += len(n)
		}
		if len(programs) == 0 || runs == 0 {
			t.Errorf("%s has no programs", f)
		}
		for i, w := range c.why {
			cells++
			if w != "" {
				not++
				t.Logf("%s In [%d]: %s", c.name, i+1, w)
			}
			if w == "" && !c.cells[i].Parsed() {
				t.Errorf("%s In [%d] does not parse: %s", c.name, i+1, strings.TrimSpace(c.sources[i]))
			}
		}
	}
	if not > cells/20 {
		t.Errorf("%d of %d cells are not for a page", not, cells)
	}
}
