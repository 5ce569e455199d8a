package external_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
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
