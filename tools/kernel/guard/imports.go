package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/descent-go/descent/internal/cell"
	"github.com/descent-go/descent/tools/kernel/wire"
)

// An importCache has what goimports made of the files that it was given last, and
// which packages of the standard library it has added.
type importCache struct {
	mu    sync.Mutex
	made  map[string][]byte
	order []string
	added map[string]string // path, by a package's name and what is used of it
}

// goimports adds missing imports and takes away those that are not used, as GoNB asks
// for before each build. Where it is known what a file needs, the guard does it itself.
func (k *kernel) goimports(r *run, request wire.Request) wire.Reply {
	file := request.Args[1]
	source, err := os.ReadFile(file)
	if err != nil {
		return wire.Reply{Status: wire.Yourself}
	}
	c := &k.imports
	c.mu.Lock()
	better := c.made[string(source)]
	if better == nil {
		better = needed(source, c.added)
	}
	c.mu.Unlock()
	if better != nil {
		if !bytes.Equal(better, source) {
			err = os.WriteFile(file, better, 0o666)
		}
		if err == nil {
			return wire.Reply{}
		}
	}
	out, ok := k.work(r, request, "goimports", request.Args...)
	if made, err := os.ReadFile(file); ok && err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.made == nil {
			c.made, c.added = map[string][]byte{}, map[string]string{}
		}
		c.made[string(source)] = made
		if c.order = append(c.order, string(source)); len(c.order) > 32 {
			delete(c.made, c.order[0])
			c.order = c.order[1:]
		}
		learn(c.added, source, made)
	}
	return wire.Reply{Status: status(ok), Text: out}
}

// needed returns a file without the imports that it does not use and with those that
// goimports has added before, or nil if it may need others.
func needed(source []byte, added map[string]string) []byte {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, 0)
	if err != nil {
		return nil
	}
	used := packagesOf(f)
	known := map[string]bool{}
	better := bytes.Clone(source)
	for _, s := range f.Imports {
		name := importName(s)
		if used[name] != "" || name == "_" || name == "." {
			known[name] = true
			continue
		}
		from, to := fset.Position(s.Pos()).Offset, fset.Position(s.End()).Offset
		for i := from; i < to; i++ {
			better[i] = ' '
		}
	}
	var more []byte // behind the package's name, so that lines keep their numbers
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if known[name] {
			continue
		}
		path, ok := added[used[name]]
		if !ok {
			return nil
		}
		more = fmt.Appendf(more, "; import %q", path)
	}
	return slices.Insert(better, fset.Position(f.Name.End()).Offset, more...)
}

// learn notes which packages of the standard library goimports has added to a file. It
// looks there first and chooses by what is used of a package.
func learn(added map[string]string, source, made []byte) {
	fset := token.NewFileSet()
	before, err := parser.ParseFile(fset, "", source, 0)
	if err != nil {
		return
	}
	after, err := parser.ParseFile(fset, "", made, parser.ImportsOnly)
	if err != nil {
		return
	}
	used := packagesOf(before)
	for _, s := range before.Imports {
		delete(used, importName(s))
	}
	for _, s := range after.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		first, _, _ := strings.Cut(path, "/")
		if use, ok := used[importName(s)]; ok && s.Name == nil && !strings.Contains(first, ".") {
			added[use] = path
		}
	}
}

// packagesOf returns the names in a file that must be packages, each with what is used
// of it, such as "fmt.Print.Println".
func packagesOf(f *ast.File) map[string]string {
	unresolved := map[*ast.Ident]bool{}
	for _, id := range f.Unresolved {
		unresolved[id] = true
	}
	members := map[string][]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && unresolved[x] {
				members[x.Name] = append(members[x.Name], s.Sel.Name)
			}
		}
		return true
	})
	used := map[string]string{}
	for name, m := range members {
		slices.Sort(m)
		used[name] = name + "." + strings.Join(slices.Compact(m), ".")
	}
	return used
}

// importName returns the name under which a file knows an import.
func importName(s *ast.ImportSpec) string {
	if s.Name != nil {
		return s.Name.Name
	}
	path, _ := strconv.Unquote(s.Path.Value)
	return cell.PackageName(path)
}
