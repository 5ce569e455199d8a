package docs_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mostModules is how many modules the library's graph may have. Who uses the library has them all in mind: a new one needs a
// reason, and what needs many, such as Beam, is a separate module.
const mostModules = 75

// TestModuleGraph: the graph of the library's module does not grow unseen.
func TestModuleGraph(t *testing.T) {
	if testing.Short() {
		t.Skip("go list reads the module cache")
	}
	c := exec.Command("go", "list", "-m", "all")
	c.Dir = filepath.Join(root)
	out, err := c.Output()
	if err != nil {
		t.Skipf("the graph needs modules that are not on this machine: %v", err)
	}
	modules := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(modules) > mostModules {
		t.Errorf("%d modules, want at most %d", len(modules), mostModules)
	}
	for _, m := range modules {
		for _, heavy := range []string{"apache/beam", "parquet-go", "sketches-go", "k8s.io/api", "google.golang.org/grpc"} {
			if strings.Contains(m, heavy) {
				t.Errorf("%s is in the graph of the library: it belongs to %s alone", m, apart)
			}
		}
	}
}
