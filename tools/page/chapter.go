package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/descent-go/descent/internal/cell"
	"github.com/descent-go/descent/internal/course/claims"
	"github.com/descent-go/descent/tools/page/session"
)

// A chapter is a notebook's code cells.
type chapter struct {
	name    string
	sources []string
	cells   []*cell.Cell
	why     []string // why only Jupyter can run a cell, or ""
	imports map[string]bool
	files   map[string]string // of the checkout that cells read, by their place in the page
}

// A chapterFile is what the scripts know of a chapter before they open it.
type chapterFile struct {
	Name string `json:"name"` // of its file
}

// opened is the file of a chapter.
type opened struct {
	Cells    []string          `json:"cells"`    // sources
	Programs []file            `json:"programs"` // compiled beforehand
	Program  []int             `json:"program"`  // which of them has a cell; −1: it only declares
	Why      []string          `json:"why"`      // why only Jupyter can run a cell, or ""
	Packages []string          `json:"packages"` // that the chapter imports
	Files    map[string]string `json:"files"`    // that its cells read
}

// readChapter reads a notebook.
func readChapter(file string) (*chapter, error) {
	notebook, err := claims.Read(file)
	if err != nil {
		return nil, err
	}
	c := &chapter{name: strings.TrimSuffix(filepath.Base(file), ".ipynb"), imports: map[string]bool{}, files: map[string]string{}}
	var m cell.Memory
	for _, n := range notebook.Cells {
		if n.Type != "code" {
			continue
		}
		read := cell.Read(string(n.Source))
		c.sources, c.cells = append(c.sources, string(n.Source)), append(c.cells, read)
		c.why = append(c.why, cmp.Or(n.Metadata.Descent.Kernel, byCell[n.ID], why(&m, read)))
		if read.Parsed() {
			m.Compiled(read, len(c.cells))
		}
		for _, p := range read.Imports() {
			c.imports[p] = true
		}
		for _, m := range inCheckout.FindAllStringSubmatch(read.Text, -1) {
			data, err := os.ReadFile(filepath.Join(filepath.Dir(file), m[1]))
			if err != nil {
				return nil, fmt.Errorf("%s: In [%d]: %w", file, len(c.cells), err)
			}
			c.files[path.Join(notebooksInPage, m[1])] = string(data)
		}
	}
	return c, nil
}

// inCheckout finds the files of the checkout that a cell reads, as strings.
var inCheckout = regexp.MustCompile(`"(\.\./[^"\\]+\.\w+)"`)

// notebooksInPage is the folder in which cells run there, as tools/page/engine/chapter.js has it.
const notebooksInPage = "/course/notebooks"

// What needs a machine, by the packages that a cell calls.
var beyond = []struct {
	path, why string
}{
	{"github.com/descent-go/descent/datasets/remote", "it downloads data, and a page may not ask other hosts for files"},
	{"os/exec", "it starts another program, and a page has none"},
	{"net/http", "it serves a model and asks it over a network, which a page may not do"},
}

// byCell has the reasons that no rule finds, by the cell's id in its notebook.
var byCell = map[string]string{
	"0dc75835c2e0":   "it reads what a command of the shell before it has written",                               // 05b
	"49c4029b95ed":   "it reads what a command of the shell before it has written",                               // 07
	"at-train":       "it trains for a minute with the vector instructions of a processor, which a page has not", // 06e
	"at-temperature": "it writes with the network that the cell In [9] has trained",                              // 06e
}

// why returns why a page cannot run a cell, or "".
func why(m *cell.Memory, c *cell.Cell) string {
	for _, command := range c.Commands() {
		if !strings.HasPrefix(command, "%test") {
			return "it needs a shell, and a page has none"
		}
	}
	if c.Special {
		return "it needs a shell, and a page has none"
	}
	for _, b := range beyond {
		if m.Calls(c, []string{b.path}) {
			return b.why
		}
	}
	return ""
}

// chapter compiles a chapter's cells and writes its file.
func (s *site) chapter(t *toolchain, p *packages, c *chapter) (chapterFile, error) {
	o := opened{Cells: c.sources, Why: c.why, Program: slices.Repeat([]int{-1}, len(c.cells)), Programs: []file{},
		Packages: slices.Sorted(maps.Keys(c.imports)), Files: c.files}
	programs, numbers := cell.Chapter(c.cells, p.resolve)
	for i, program := range programs {
		if err := p.check(program.Imports); err != nil {
			return chapterFile{}, fmt.Errorf("%s: %w", c.name, err)
		}
		files := map[string]string{}
		for _, f := range program.Files {
			files[f.Name] = f.Text
		}
		files[session.Limits.Name] = session.Limits.Text
		data, err := t.program(files)
		if err != nil {
			return chapterFile{}, fmt.Errorf("%s: its cells do not compile as one program: %w", c.name, err)
		}
		f, err := s.write("cells-"+c.name, "wasm", data)
		if err != nil {
			return chapterFile{}, err
		}
		o.Programs = append(o.Programs, f)
		for _, n := range numbers[i] {
			o.Program[n-1] = i
		}
	}
	data, err := json.Marshal(o)
	if err != nil {
		return chapterFile{}, err
	}
	f, err := s.write("chapter-"+c.name, "json", data)
	return chapterFile{f.Name}, err
}
