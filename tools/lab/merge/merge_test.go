//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func parsed(t *testing.T, sources ...string) []*cell {
	t.Helper()
	var cells []*cell
	for i, s := range sources {
		c, err := parseCell(i+1, s)
		if err != nil {
			t.Fatalf("In [%d]: %v", i+1, err)
		}
		cells = append(cells, c)
	}
	return cells
}

// printed returns what cells print, each in its own run of the merged programs.
func printed(t *testing.T, sources ...string) []string {
	t.Helper()
	folder := t.TempDir()
	k, err := newKernel(folder, folder)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	cells := parsed(t, sources...)
	for i, p := range merge(cells) {
		program, err := build(filepath.Join(folder, "program"+string(rune('0'+i))), "off", p)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells[p.first-1 : p.last] {
			r, err := k.run(program, c)
			if err != nil {
				t.Fatalf("In [%d]: %v", c.number, err)
			}
			var b strings.Builder
			for _, o := range r.Outputs {
				b.WriteString(o.Name + ":" + o.Text)
			}
			said = append(said, b.String()+r.Skipped)
		}
	}
	return said
}

func TestCellsMeanWhatTheyMeanInTheKernel(t *testing.T) {
	got := printed(t,
		"import (\n\t\"fmt\"\n\tslicing \"slices\"\n)\n\n// n counts, anew in each cell.\nvar n int\n\nfunc count() int { n++; return n }",
		"%%\nfmt.Println(count(), count())",
		"%%\nfmt.Println(count(), slicing.Max([]int{1, 4, 2}))",
		"// ä, in two bytes\nfunc count() int { panic(\"not this öne\") }\n\nfunc kept() int { return 5 }", // a later cell replaces it
		"func count() int { return 10 }\ntype pair struct{ a, b int }\nfunc (p *pair) sum() int { return p.a + p.b }",
		"%%\nfmt.Println(count(), (&pair{1, 2}).sum(), kept(), n)",
		"func (p *pair) sum() int { return -1 }\nconst (\n\tone = iota + 1\n\ttwo\n)",
		"import \"os\"\n\nfunc main() {\n\tfmt.Println((&pair{1, 2}).sum(), two)\n\tfmt.Fprintln(os.Stderr, \"oh\")\n}",
		"!echo \"$((1 + 1))\" in \"$(basename \"$GONB_TMP_DIR\")\"",
		"%ls",
		"import \"math/rand/v2\"\n%%\nfmt := \"a name of its own\"\nprintln(len(fmt) + rand.IntN(1))",
	)
	want := []string{
		"", "stdout:1 2\n", "stdout:1 4\n", "", "", "stdout:10 3 5 0\n", "", "stdout:-1 2\nstderr:oh\n",
		"stdout:2 in scratch\n", "%ls is a command to the kernel", "stderr:17\n",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the cells say\n%q, want\n%q", got, want)
	}
}

// Only a name that is declared again needs another program: to link is what takes time.
func TestOneProgramUnlessANameIsDeclaredAgain(t *testing.T) {
	for _, c := range []struct {
		cells []string
		want  [][2]int // first and last cell of each program
	}{
		{[]string{"var a, b = 1, 2", "%%\nprintln(a)", "type t int\nfunc (t) m() {}", "type u int\nfunc (u) m() {}"}, [][2]int{{1, 4}}},
		{[]string{"var a = 1", "%%\nprintln(a)", "var a = 2"}, [][2]int{{1, 2}, {3, 3}}},
		{[]string{"func init() {}", "func init() {}", "var _ = 1", "var _ = 2"}, [][2]int{{1, 4}}},
		{[]string{"func f() {}", "func f() {}", "func f() {}"}, [][2]int{{1, 1}, {2, 2}, {3, 3}}},
		{[]string{"var a = 1", "var b, a = \"é\", 2 // ü\nvar c = b", "var a = 3"}, [][2]int{{1, 1}, {2, 2}, {3, 3}}},
		{nil, nil},
	} {
		var got [][2]int
		for _, p := range merge(parsed(t, c.cells...)) {
			got = append(got, [2]int{p.first, p.last})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: programs %v, want %v", c.cells, got, c.want)
		}
	}
}

// A message names the cell and its line, and not a file that nobody has written.
func TestErrorsNameTheCell(t *testing.T) {
	folder := t.TempDir()
	p := merge(parsed(t, "var a = 1", "// two lines\n\n%%\nvar unused int"))[0]
	_, err := build(filepath.Join(folder, "p"), "off", p)
	if err == nil || !strings.Contains(err.Error(), "In[2]:4") {
		t.Errorf("an error in line 4 of In [2] is %v", err)
	}
	if _, err := parseCell(1, "%%\nfor {"); err == nil {
		t.Error("half a loop is taken for a cell")
	}
	k, err := newKernel(folder, folder)
	if err != nil {
		t.Fatal(err)
	}
	cells := parsed(t, "%%\nprintln(\"before\")\npanic(\"it fell\")")
	program, err := build(filepath.Join(folder, "q"), "off", merge(cells)[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.run(program, cells[0]); err == nil || !strings.Contains(err.Error(), "before") || !strings.Contains(err.Error(), "it fell") {
		t.Errorf("a panic says %v", err)
	}
}

// What a cell shows arrives: pictures, elements that are replaced, and an answer
// to Sync.
func TestDisplays(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	folder := t.TempDir()
	file := filepath.Join(folder, "show.ipynb")
	const source = `{"cells": [
		{"cell_type": "markdown", "source": "not code"},
		{"cell_type": "code", "source": ["import \"github.com/janpfeifer/gonb/gonbui\"\n", "%%\n", "gonbui.DisplayHTML(\"<b>a</b>\")\n",
			"gonbui.UpdateHTML(\"x\", \"first\")\n", "gonbui.UpdateHTML(\"x\", \"second\")\n", "gonbui.Sync()\n", "println(7)"]},
		{"cell_type": "code", "metadata": {"descent": {"kernel": "it is late"}}, "source": "%%\npanic(1)"}]}`
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	results, err := notebook(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 2 || results[1].Skipped != "it is late" || len(results[0].Outputs) != 3 {
		t.Fatalf("results %+v", results)
	}
	out := results[0].Outputs
	if out[0].Text != "7\n" || out[1].Data["text/html"] != "<b>a</b>" || out[2].Data["text/html"] != "second" {
		t.Errorf("outputs %+v", out)
	}
}
