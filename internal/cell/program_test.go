package cell

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// std resolves a few names of the standard library.
func std(name string, members []string) string {
	switch {
	case name == "rand" && strings.Contains(fmt.Sprint(members), "IntN"):
		return "math/rand/v2"
	case name == "fmt" || name == "strings" || name == "os":
		return name
	}
	return ""
}

// compile returns what the compiler says of a program, the messages with their places.
func compile(t *testing.T, p *Program) []string {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, f := range p.Files {
		file, err := parser.ParseFile(fset, f.Name, f.Text, 0)
		if err != nil {
			t.Fatalf("%v\n%s", err, f.Text)
		}
		files = append(files, file)
	}
	var said []string
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil), Error: func(err error) {
		e := err.(types.Error)
		said = append(said, fmt.Sprintf("%s:%d: %s", fset.Position(e.Pos).Filename, fset.Position(e.Pos).Line, e.Msg))
	}}
	config.Check("main", fset, files, nil)
	return said
}

// TestProgram: cells run with what is remembered, and messages name the cell and its line.
func TestProgram(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string // the last is the one that runs
		want  []string
	}{
		{"alone", []string{"%%\nfmt.Println(1)"}, nil},
		{"declared before", []string{"func f() int {\n\treturn 1\n}", "%%\nfmt.Println(f())"}, nil},
		{"declared again", []string{"func f() int { return 1 }", "func f() string { return \"\" }", "%%\nvar s string = f()\n_ = s"}, nil},
		{"declared again as another kind", []string{"var f = 1", "func f() {}", "%%\nf()"}, nil},
		{"declared in the cell", []string{"func f() int { return 1 }", "func f() {}\n%%\nf()"}, nil},
		{"one of several", []string{"var a, b = 1, 2", "var b = \"\"", "%%\nvar s string = b\n_, _ = a, s"}, nil},
		{"a type of a group", []string{"type (\n\tA int\n\tB int\n)", "type A string", "%%\nvar a A = \"\"\nvar b B = 1\n_, _ = a, b"}, nil},
		{"constants", []string{"const (\n\t_ = iota\n\tOne\n\tTwo\n)", "const One = \"one\"", "%%\nvar s [Two]int = [2]int{}\nvar t string = One\n_, _ = s, t"}, nil},
		{"a method", []string{"type T[X any] struct{}\nfunc (t T[X]) M() int { return 1 }", "func (t *T[Y]) M() string { return \"\" }", "%%\nvar t T[int]\nvar s string = t.M()\n_ = s"}, nil},
		{"imports of both", []string{"import \"math/rand/v2\"\nfunc f() int { return rand.IntN(3) }", "import \"crypto/rand\"\nfunc g() { rand.Read(nil) }", "%%\nf()\ng()\nrand.Read(nil)"}, nil},
		{"an import that is not used", []string{"import (\n\t\"os\"\n\t\"strings\"\n)\n%%\nfmt.Println(strings.ToUpper(\"\"))"}, nil},
		{"an import without a name", []string{"%%\nfmt.Println(rand.IntN(3))"}, nil},
		{"a name like a package", []string{"import \"os\"\ntype T struct{ Args int }\nvar os T", "%%\nfmt.Println(os.Args + 1)"}, nil},
		{"a name of the cell", []string{"import \"strings\"", "%%\nvar strings struct{ X int }\n_ = strings.X"}, nil},
		{"exec", []string{"func f() {}\n%exec f"}, nil},
		{"main", []string{"func main() { fmt.Println() }"}, nil},
		{"the line of a mistake", []string{"import \"fmt\"", "// one\n%%\n\nx := 1"}, []string{"cell2.go:4: declared and not used: x"}},
		{"a mistake in another cell", []string{"func f(x int) {}", "\n\nfunc g() {\n\tf(1)\n}", "func f() {}"}, []string{"cell2.go:4: too many arguments in call to f\n\thave (number)\n\twant ()"}},
		{"main elsewhere", []string{"func f() {}\n%%\nf()", "%%\nf()"}, nil},
		{"no declarations", []string{"%%\nf()", "func f() {}"}, nil},
	} {
		var m Memory
		last := len(c.cells)
		for i, text := range c.cells[:last-1] {
			m.Compiled(Read(text), i+1)
		}
		p, err := m.Program(Read(c.cells[last-1]), last, std)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := compile(t, p); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, want %q\n%v", c.name, got, c.want, p.Files)
		}
	}
}

// TestPrune: a program has of other cells what it needs, what no longer fits to it, and what acts by itself.
func TestPrune(t *testing.T) {
	before := []string{
		"type T struct{ n int }\nfunc (t T) String() string { return shown(t.n) }\nfunc shown(n int) string { return \"\" }",
		"func base() int { return 1 }\nfunc middle() int { return base() }\nfunc top() int { return middle() }",
		"var plain, other = 1, 2\nvar set = make([]int, side())\nfunc side() int { return 3 }",
		"func setup() {}\nfunc init() { setup() }\nfunc idle() {}",
		"const (\n\tA = 1\n\tB = C\n)\nconst C = 2\nconst D = 3",
		"const (\n\t_ = iota + E\n\tF\n)\nconst E = 2",
		"type I interface{ M() }\ntype W struct{}\nfunc (W) M() { work() }\nfunc work() {}\ntype V struct{}\nvar _ I = V{}\nfunc (V) M() {}",
	}
	always := "set side setup init idle E F I V V.M W W.M work "
	for _, c := range []struct{ cell, want string }{
		{"%%\nfmt.Println(1)", ""},
		{"%%\nfmt.Println(T{})", "T T.String shown"},
		{"%%\nfmt.Println(top())", "base middle top"},
		{"%%\nfmt.Println(plain)", "plain other"}, // one declaration
		{"%%\nfmt.Println(A)", "A B C"},
		{"func base() string { return \"\" }", "middle top"}, // which do not compile any more, and that must be said
		{"type T struct{}", "T.String shown"},
		{"func side() int { return 4 }", ""},
		{"%exec top", "base middle top"},
	} {
		var m Memory
		for i, text := range before {
			m.Compiled(Read(text), i+1)
		}
		p, err := m.Program(Read(c.cell), len(before)+1, std)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, f := range p.Files {
			if strings.HasPrefix(f.Name, "0") {
				read := Read(strings.SplitN(f.Text, "\n", 3)[2])
				for _, d := range read.Decls() {
					got[d.Name] = true
				}
				if strings.Contains(f.Text, "func init()") {
					got["init"] = true
				}
			}
		}
		want := map[string]bool{}
		for _, name := range strings.Fields(always + c.want) {
			want[name] = true
		}
		if strings.HasPrefix(c.cell, "func side") {
			delete(want, "side")
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: has %v, want %v\n%v", c.cell, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)), p.Files)
		}
		said := compile(t, p)
		if mistakes := strings.HasPrefix(c.cell, "func base") || strings.HasPrefix(c.cell, "type T"); len(said) > 0 != mistakes {
			t.Errorf("%s: %q\n%v", c.cell, said, p.Files)
		}
	}
}

func TestProgramThatDoesNotParse(t *testing.T) {
	var m Memory
	if _, err := m.Program(Read("func f( {"), 1, nil); err == nil {
		t.Error("no error")
	}
}

// TestProgramOfTests: a cell with %test runs its tests.
func TestProgramOfTests(t *testing.T) {
	var m Memory
	p, err := m.Program(Read("%test\nimport \"testing\"\nfunc TestX(t *testing.T) { t.Log(1) }\nfunc BenchmarkY(b *testing.B) {}\nfunc TestNone() {}"), 1, nil)
	if err != nil || !p.Runs {
		t.Fatal(err, p)
	}
	if said := compile(t, p); said != nil {
		t.Error(said)
	}
	text := p.Files[len(p.Files)-1].Text
	if !strings.Contains(text, `{{"TestX", TestX}, }`) || !strings.Contains(text, `{{"BenchmarkY", BenchmarkY}, }`) {
		t.Error(text)
	}
	if fmt.Sprint(p.Imports) != "[regexp testing]" {
		t.Error(p.Imports)
	}
}

// TestChapter: the cells of a chapter are one program, and two where a name is declared again.
func TestChapter(t *testing.T) {
	var cells []*Cell
	for _, text := range []string{
		"import \"fmt\"\n// func main() is what %% stands for.\nfunc f() int { return 1 }\n%%\nfmt.Println(f())",
		"func g() {}",
		"%%\ng()\nfmt.Println(f())",
		"%%\nx := ",
		"func f() string { return \"\" }\n%%\nvar s string = f()\n_ = s",
	} {
		cells = append(cells, Read(text))
	}
	programs, numbers := Chapter(cells, std)
	if got := fmt.Sprint(numbers); got != "[[1 3] [5]]" {
		t.Error(got)
	}
	for _, p := range programs {
		if said := compile(t, p); said != nil {
			t.Errorf("%q\n%v", said, p.Files)
		}
	}
}

func TestNumber(t *testing.T) {
	for file, want := range map[string]int{"cell3.go": 3, "/w/cell12.go": 12, "main.go": 0, "cellar.go": 0} {
		if got := Number(file); got != want {
			t.Errorf("%s: %d, want %d", file, got, want)
		}
	}
}

// TestSyntaxErrors: one for each line, and none at what the cell does not have.
func TestSyntaxErrors(t *testing.T) {
	for text, want := range map[string]string{
		"%%\nfmt.Println(1":     "[{2 missing ',' before newline in argument list}]",
		"%%\nif x {":            "[{2 expected ';', found 'EOF'}]",
		"%%\nx := \ny := 1\nz(": "[{3 expected ';', found ':='}]",
		"%%\nx := 1":            "[]",
	} {
		if got := fmt.Sprint(Read(text).SyntaxErrors()); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
