package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/descent-go/descent/internal/cell"
)

// offered are packages that a changed cell may import although no chapter does.
var offered = []string{
	"bufio", "bytes", "cmp", "container/heap", "container/list", "context", "encoding/binary", "encoding/csv", "encoding/json", "errors",
	"fmt", "io", "iter", "maps", "math", "math/big", "math/bits", "math/cmplx", "math/rand", "math/rand/v2", "os", "path/filepath", "reflect",
	"regexp", "runtime", "slices", "sort", "strconv", "strings", "sync", "sync/atomic", "testing", "text/tabwriter", "time", "unicode",
	"unicode/utf8", "unsafe",
}

// A candidate can be imported under a name.
type candidate struct {
	Path  string   `json:"path"`
	Names []string `json:"names,omitempty"`
}

// packages are all that programs in the page can be linked from.
type packages struct {
	archives map[string]string      // files
	order    []string               // of dependencies
	imports  map[string][]string    // of each
	names    map[string][]candidate // that cells may import
	shared   map[string]bool        // by all chapters
}

// packages compiles what the chapters import and what is offered.
func (t *toolchain) packages(chapters []*chapter) (*packages, error) {
	roots := map[string]bool{"runtime": true, "runtime/debug": true}
	for _, path := range offered {
		roots[path] = true
	}
	for _, c := range chapters {
		for path := range c.imports {
			roots[path] = true
		}
	}
	all, err := t.list(slices.Sorted(maps.Keys(roots)))
	if err != nil {
		return nil, err
	}
	p := &packages{map[string]string{}, nil, map[string][]string{}, map[string][]candidate{}, map[string]bool{}}
	names := map[string][]listed{}
	for _, l := range all {
		if l.ImportPath != "unsafe" {
			p.archives[l.ImportPath] = l.Export
			p.order = append(p.order, l.ImportPath)
			imports := slices.DeleteFunc(append([]string{}, l.Imports...), func(path string) bool { return path == "unsafe" })
			p.imports[l.ImportPath] = imports
		}
		if roots[l.ImportPath] {
			names[l.Name] = append(names[l.Name], l)
		}
	}
	for name, same := range names {
		// goimports looks in the standard library first, and takes the newest version.
		slices.SortFunc(same, func(a, b listed) int {
			if a.Standard != b.Standard {
				if a.Standard {
					return -1
				}
				return 1
			}
			return strings.Compare(b.ImportPath, a.ImportPath)
		})
		for _, l := range same {
			c := candidate{Path: l.ImportPath}
			if len(same) > 1 {
				if c.Names, err = exported(l); err != nil {
					return nil, err
				}
			}
			p.names[name] = append(p.names[name], c)
		}
	}
	for i, c := range chapters {
		closure := p.closure(slices.Collect(maps.Keys(c.imports)))
		if i == 0 {
			p.shared = closure
		}
		maps.DeleteFunc(p.shared, func(path string, _ bool) bool { return !closure[path] })
	}
	return p, nil
}

// closure returns what a program with these imports is linked from.
func (p *packages) closure(paths []string) map[string]bool {
	all := map[string]bool{}
	todo := append([]string{"runtime"}, paths...)
	for len(todo) > 0 {
		path := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !all[path] && p.archives[path] != "" {
			all[path] = true
			todo = append(todo, p.imports[path]...)
		}
	}
	return all
}

// exported returns the names that a package exports.
func exported(l listed) ([]string, error) {
	names := map[string]bool{}
	for _, f := range l.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(l.Dir, f), nil, 0)
		if err != nil {
			return nil, err
		}
		for name := range file.Scope.Objects {
			if ast.IsExported(name) {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// pack writes the packages: those that all chapters share as one file, the others one by one.
func (s *site) pack(p *packages) ([]pack, error) {
	var shared pack
	var together bytes.Buffer
	var packs []pack
	for _, path := range p.order {
		data, err := os.ReadFile(p.archives[path])
		if err != nil {
			return nil, err
		}
		one := packed{path, len(data)}
		if p.shared[path] {
			shared.Packages = append(shared.Packages, one)
			together.Write(data)
			continue
		}
		f, err := s.write(strings.ReplaceAll(path, "/", "."), "a", data)
		if err != nil {
			return nil, err
		}
		packs = append(packs, pack{f, []packed{one}})
	}
	f, err := s.write("packages", "a", together.Bytes())
	shared.file = f
	return append([]pack{shared}, packs...), err
}

// resolve finds an import for a cell as the page does.
func (p *packages) resolve(name string, members []string) string {
	for _, c := range p.names[name] {
		if len(c.Names) == 0 || !slices.ContainsFunc(members, func(m string) bool { return !slices.Contains(c.Names, m) }) {
			return c.Path
		}
	}
	return ""
}

var _ cell.Resolve = (&packages{}).resolve

// check returns an error if a program needs what the page does not have.
func (p *packages) check(paths []string) error {
	for _, path := range paths {
		if path != "unsafe" && p.archives[path] == "" {
			return fmt.Errorf("the package %s was not compiled", path)
		}
	}
	return nil
}
