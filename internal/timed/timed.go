// Package timed runs the benchmarks of a package at three sizes, and holds their
// list to the package's exported names.
package timed

import (
	"fmt"
	"maps"
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

// Run times all of the list, in order of the names.
func (l List) Run(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(l)) {
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
// grows with data. A method that a type has from one it embeds counts as its own. A
// name without a method in quick, such as "Curve", stands for all methods of a type,
// and one with a point first, such as ".Rate", for the method of that name of all
// types.
func (l List) Check(t *testing.T, quick ...string) {
	t.Helper()
	exported, err := exportedNames(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range exported {
		typ, method, _ := strings.Cut(name, ".")
		if l[name] == nil && !slices.Contains(quick, name) && !slices.Contains(quick, typ) && !slices.Contains(quick, "."+method) {
			t.Errorf("%s has no benchmark: add one, or say that it takes no time", name)
		}
	}
	for _, name := range slices.AppendSeq(slices.Sorted(maps.Keys(l)), slices.Values(quick)) {
		known := slices.ContainsFunc(exported, func(e string) bool {
			return e == name || strings.HasPrefix(e, name+".") || name[0] == '.' && strings.HasSuffix(e, name)
		})
		if !known {
			t.Errorf("%s has a benchmark, or is quick, but is not exported any more", name)
		}
	}
}

// CheckTypes reports every exported type with a method, such as "layer", that is not in
// a list whose names are those of types.
func (l List) CheckTypes(t *testing.T, method string) {
	t.Helper()
	types, err := typesWith(".", method)
	if err != nil || len(types) == 0 {
		t.Fatalf("no exported types with the method %s: %v", method, err)
	}
	for _, name := range types {
		if l[name] == nil {
			t.Errorf("%s has no benchmark: add one", name)
		}
	}
	for name := range l {
		if !slices.Contains(types, name) {
			t.Errorf("%s has a benchmark, but is not exported any more", name)
		}
	}
}
