package cell

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestProblem: what cannot work is said before GoNB tries.
func TestProblem(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"declarations", "import \"fmt\"\nfunc f() {\n\tfmt.Println()\n}\nvar x, y = 1,\n2\n", ""},
		{"main", "func f() {}\n%%\nx := 1\nfmt.Println(x)", ""},
		{"no %%", "import \"fmt\"\nfmt.Println(1)", "2 no-start [fmt.Println(1)]"},
		{"no %%, assignment", "x := 3", "1 no-start [x := 3]"},
		{"no %%, after a comment", "// a\n/* b */ for {\n}", "2 no-start [/* b */ for {]"},
		{"check", "check.Equal(f(2), 4)", "1 no-start [check.Equal(f(2), 4)]"},
		{"before %%", "x := 3\n%%\nfmt.Println(x)", "1 before-start [x := 3 2]"},
		{"two", "%%\na()\n%%\nb()", "3 second-main [1 %%]"},
		{"main after %%", "%%\na()\n%main", "3 second-main [1 %main]"},
		{"exec and %%", "func f() {}\n%exec f\n%%", "3 second-main [2 %%]"},
		{"hidden", "//gonb:%%\na()\n//gonb:%%", "3 second-main [1 //gonb:%%]"},
		{"func main as well", "func main() {}\n%%\n", "1 main-and-start [%%]"},
		{"func main alone", "func main() {\n}", ""},
		{"in a raw string", "%%\nx := `\n%%\n`\n_ = x", ""},
		{"in a comment", "%%\n/*\n%%\n*/", ""},
		{"embed", "import _ \"embed\"\n//go:embed data.csv\nvar s string", "2 embed [data.csv]"},
		{"no end", "%%\nx := `a\n!rm -rf /", "2 no-end []"},
		{"no end of a comment", "/* a\n!b", "1 no-end []"},
		{"cgo", "import \"C\"", "1 cgo []"},
		{"bash", "%%bash\nx=1\n%%\n%%", ""},
		{"shell", "!echo it's\n!echo \"\nfunc f() {}", ""},
		{"continued shell", "!echo a \\\nb c\nfunc f() {}", ""},
		{"package", "package main\nfunc f() {}", ""},
		{"test", "%test\nfunc TestX(t *testing.T) {}", ""},
		{"signature over lines", "func f(a int,\n\tb int) (\n\tint, error) {\n\treturn a, nil\n}", ""},
		{"method", "func (s *S) M() {}\nfunc F[T any](x T) T { return x }", ""},
		{"brace too many", "func f() {}\n}", ""},
		{"empty", "", ""},
	} {
		got := ""
		if p := Read(c.text).Problem(); p != nil {
			got = p.String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestRewrite: what GoNB would misread means the same afterwards, on the same lines.
func TestRewrite(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a picture", "%%\ns := `# a\n![b](c.png)\n\"q\"`\nf(s)", "%%\ns := (\"# a\\n\" +\n\"![b](c.png)\\n\" +\n\"\\\"q\\\"\")\nf(s)"},
		{"%% in a raw string", "%%\nx := `\n%%\n`", "%%\nx := (\"\\n\" +\n\"%%\\n\" +\n\"\")"},
		{"package in a raw string", "var s = `\npackage x\n`", "var s = (\"\\n\" +\n\"package x\\n\" +\n\"\")"},
		{"harmless raw string", "var s = `\na\n`", "var s = `\na\n`"},
		{"carriage return", "var s = `a\r\n!b`", "var s = (\"a\\n\" +\n\"!b\")"},
		{"comment", "/*\n!ls\npackage\n*/", "/*\n !ls\n package\n*/"},
		{"packages", "%%\npackages := 3\nf(packages)", "%%\n packages := 3\nf(packages)"},
		{"a clause stays", "package main\nvar x = 1", "package main\nvar x = 1"},
		{"not", "%%\nif a &&\n!b {\n}", "%%\nif a &&\n !b {\n}"},
		{"a command", "%%\nf()\n!ls\ng()", "%%\nf()\n!ls\ng()"},
		{"generic method", "func (s *Stack[T]) Push(x T) {}", "func guardMethod_Stack_Push/*(s *Stack[T]) Push*/(x T) {}"},
		{"generic value", "func (s Stack[K, V]) Len() int {\nreturn 0 }", "func guardMethod_Stack_Len/*(s Stack[K, V]) Len*/() int {\nreturn 0 }"},
		{"plain method", "func (s *S) M() {}", "func (s *S) M() {}"},
		{"iota", "const (\n_ = iota\nOne\n)", "func guardConst_One() { /*guard*/const (\n_ = iota\nOne\n)/*guard*/ }"},
		{"one constant", "const x = 1", "const x = 1"},
		{"v2", "import \"math/rand/v2\"", "import rand \"math/rand/v2\""},
	} {
		var m Memory
		got := m.Rewrite(Read(c.text))
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
		if strings.Count(got, "\n") != strings.Count(c.text, "\n") {
			t.Errorf("%s: %d lines, want %d", c.name, strings.Count(got, "\n"), strings.Count(c.text, "\n"))
		}
	}
}

// TestImportsClash: two packages of one name, in two cells.
func TestImportsClash(t *testing.T) {
	var m Memory
	a := Read("import \"math/rand/v2\"\nfunc f() int { return rand.IntN(6) }")
	m.Rewrite(a)
	m.Compiled(a, 1)
	b := Read("import \"crypto/rand\"\n%%\nb := make([]byte, 2); rand.Read(b)\nrand := 1; _ = rand")
	want := "import crypto_rand \"crypto/rand\"\n%%\nb := make([]byte, 2); crypto_rand.Read(b)\nrand := 1; _ = rand"
	if got := m.Rewrite(b); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	m.Compiled(b, 2)
	// The last import that the learner wrote counts.
	if got := m.Rewrite(Read("%%\nrand.Read(nil)")); got != "%%\ncrypto_rand.Read(nil)" {
		t.Error(got)
	}
	if got := m.Rewrite(a); !strings.Contains(got, "import rand \"math/rand/v2\"") || !strings.Contains(got, "rand.IntN") {
		t.Error(got)
	}
}

// TestStale: an older version runs where the newer one did not compile.
func TestStale(t *testing.T) {
	var m Memory
	m.Compiled(Read("func f(x int) int { return x }\nfunc h() int { return 1 }"), 1)
	m.Compiled(Read("func g() int { return f(1) }\ntype T struct{}\nfunc (t T) M() int { return f(2) }"), 2)
	bad := Read("func f(x int) int { return y }\nfunc h() int { return 1 }")
	m.Failed(bad, 3)
	say := func(text string) string {
		var all []string
		for _, s := range m.Stale(Read(text)) {
			all = append(all, s.Name)
			if s.Old != 1 || s.New != 3 {
				t.Errorf("%+v", s)
			}
		}
		return strings.Join(all, " ")
	}
	for _, c := range []struct{ text, want string }{
		{"%%\nf(3)", "f"},
		{"%%\ng()", "f"},      // through another function
		{"%%\nT{}.M()", "f"},  // through a method
		{"%exec g", "f"},      // without a word of Go
		{"%%\nh()", ""},       // as it was
		{"!ls", ""},           // runs nothing
		{"%%bash\nf 3", ""},   // not Go
		{"func f() {}", ""},   // declares it anew
		{"%%\n// f\nx()", ""}, // only a comment
	} {
		if got := say(c.text); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	m.Compiled(Read("func f(x int) int { return 2 * x }"), 4)
	if got := say("%%\nf(3)"); got != "" {
		t.Error(got)
	}
	// Not even a syntax that can be parsed.
	m.Failed(Read("func h( int {\nreturn 2\n}\nfunc g() {"), 5)
	if s := m.Stale(Read("%%\nh()\ng()")); len(s) != 2 {
		t.Error(s)
	}
	m.Failed(Read("func fresh() { x }"), 6)
	if n := m.FailedIn("fresh"); n != 6 {
		t.Error(n)
	}
	m.Forget()
	if s := m.Stale(Read("%%\nh()")); s != nil {
		t.Error(s)
	}
}

func TestCalls(t *testing.T) {
	var m Memory
	paths := []string{"example.com/check"}
	m.Compiled(Read(`import "example.com/check"`), 1)
	for text, want := range map[string]bool{
		"%%\ncheck.Equal(1, 2)":                             true,
		"import c \"example.com/check\"\n%%\nc.Equal(1, 2)": true,
		"import \"other.com/check\"\n%%\ncheck.Equal(1, 2)": false,
		"%%\nf(1)": false,
	} {
		if got := m.Calls(Read(text), paths); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// TestDecode: the file for the compiler has the newest of each name.
func TestDecode(t *testing.T) {
	var m Memory
	m.Compiled(Read("const (\n\tA = iota\n\tB\n\tC\n)\nfunc x() {}"), 1)
	c := Read("const B = 7\nvar x = 3")
	file := "package main\n\nfunc guardConst_A() { /*guard*/const (\n\tA = iota\n\tB\n\tC\n)/*guard*/ }\n\nconst B = 7\n\nvar (\n\tx = 3\n)\n\nfunc x() {\n}\n" +
		"func guardMethod_Stack_Len/*(s Stack[T]) Len*/() int { return 0 }\n"
	want := "package main\n\nconst (\n\tA = iota\n\t_\n\tC\n)\n\nconst B = 7\n\nvar (\n\tx = 3\n)\n\n\n\nfunc (s Stack[T]) Len() int { return 0 }\n"
	got := string(m.Decode([]byte(file), c))
	if got = strings.ReplaceAll(got, "\n\n\n\n", "\n\n\n"); strings.ReplaceAll(got, "\n\n", "\n") != strings.ReplaceAll(strings.ReplaceAll(want, "\n\n\n\n", "\n\n\n"), "\n\n", "\n") {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "", m.Decode([]byte(file), c), 0); err != nil {
		t.Error(err)
	}
	if n := strings.Count(string(m.Decode([]byte(file), c)), "\n"); n != strings.Count(file, "\n") {
		t.Errorf("%d lines", n)
	}
	// Another cell later: the memory knows.
	m.Compiled(c, 2)
	if again := m.Decode([]byte(file), Read("%%")); string(again) != string(m.Decode([]byte(file), c)) {
		t.Error(string(again))
	}
}

func TestPlain(t *testing.T) {
	if got := Plain("guardConst_One\nguardMethod_Stack_Push\n"); got != "One\nStack~Push\n" {
		t.Error(got)
	}
}

func TestComplete(t *testing.T) {
	for text, want := range map[string]string{
		"func f() {": "incomplete", "func f() {}": "complete", "%%\nx := 1": "complete", "func f() }": "invalid",
		"var s = `a": "incomplete", "%%\nf(1,": "incomplete", "var x =": "incomplete", "func 3": "invalid", "x := 1": "complete",
	} {
		if got := Read(text).Complete(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestCompose: a tool for completion sees the declarations and the cell.
func TestCompose(t *testing.T) {
	var m Memory
	m.Compiled(Read("import \"fmt\"\nfunc f() int { return 1 }\nvar a, b = 1, 2\nconst (\nP = iota\nQ\n)"), 1)
	text := "%%\nfmt.Println(f(), a"
	file, at := m.Compose(Read(text), len(text))
	if at < 0 || !strings.HasSuffix(file[:at], "fmt.Println(f(), a") {
		t.Fatalf("%d in %s", at, file)
	}
	for _, want := range []string{`import fmt "fmt";`, "func f() int", "var a, b = 1, 2", "const (\nP = iota\nQ\n)", "func main() {\nfmt"} {
		if !strings.Contains(file, want) {
			t.Errorf("no %q in\n%s", want, file)
		}
	}
}

// FuzzRead: nothing that a learner may type makes the reader fail, and it keeps lines.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"%%\nx", "`", "/*", "!a\\", "func (", "const (", "import (", "//gonb:%%", "package", "%", "!", "\r\n`\r\n!"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m Memory
		c := Read(text)
		c.Problem()
		c.Complete()
		if got := m.Rewrite(c); strings.Count(got, "\n") != strings.Count(text, "\n") {
			t.Errorf("%q has become %q", text, got)
		}
		m.Compiled(c, 1)
		m.Failed(c, 2)
		m.Stale(c)
		m.Compose(c, len(text))
	})
}
