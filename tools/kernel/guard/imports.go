package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"sync"

	"github.com/descent-go/descent/internal/cell"
	"github.com/descent-go/descent/tools/kernel/wire"
)

// An importCache has what goimports made of the files that it was given last.
type importCache struct {
	mu    sync.Mutex
	made  map[string][]byte
	order []string
}

// goimports adds missing imports and takes away those that are not used, as GoNB asks
// for before each build. Where a file has all that it needs, the guard does it itself.
func (k *kernel) goimports(r *run, request wire.Request) wire.Reply {
	file := request.Args[1]
	source, err := os.ReadFile(file)
	if err != nil {
		return wire.Reply{Status: wire.Yourself}
	}
	c := &k.imports
	c.mu.Lock()
	better := c.made[string(source)]
	c.mu.Unlock()
	if better == nil {
		better = needed(source)
	}
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
			c.made = map[string][]byte{}
		}
		c.made[string(source)] = made
		if c.order = append(c.order, string(source)); len(c.order) > 32 {
			delete(c.made, c.order[0])
			c.order = c.order[1:]
		}
	}
	return wire.Reply{Status: status(ok), Text: out}
}

// needed returns a file without the imports that it does not use, or nil if it may
// need others.
func needed(source []byte) []byte {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, 0)
	if err != nil {
		return nil
	}
	unresolved := map[*ast.Ident]bool{}
	for _, id := range f.Unresolved {
		unresolved[id] = true
	}
	used := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && unresolved[x] {
				used[x.Name] = true
			}
		}
		return true
	})
	known := map[string]bool{}
	better := bytes.Clone(source)
	for _, s := range f.Imports {
		path, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			return nil
		}
		name := cell.PackageName(path)
		if s.Name != nil {
			name = s.Name.Name
		}
		if name == "_" || name == "." || used[name] {
			known[name] = true
			continue
		}
		from, to := fset.Position(s.Pos()).Offset, fset.Position(s.End()).Offset
		for i := from; i < to; i++ {
			better[i] = ' '
		}
	}
	for name := range used {
		if !known[name] {
			return nil
		}
	}
	return better
}
