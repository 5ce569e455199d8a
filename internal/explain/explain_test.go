//go:build !js

package explain

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// samples are mistakes, each a body of a file of package main below its import of
// fmt. The key is what the compiler's message must be recognised as.
var samples = []struct{ id, code string }{
	{"unused-variable", "func f() { x := 1 }"},
	{"unused-import", "import \"os\"\nfunc f() {}"},
	{"missing-return", "func f() int { for false { return 1 } }"},
	{"mismatched-int-float", "func f(n int, x float64) { fmt.Println(n * x) }"},
	{"mismatched-int-float", "func f(n int, x float64) { fmt.Println(x / n) }"},
	{"mismatched-types", "func f(n int, s string) { fmt.Println(n + s) }"},
	{"mismatched-types", "func f(n int) { if n == \"a\" {} }"},
	{"undefined", "func f() { fmt.Println(lenght) }"},
	{"undefined-in-package", "func f() { fmt.Printline(1) }"},
	{"other-case-in-package", "func f() { fmt.println(1) }"},
	{"other-case", "type T struct{ Name string }\nfunc f(t T) { fmt.Println(t.name) }"},
	{"no-field", "type T struct{}\nfunc f(t T) { t.Fit() }"},
	{"truncated", "var n int = 1.5"},
	{"overflows", "var b byte = 300"},
	{"float-as-int", "func f(x float64) { var n int = x; _ = n }"},
	{"int-as-float", "func g(x float64) {}\nfunc f(n int) { g(n) }"},
	{"use-nil", "var n int = nil"},
	{"not-implemented", "type T struct{}\nvar s fmt.Stringer = T{}"},
	{"not-implemented", "type T struct{}\nfunc (t *T) String() string { return \"\" }\nvar s fmt.Stringer = T{}"},
	{"cannot-use", "var s string = 5"},
	{"cannot-use", "func f() int { return \"a\" }"},
	{"cannot-use", "func f(xs []int) { var ys []float64 = xs; _ = ys }"},
	{"too-many-arguments", "func g(a int) {}\nfunc f() { g(1, 2) }"},
	{"not-enough-arguments", "func g(a int) {}\nfunc f() { g() }"},
	{"too-many-returned", "func f() int { return 1, 2 }"},
	{"not-enough-returned", "func f() (int, error) { return 1 }"},
	{"assignment-mismatch", "func g() (int, error) { return 0, nil }\nfunc f() { x := g(); _ = x }"},
	{"assignment-count", "func f() { a, b := 1; _, _ = a, b }"},
	{"several-values", "func g() (int, error) { return 0, nil }\nfunc f() { fmt.Println(1, g()) }"},
	{"no-value", "func g() {}\nfunc f() { x := g(); _ = x }"},
	{"append-unused", "func f(s []int) { append(s, 1) }"},
	{"not-used", "func f(n int) { n + 1 }"},
	{"not-used", "func f(n int) { n == 1 }"},
	{"no-new-variables", "func f(n int) { n := 1; _ = n }"},
	{"redeclared", "func f() { var n int; var n int; _ = n }"},
	{"redeclared", "var a = 1\nvar a = 2"},
	{"method-redeclared", "type T struct{}\nfunc (T) M() {}\nfunc (T) M() {}"},
	{"not-bool", "func f(n int) { if n {} }"},
	{"assign-string", "func f(s string) { s[0] = 'a' }"},
	{"map-field", "type T struct{ X int }\nfunc f(m map[string]T) { m[\"a\"].X = 1 }"},
	{"cannot-assign", "const c = 1\nfunc f() { c = 2 }"},
	{"cannot-assign", "func f() { f = nil }"},
	{"index-out-of-bounds", "func f() { a := [3]int{}; fmt.Println(a[5]) }"},
	{"zero-division", "func f(n int) { fmt.Println(n / 0) }"},
	{"not-comparable", "func f(a, b []int) { fmt.Println(a == b) }"},
	{"operator", "func f(n int) { fmt.Println(!n) }"},
	{"cannot-index", "func f(n int) { fmt.Println(n[0]) }"},
	{"cannot-call", "func f(n int) { n() }"},
	{"cannot-range", "func f(x float64) { for range x {} }"},
	{"cannot-convert", "func f(s string) { fmt.Println(int(s)) }"},
	{"type-not-expression", "func f() { x := int; _ = x }"},
	{"not-a-type", "var float32x = 1\nfunc f(x float32x) {}"},
	{"instantiate", "type S[T any] struct{ x T }\nvar s S"},
	{"cannot-infer", "func g[T any]() {}\nfunc f() { g() }"},
	{"does-not-satisfy", "func g[T int | float64](x T) {}\nfunc f() { g(\"a\") }"},
	{"package-no-selector", "func f() { x := fmt; _ = x }"},
	{"recursive-type", "type T struct{ t T }"},
	{"first-append", "func f(n int) { n = append(n, 1) }"},
	{"break-outside", "func f() { break }"},
	{"break-outside", "func f() { continue }"},
	{"duplicate-case", "func f(n int) { switch n { case 1: case 1: } }"},
	{"unknown-field", "type T struct{ X int }\nvar t = T{x: 1}"},
	{"too-few-values", "type T struct{ X, Y int }\nvar t = T{1}"},
	{"unused-label", "func f() { L: for {} }"},
	{"array-length", "func f(n int) { var a [n]int; _ = a }"},
	{"not-an-address", "func g() int { return 1 }\nvar p = &g()"},
	{"pointer-indirect", "func f(n int) { fmt.Println(*n) }"},
	{"import-name", "func fmt() {}"},

	{"short-outside", "x := 1"},
	{"short-outside", "fmt.Println(1)"},
	{"function-inside", "func f() { func g() {} }"},
	{"else-alone", "func f(n int) { if n == 1 {\n}\nelse {\n} }"},
	{"brace-alone", "func f(n int) { if n == 1\n{\n} }"},
	{"brace-alone", "func f()\n{\n}"},
	{"no-comma", "var a = []int{\n1,\n2\n}"},
	{"no-comma", "var a = max(\n1,\n2\n)"},
	{"increment", "func f(n int) { x := n++; _ = x }"},
	{"rune", "var a = 'abc'"},
	{"string-end", "var a = \"abc\n"},
	{"assign-in-condition", "func f(n int) { if n = 1 {} }"},
	{"end-of-cell", "func f() {\n"},
	{"unexpected", "func f( {}"},
	{"unexpected", "var a = )"},
}

// vetSamples are what go vet finds.
var vetSamples = []struct{ id, code string }{
	{"format-type", "func f(x float64) { fmt.Printf(\"%d\\n\", x) }"},
	{"format-count", "func f(x float64) { fmt.Printf(\"%v %v\\n\", x) }"},
	{"format-extra", "func f(x float64) { fmt.Printf(\"%v\\n\", x, x) }"},
	{"format-println", "func f(x float64) { fmt.Println(\"%v\", x) }"},
	{"format-println", "func f() { fmt.Println(\"a\\n\") }"},
	{"format-constant", "func f(s string) { fmt.Printf(s) }"},
	{"result-unused", "func f(s string) { fmt.Sprintf(\"%s\", s) }"},
	{"self-assignment", "func f(s string) { s = s }"},
	{"unreachable", "func f() int { return 1; fmt.Println(); return 2 }"},
	{"lock-copied", "import \"sync\"\nfunc f(m sync.Mutex) {}"},
	{"cancel-lost", "import \"context\"\nfunc f() { ctx, _ := context.WithCancel(context.Background()); _ = ctx }"},
	{"loop-variable", "func f() { for i := 0; i < 3; i++ { go func() { fmt.Println(i) }() } }"},
	{"unkeyed", "import \"net/url\"\nvar u = url.Error{\"a\", \"b\", nil}"},
	{"always-nil", "func f() bool { return f == nil }"},
	{"no-op", "func f(a bool) bool { return a || a }"},
}

func file(code string) string {
	if imports, rest, ok := strings.Cut(code, "\n"); ok && strings.HasPrefix(imports, "import") {
		return "package main\n\nimport \"fmt\"\n" + imports + "\n\nvar _ = fmt.Sprint\n" + rest + "\n"
	}
	return "package main\n\nimport \"fmt\"\n\nvar _ = fmt.Sprint\n" + code + "\n"
}

// run writes each sample as a package of one module and returns what go says of each.
func run(t *testing.T, goVersion, command string, codes []string) [][]Message {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module m\n\ngo "+goVersion+"\n")
	for i, code := range codes {
		text := file(code)
		if !strings.Contains(text, "func main") {
			text += "func main() {}\n"
			if strings.Contains(text, "\"abc\n") || strings.HasSuffix(code, "{\n") {
				text = file(code)
			}
		}
		write(fmt.Sprintf("p%02d/main.go", i), text)
	}
	cmd := exec.Command("go", command, "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOOS=", "GOARCH=")
	out, _ := cmd.CombinedOutput()
	said := make([][]Message, len(codes))
	for _, m := range Messages(string(out)) {
		var i int
		if _, err := fmt.Sscanf(filepath.ToSlash(filepath.Dir(m.File)), "p%d", &i); err != nil {
			if _, err := fmt.Sscanf(filepath.Base(filepath.Dir(m.File)), "p%d", &i); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		said[i] = append(said[i], m)
	}
	return said
}

// TestCompiler: what the compiler of this Go says is recognised. A new version of Go
// with other words is noticed here.
func TestCompiler(t *testing.T) {
	var codes []string
	for _, s := range samples {
		codes = append(codes, s.code)
	}
	for i, said := range run(t, "1.26", "build", codes) {
		check(t, samples[i].id, samples[i].code, said)
	}
}

func TestVet(t *testing.T) {
	var codes, old []string
	for _, s := range vetSamples {
		codes = append(codes, s.code)
		old = append(old, strings.ReplaceAll(s.code, "x, x", "x"))
	}
	now, before := run(t, "1.26", "vet", codes), run(t, "1.21", "vet", old)
	for i, s := range vetSamples {
		said := now[i]
		if s.id == "loop-variable" { // a mistake only in modules of Go 1.21 and before
			said = before[i]
		}
		check(t, s.id, s.code, said)
	}
}

func check(t *testing.T, want, code string, said []Message) {
	t.Helper()
	var all []string
	for _, m := range said {
		got := id(compileRules, m.Text)
		all = append(all, fmt.Sprintf("%s (%s)", m.Text, got))
		if got == want {
			if text := In("en").Compile(m.Text, nil); text == "" || regexp.MustCompile(`\$\{?\d`).MatchString(text) {
				t.Errorf("%s: %q", want, text)
			}
			return
		}
	}
	t.Errorf("%s: %q: the compiler says %q", want, code, all)
}

// TestParser: the kernel parses with go/parser before the compiler sees anything.
func TestParser(t *testing.T) {
	for _, s := range samples {
		_, err := parser.ParseFile(token.NewFileSet(), "main.go", file(s.code), 0)
		if err == nil {
			continue
		}
		m := Messages(err.Error())
		if len(m) == 0 {
			t.Errorf("%q: %v", s.code, err)
			continue
		}
		got := id(compileRules, m[0].Text)
		if got != s.id && !(got == "unexpected" && s.id == "end-of-cell") {
			t.Errorf("%s: %q is recognised as %q", s.id, m[0].Text, got)
		}
	}
}

// TestPanics: what Go's runtime and gonum say at the end is recognised.
func TestPanics(t *testing.T) {
	program := filepath.Join(t.TempDir(), "panics")
	build := exec.Command("go", "build", "-o", program, "./testdata/panics")
	build.Env = append(os.Environ(), "GOOS=", "GOARCH=") // of this machine, also where the test is emulated
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, r := range panicRules {
		switch r.id {
		case "killed", "interrupted", "exit", "panic-map-race":
			continue
		}
		out, err := exec.Command(program, r.id).CombinedOutput()
		if err == nil {
			t.Errorf("%s: the program came back", r.id)
		}
		if got := id(panicRules, string(out)); got != r.id {
			t.Errorf("%s: %.300s is recognised as %q", r.id, out, got)
		}
	}
	if got := In("").Panic("panic: index out of range [5] with length 3"); !strings.Contains(got, "index 5") {
		t.Error(got)
	}
}

// TestEveryRule: each message has a sample, each sentence a message.
func TestEveryRule(t *testing.T) {
	tested := map[string]bool{"not-exported": true, "no-package": true, "wants-dense": true, "while": true, "float-as-int": true}
	for _, s := range append(slices.Clone(samples), vetSamples...) {
		tested[s.id] = true
	}
	for _, r := range append(slices.Clone(compileRules), panicRules...) {
		if english[r.id] == "" {
			t.Errorf("no sentence for %s", r.id)
		}
	}
	for _, r := range compileRules {
		if !tested[r.id] {
			t.Errorf("no sample for %s", r.id)
		}
	}
	if n := len(tested); n < 30 {
		t.Error(n)
	}
	for language, c := range Catalogues {
		for key := range maps.Keys(english) {
			if c[key] == "" {
				t.Errorf("%s: no sentence for %s", language, key)
			}
		}
	}
	for message, want := range map[string]string{
		"package foo/bar is not in std (/usr/lib/go/src/foo/bar)":                        "no-package",
		"no required module provides package a.com/b; to add it:":                        "no-package",
		"name newPrinter not exported by package fmt":                                    "not-exported",
		"syntax error: unexpected name while at end of statement":                        "while",
		"cannot use x (variable of type mat.Dense) as *mat.Dense value in argument to f": "wants-dense",
	} {
		if got := id(compileRules, message); got != want {
			t.Errorf("%q: %s", message, got)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"length", "train", "Fit", "loss", "gradient", "x"}
	for name, want := range map[string]string{"lenght": "length", "trian": "train", "fit": "Fit", "los": "loss", "gradiant": "gradient", "y": "", "banana": ""} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := In("en").Compile("undefined: lenght", names); !strings.HasPrefix(got, "Did you mean length?") {
		t.Error(got)
	}
}

// TestLanguage: another catalogue says it in other words, and English where it has none.
func TestLanguage(t *testing.T) {
	Catalogues["xx"] = Catalogue{"missing-return": "!"}
	defer delete(Catalogues, "xx")
	if got := In("xx_YY.UTF-8").Compile("missing return", nil); got != "!" {
		t.Error(got)
	}
	if got := In("xx").Compile("declared and not used: a", nil); !strings.Contains(got, "variable a") {
		t.Error(got)
	}
	if got := In("zz").Say("no-start", "f()"); !strings.Contains(got, `"f()" is a statement`) || strings.Contains(got, "%%%") || !strings.Contains(got, "%%") {
		t.Error(got)
	}
}
