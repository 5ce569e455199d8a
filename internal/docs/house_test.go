package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A newcomer takes in at most nine folders at a glance, and beside them the
// files that every Go project has.
func TestTheTopIsSmall(t *testing.T) {
	folders := []string{"course", "datasets", "docs", "examples", "internal", "lib", "notebooks", "plots", "tools"}
	files := []string{"CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile", "README.md", "go.mod", "go.sum"}
	var have []string
	eachFile(t, func(name, _ string) {
		top, _, inside := strings.Cut(name, "/")
		known := files
		if inside {
			known = folders
			have = append(have, top)
		}
		if !strings.HasPrefix(top, ".") && !slices.Contains(known, top) {
			t.Errorf("%s is at the top, where only %v and %v belong", name, folders, files)
		}
	})
	for _, folder := range folders {
		if !slices.Contains(have, folder) {
			t.Errorf("there is no folder %s", folder)
		}
	}
}

// helper is a function that the library has for all notebooks: must.Get and
// must.Do, and the Labels of a dataset.
var helper = regexp.MustCompile(`func (must|Must|labels)[\[(]`)

func TestNotebooksUseTheLibrary(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d notebooks, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range helper.FindAllString(string(text), -1) {
			t.Errorf("%s defines %s…): the library has it", filepath.Base(name), m)
		}
	}
}
