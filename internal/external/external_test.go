// Package external_test builds and runs a program as a user of the library would
// write it: in a module of its own, with the documented API and nothing else.
package external_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	// The program's imports: a change in them makes the go command run this test
	// again, instead of taking the result of the last time.
	_ "github.com/descent-go/descent/datasets"
	_ "github.com/descent-go/descent/lib/preprocess"
	_ "github.com/descent-go/descent/lib/save"
	_ "github.com/descent-go/descent/lib/train"
)

// run runs a command in a folder, without the network and without the workspace
// and the flags that this test runs with, and returns what it printed.
func run(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
	out, err := c.CombinedOutput()
	return string(out), err
}

// build copies the program to a folder outside of the repository, points it to
// the checkout and builds it there.
func build(t *testing.T) (dir, binary string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for from, to := range map[string]string{
		"testdata/program/main.go":    "main.go",
		"testdata/program/go.mod":     "go.mod",
		filepath.Join(root, "go.sum"): "go.sum", // then nothing needs to be asked for
	} {
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, to), content, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	binary = filepath.Join(dir, "flowers.exe")
	for _, args := range [][]string{
		{"mod", "edit", "-replace=github.com/descent-go/descent=" + root},
		{"build", "-o", binary, "."},
	} {
		if out, err := run(t, dir, "go", args...); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return dir, binary
}

// The program trains and saves in one process; another one loads and predicts.
func TestExternalProgram(t *testing.T) {
	dir, binary := build(t)
	out, err := run(t, dir, binary, "train", "iris")
	if err != nil || !strings.HasPrefix(out, "completed, ") || !strings.HasSuffix(out, " of 50 unseen flowers right\n") {
		t.Fatalf("training prints %q, error %v", out, err)
	}
	if right := strings.Fields(out)[1]; right < "46" || len(right) != 2 { // 50 when this was written
		t.Errorf("only %s of 50 right", right)
	}
	for flower, want := range map[string]string{
		"5.1 3.5 1.4 0.2": "setosa\n", "5.9 2.8 4.2 1.3": "versicolor\n", "6.5 3.0 5.8 2.2": "virginica\n",
	} {
		if out, err := run(t, dir, binary, append([]string{"predict", "iris"}, strings.Fields(flower)...)...); err != nil || out != want {
			t.Errorf("%s is %q, want %q, error %v", flower, out, want, err)
		}
	}
	for _, name := range []string{"iris.safetensors", "iris.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	// A damaged file is an error, with a sentence and not with a panic.
	if err := os.Truncate(filepath.Join(dir, "iris.safetensors"), 1000); err != nil {
		t.Fatal(err)
	}
	out, err = run(t, dir, binary, "predict", "iris", "5.1", "3.5", "1.4", "0.2")
	if err == nil || !strings.Contains(out, "flowers: save: iris.safetensors: ") || strings.Contains(out, "goroutine") {
		t.Errorf("a damaged file gives %q, error %v", out, err)
	}
}
