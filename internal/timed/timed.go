// Package timed runs the benchmarks of a package at three sizes, and holds their
// list to the package's exported names.
package timed

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// A List has a benchmark for each name: of a function, or of a type and its method
// as in "CSV.Read". It makes what is timed for n rows.
type List map[string]func(n int) func()

// Sizes are the numbers of rows. From how the time grows from one to the next one
// sees what kind of work it is.
var Sizes = []int{1000, 10_000, 100_000}

// Run times all of the list.
func (l List) Run(b *testing.B) {
	for name := range l {
		for _, n := range Sizes {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				run := l[name](n)
				b.ReportAllocs()
				for b.Loop() {
					run()
				}
			})
		}
	}
}

// Once runs all of the list for few rows.
func (l List) Once() {
	for _, prepare := range l {
		prepare(100)()
	}
}

// Check reports every exported function and method of the package in the test's
// folder that is neither in the list nor among quick, those that take no time that
// grows with data. A name without a method in quick, such as "Curve", stands for
// all methods of a type, and one with a point first, such as ".Rate", for the
// method of that name of all types.
func (l List) Check(t *testing.T, quick ...string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var exported []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				exported = append(exported, nameOf(f)...)
			}
		}
	}
	for _, name := range exported {
		typ, method, _ := strings.Cut(name, ".")
		if l[name] == nil && !slices.Contains(quick, name) && !slices.Contains(quick, typ) && !slices.Contains(quick, "."+method) {
			t.Errorf("%s has no benchmark: add one, or say that it takes no time", name)
		}
	}
	for _, name := range slices.Concat(quick, keys(l)) {
		known := slices.ContainsFunc(exported, func(e string) bool {
			return e == name || strings.HasPrefix(e, name+".") || name[0] == '.' && strings.HasSuffix(e, name)
		})
		if !known {
			t.Errorf("%s has a benchmark, or is quick, but is not exported any more", name)
		}
	}
}

func keys(l List) (names []string) {
	for name := range l {
		names = append(names, name)
	}
	return names
}

// nameOf returns the name of a function if it is exported, with the type of its
// receiver. What a fmt, a json or a Transformer asks for is quick everywhere.
func nameOf(f *ast.FuncDecl) []string {
	name := f.Name.Name
	always := []string{"String", "Validate", "FeatureNames", "UnmarshalJSON", "MarshalJSON", "Terms"}
	if !f.Name.IsExported() || f.Recv != nil && slices.Contains(always, name) || strings.HasPrefix(name, "New") && f.Type.Params.NumFields() == 0 {
		return nil
	}
	if f.Recv == nil {
		return []string{name}
	}
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if id, ok := typ.(*ast.Ident); ok && id.IsExported() {
		return []string{id.Name + "." + name}
	}
	return nil
}
