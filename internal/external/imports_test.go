package external_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	// What the tests look at, so that go test does not keep their results when it changes.
	_ "github.com/descent-go/descent/datasets/remote"
	_ "github.com/descent-go/descent/plots/widget"
)

// Each cell of a notebook is compiled and linked as a program of its own: what its packages import, it pays for. A
// client for HTTP, with TLS and all that belongs to it, costs a drawing cell a sixth of its time.
func TestOnlyDownloadsNeedTheNetwork(t *testing.T) {
	for _, c := range []struct {
		packages []string
		want     bool
	}{
		{[]string{"../../lib/...", "../../datasets", "../../plots/..."}, false},
		{[]string{"../../datasets/remote"}, true},
	} {
		out, err := exec.Command("go", append([]string{"list", "-deps"}, c.packages...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(strings.Fields(string(out)), "net/http"); got != c.want {
			t.Errorf("%v import net/http: %t, want %t", c.packages, got, c.want)
		}
	}
}

// A chart that is drawn, in a server as in a cell, and a chart that is shown bring no package of the kernel, and of
// others these alone. A new line in the list is time for every cell: docs/performance.md has what it costs. A report is not drawn in a cell,
// and may bring what it reports on.
func TestWhatChartsBring(t *testing.T) {
	list, err := os.ReadFile("testdata/linked.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, names, _ := strings.Cut(string(list), "\n") // the first line is a comment
	minimal := strings.Fields(names)
	formats := []string{"codeberg.org/go-pdf/fpdf", "github.com/ajstarks/svgo",
		"gonum.org/v1/plot/vg/vgeps", "gonum.org/v1/plot/vg/vgpdf", "gonum.org/v1/plot/vg/vgsvg", "gonum.org/v1/plot/vg/vgtex"}
	for tags, want := range map[string][]string{"minimal": minimal, "": append(formats, minimal...)} {
		out, err := exec.Command("go", "list", "-tags="+tags, "-deps", "-f={{if not .Standard}}{{.ImportPath}}{{end}}", "../../plots", "../../plots/widget").Output()
		if err != nil {
			t.Fatal(err)
		}
		got := slices.DeleteFunc(strings.Fields(string(out)), func(p string) bool { return strings.HasPrefix(p, "github.com/descent-go/descent/") })
		for _, p := range got {
			if !slices.Contains(want, p) {
				t.Errorf("-tags=%q: %s is linked", tags, p)
			}
		}
		for _, p := range want {
			if !slices.Contains(got, p) {
				t.Errorf("-tags=%q: %s is not linked any more: take it off the list", tags, p)
			}
		}
	}
}
