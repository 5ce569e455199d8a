package timed

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestExportedNames: a method counts whatever type of the package a type has it from.
func TestExportedNames(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("p.go", `package p
		import "io"
		func Read() {}
		func hidden() {}
		func NewOwn() Own { return Own{} }
		func NewSized(n int) Own { return Own{} }
		type Own struct{ field base }      // a field with a name embeds nothing
		func (o *Own) Fit() {}
		func (o Own) fit() {}
		func (o Own) String() string { return "" }
		type Promoted struct{ *base; io.Reader }
		type base struct{ deep; n int }
		func (b *base) Swap() {}
		func (b *base) Validate() error { return nil }
		type Wrapper struct{ Stepper }
		type Stepper interface{ Initer; Step() }
		type Initer interface{ Init() }
		type List[T any] struct{ inner[T] }
		type inner[T any] struct{}
		func (l *List[T]) Len() int { return 0 }
		func (l inner[T]) All() {}
		type Pair[K, V any] struct{}
		func (p Pair[K, V]) Key() {}
		type hiding struct{}
		func (hiding) Do() {}
		type Ring struct{ *Ring }
		func (Ring) Turn() {}
	`)
	write("q.go", "package p\ntype deep struct{}\nfunc (deep) Sink() {}\n")
	write("p_test.go", "package p\nfunc Helper() {}\n")
	got, err := exportedNames(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"List.All", "List.Len", "NewSized", "Own.Fit", "Pair.Key", "Promoted.Sink", "Promoted.Swap",
		"Read", "Ring.Turn", "Wrapper.Init", "Wrapper.Step"}
	if !slices.Equal(got, want) {
		t.Errorf("exported: %q, want %q", got, want)
	}
	if got, err = typesWith(folder, "fit"); err != nil || !slices.Equal(got, []string{"Own"}) {
		t.Errorf("%q have the method fit, %v", got, err)
	}
	if got, err = typesWith(folder, "Sink"); err != nil || !slices.Equal(got, []string{"Promoted"}) {
		t.Errorf("%q have the method Sink, %v", got, err)
	}
	if _, err := exportedNames(filepath.Join(folder, "no")); err == nil {
		t.Error("no error for no folder")
	}
	write("r.go", "package")
	if _, err := exportedNames(folder); err == nil {
		t.Error("no error for what is no Go")
	}
}
