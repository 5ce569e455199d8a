package docs_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	testName     = regexp.MustCompile(`^(Test|Fuzz|Example)\w*$`)
	exportedName = regexp.MustCompile(`^[a-z]+\.[A-Z]\w*$`)
)

// checkPointers says which links of a Markdown file promise a test or a name
// that is not in the file where they lead.
func checkPointers(name, text string, all map[string]*surface) (problems []string) {
	dirs := map[string]*surface{}
	for _, s := range all {
		dirs[s.dir] = s
	}
	for _, l := range links(name, text) {
		s := dirs[path.Dir(l.file)]
		if s == nil && strings.HasPrefix(l.file, "internal/docs/") {
			s, _ = read(".") // conventions that hold for all packages are tested here
		}
		switch {
		case testName.MatchString(l.text):
			if s == nil || s.tests[l.text] != path.Base(l.file) {
				problems = append(problems, fmt.Sprintf("%s has no %s", l.file, l.text))
			}
		case exportedName.MatchString(l.text):
			pkg, top, _ := strings.Cut(l.text, ".")
			if s == nil || s.doc.Name != pkg || s.names[top] != path.Base(l.file) {
				problems = append(problems, fmt.Sprintf("%s does not declare %s", l.file, l.text))
			}
		}
	}
	return problems
}

func TestConventions(t *testing.T) {
	const name = "docs/conventions.md"
	text := readText(t, name)
	for _, p := range checkPointers(name, text, packages(t)) {
		t.Errorf("%s: %s", name, p)
	}
	conventions := 0
	for i, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| convention |") {
			continue
		}
		conventions++
		held := func(l target) bool { return testName.MatchString(l.text) }
		if !slices.ContainsFunc(links(name, line), held) {
			t.Errorf("%s, line %d: no test holds this", name, i+1)
		}
	}
	if conventions < 20 {
		t.Errorf("%s has %d conventions, want the whole list", name, conventions)
	}
}

func TestConventionsFinds(t *testing.T) {
	all := packages(t)
	for link, want := range map[string]bool{
		"[TestFollowsPyTorch](../lib/optim/golden_test.go)":  false,
		"[TestFollowsTorch](../lib/optim/golden_test.go)":    true,
		"[TestFollowsPyTorch](../lib/optim/wrapper_test.go)": true,
		"[TestFollowsPyTorch](../lib/loss/golden_test.go)":   true,
		"[`optim.Adam`](../lib/optim/adam.go)":               false,
		"[optim.Adam](../lib/optim/sgd.go)":                  true,
		"[optim.Adams](../lib/optim/adam.go)":                true,
		"[loss.Adam](../lib/optim/adam.go)":                  true,
		"[the package](../lib/optim/optim.go)":               false,
	} {
		if got := len(checkPointers("docs/x.md", link, all)) > 0; got != want {
			t.Errorf("%s: a problem is found: %t, want %t", link, got, want)
		}
	}
}
