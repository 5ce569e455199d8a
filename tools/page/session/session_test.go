package session

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

var chapter = Chapter{
	Cells: []string{
		"import \"fmt\"",
		"func half(x float64) float64 { return x / 2 }",
		"%%\nfmt.Println(half(3))",
		"%%\nfmt.Println(1)",
		"!ls",
	},
	Packages: map[string][]Package{
		"fmt":  {{Path: "fmt"}},
		"rand": {{"math/rand/v2", []string{"IntN"}}, {"math/rand", []string{"Intn"}}},
	},
}

func files(p Plan) string {
	var all strings.Builder
	for _, f := range p.Files {
		all.WriteString(f.Text)
	}
	return all.String()
}

// TestPrepare: unchanged cells run as they were compiled, until something that they use is changed.
func TestPrepare(t *testing.T) {
	s := Open(chapter)
	if p := s.Prepare(3, chapter.Cells[2]); !p.Stored {
		t.Errorf("%+v", p)
	}
	const changed = "func half(x float64) float64 { return x / 4 }"
	p := s.Prepare(2, changed)
	if p.Stored || p.Refused != nil || p.Runs || fmt.Sprint(p.Imports) != "[runtime/debug]" || !strings.Contains(files(p), "x / 4") {
		t.Errorf("%+v", p)
	}
	if why := s.Compiled(2, changed, "", true); why != nil {
		t.Error(why)
	}
	p = s.Prepare(3, chapter.Cells[2])
	if p.Stored || !p.Runs || fmt.Sprint(p.Imports) != "[fmt runtime/debug]" || strings.Contains(files(p), "x / 2") {
		t.Errorf("%+v", p)
	}
	if p := s.Prepare(4, chapter.Cells[3]); !p.Stored {
		t.Errorf("a cell that uses nothing of it is compiled: %+v", p)
	}
	s.Compiled(3, "%%\nfmt.Println(half(4))", "", true)
	if p := s.Prepare(4, chapter.Cells[3]); !p.Stored {
		t.Errorf("statements change no other cell: %+v", p)
	}
}

// TestRefused: what cannot run is said, in the kernel's sentences, with the cell's own line.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no start", "fmt.Println(1)", "cell [3], line 1: \"fmt.Println(1)\" is a statement"},
		{"syntax", "%%\nx := (1", "cell [3], line"},
		{"shell", "!ls", "no shell"},
		{"another language", "%%bash\nls", "no shell"},
		{"package", "import \"net/http\"\n%%\nhttp.Get(\"\")", "\"net/http\" is not among those"},
	} {
		s := Open(chapter)
		if got := strings.Join(s.Prepare(3, c.text).Refused, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCompiled: the compiler's messages are explained, and what did not compile is not forgotten.
func TestCompiled(t *testing.T) {
	s := Open(chapter)
	const broken = "func half(x float64) float64 { return y }\nfunc third() {}"
	got := strings.Join(s.Compiled(2, broken, "/w/cell2.go:1:39: undefined: y\n", false), "\n")
	if !strings.HasPrefix(got, "cell [2], line 1: undefined: y\n→ ") {
		t.Errorf("%q", got)
	}
	p := s.Prepare(3, chapter.Cells[2])
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "half runs as cell [2] has it") {
		t.Errorf("%+v", p)
	}
	got = strings.Join(s.Compiled(4, "%%\nthird()", "/w/cell4.go:2:1: undefined: third\n", false), "\n")
	if !strings.Contains(got, "third is declared in cell [2], which did not compile") {
		t.Errorf("%q", got)
	}
	if got := s.Compiled(4, "%%\nx()", "link: something else\n", false); fmt.Sprint(got) != "[link: something else]" {
		t.Errorf("%q", got)
	}
	const judged = "import \"" + checks + "\"\n%%\ncheck.Half(half)"
	s.paths[checks] = true
	if p := s.Prepare(3, judged); len(p.Refused) != 1 || !strings.Contains(p.Refused[0], "Mend cell [2] first") {
		t.Errorf("a check would judge the older version: %+v", p)
	}
}

func TestEnded(t *testing.T) {
	got := Open(chapter).Ended(2, "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/w/cell4.go:7 +0x2\n")
	if len(got) != 3 || got[1] != "cell [4], line 7" || !strings.HasPrefix(got[2], "→ The program asked for the element with index 3") {
		t.Errorf("%q", got)
	}
}

func TestResolve(t *testing.T) {
	s := Open(chapter)
	for use, want := range map[string]string{"IntN": "math/rand/v2", "Intn": "math/rand", "Norm": ""} {
		if got := s.resolve("rand", []string{use}); got != want {
			t.Errorf("rand.%s: %q, want %q", use, got, want)
		}
	}
}

// TestAnswer: the page asks in JSON.
func TestAnswer(t *testing.T) {
	var s *Session
	ask := func(call string, argument any) string {
		b, _ := json.Marshal(argument)
		return Answer(&s, call, string(b))
	}
	if got := ask("prepare", 1); !strings.Contains(got, "error") {
		t.Error(got)
	}
	if got := ask("prepare", map[string]int{"number": 1}); !strings.Contains(got, "no chapter") {
		t.Error(got)
	}
	if got := ask("open", chapter); got != "true" {
		t.Error(got)
	}
	if got := ask("prepare", map[string]any{"number": 4, "text": chapter.Cells[3]}); got != `{"stored":true,"runs":true}` {
		t.Error(got)
	}
	if got := ask("compiled", map[string]any{"number": 4, "text": "%%\nx := 1", "said": "cell4.go:2:1: declared and not used: x"}); !strings.Contains(got, "line 2") {
		t.Error(got)
	}
	if got := ask("ended", map[string]any{"status": 3, "text": ""}); !strings.Contains(got, "exit status 3") {
		t.Error(got)
	}
	if got := ask("x", chapter); !strings.Contains(got, "no call x") {
		t.Error(got)
	}
}
