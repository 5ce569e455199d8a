// Package exercises holds the tests of all exercises together: that each is in
// its notebook, has a source, a check and a test.
package exercises

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/course/check"
)

// inNotebook returns the exercises that the cells of a notebook name, such as
// "ch03.AdamStep", in their order.
func inNotebook(t *testing.T, name string) (names []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../notebooks", name+".ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			Metadata struct {
				Descent struct{ Exercise string }
			}
		}
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, c := range nb.Cells {
		if e := c.Metadata.Descent.Exercise; e != "" {
			names = append(names, e)
		}
	}
	return names
}

func TestEveryExerciseIsInItsNotebook(t *testing.T) {
	for _, c := range check.Chapters() {
		var want []string
		for _, e := range c.Exercises {
			want = append(want, c.Folder()+"."+e.Name)
		}
		if got := inNotebook(t, c.Notebook); !slices.Equal(got, want) {
			t.Errorf("%s has the exercises %v, and check.Chapters says %v", c.Notebook, got, want)
		}
	}
}

func TestEveryNotebookHasExercises(t *testing.T) {
	notebooks, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil || len(notebooks) == 0 {
		t.Fatalf("no notebooks: %v", err)
	}
	all := 0
	var have []string
	for _, c := range check.Chapters() {
		all += len(c.Exercises)
		have = append(have, filepath.Join("../../notebooks", c.Notebook+".ipynb"))
	}
	if !slices.Equal(have, notebooks) {
		t.Errorf("check.Chapters has %v, and the notebooks are %v", have, notebooks)
	}
	if all < 35 {
		t.Errorf("the course has %d exercises, want at least 35", all)
	}
}

func TestEveryExerciseHasSourceAndTest(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range check.Chapters() {
		test, err := os.ReadFile(filepath.Join(c.Folder(), c.Folder()+"_test.go"))
		if err != nil {
			t.Error(err)
		}
		for _, e := range c.Exercises {
			if _, err := os.Stat(filepath.Join(c.Folder(), strings.ToLower(e.Name)+".go")); err != nil {
				t.Error(err)
			}
			if !strings.Contains(string(test), fmt.Sprintf("checktest.New(t, check.%s)", e.Name)) {
				t.Errorf("%s_test.go does not test check.%s with checktest", c.Folder(), e.Name)
			}
			if len(e.Hints) < 2 {
				t.Errorf("%s has %d hints, want at least 2", e.Name, len(e.Hints))
			}
			if seen[e.Name] {
				t.Errorf("there are two exercises %s", e.Name)
			}
			seen[e.Name] = true
		}
	}
}
