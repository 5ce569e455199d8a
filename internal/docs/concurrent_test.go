package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tools/lab/concurrent.sh says by a regular expression which packages the race
// detector must see. The parser finds no other.
func TestEveryGoroutineIsRaced(t *testing.T) {
	var want []string
	eachFile(t, func(name, text string) {
		top, _, _ := strings.Cut(name, "/")
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "/testdata/") || strings.HasPrefix(name, "tools/bench/gopeers/") || strings.HasPrefix(name, apart+"/") ||
			strings.HasPrefix(name, "lib/blas/gen/") || !slices.Contains([]string{"course", "datasets", "examples", "internal", "lib", "plots", "tools"}, top) {
			return
		}
		if top == "tools" && !strings.HasPrefix(name, "tools/bench/") && !strings.HasPrefix(name, "tools/lab/merge/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		concurrent := false
		for _, s := range file.Imports {
			p, err := strconv.Unquote(s.Path.Value)
			concurrent = concurrent || err == nil && (p == "sync" || p == "sync/atomic" || strings.HasPrefix(p, "golang.org/x/sync") || strings.HasSuffix(p, "/internal/crew"))
		}
		ast.Inspect(file, func(n ast.Node) bool {
			_, starts := n.(*ast.GoStmt)
			selector, _ := n.(*ast.SelectorExpr)
			shares := false // by rows.Parts, which gives the work to the crew
			if selector != nil {
				of, _ := selector.X.(*ast.Ident)
				shares = of != nil && of.Name == "rows" && selector.Sel.Name == "Parts"
			}
			concurrent = concurrent || starts || shares
			return !concurrent
		})
		if concurrent {
			want = append(want, "./"+path.Dir(name))
		}
	})
	slices.Sort(want)
	want = slices.Compact(want)
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell to run tools/lab/concurrent.sh")
	}
	list := exec.Command(shell, "tools/lab/concurrent.sh")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(out)); !slices.Equal(got, want) {
		t.Errorf("tools/lab/concurrent.sh lists\n%v, the source has goroutines in\n%v", got, want)
	}
}
