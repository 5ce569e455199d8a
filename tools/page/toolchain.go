package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A toolchain calls the go command for js/wasm.
type toolchain struct {
	version, root string // of Go
	scratch       string // a folder
	checkout      string
	workspace     string // in which programs of the scratch folder find the checkout's packages
}

// Without debugging information archives are smaller, and compiling and linking faster. Nobody can debug in the page.
var flags = []string{"-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false"}

func newToolchain(scratch string) (*toolchain, error) {
	t := &toolchain{scratch: scratch}
	var err error
	if t.checkout, err = os.Getwd(); err != nil {
		return nil, err
	}
	out, err := t.run("", "env", "GOVERSION", "GOROOT")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(out), "\n")
	t.version, t.root = lines[0], lines[1]
	if _, err := os.Stat(filepath.Join(t.root, "src/cmd/compile")); err != nil {
		return nil, fmt.Errorf("this Go lacks the sources of its compiler, which the page's is built from: use a Go as go.dev ships it (%w)", err)
	}
	t.workspace = filepath.Join(scratch, "go.work")
	_, err = t.run("", "work", "init", t.checkout)
	return t, err
}

// run calls go in a folder, the scratch folder if it is "".
func (t *toolchain) run(folder string, args ...string) ([]byte, error) {
	if folder == "" {
		folder = t.scratch
	}
	c := exec.Command("go", args...)
	c.Dir = folder
	workspace := "off"
	if folder != t.checkout && t.workspace != "" {
		workspace = t.workspace
	}
	c.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=", "CGO_ENABLED=0", "GOWASM=", "GOEXPERIMENT=", "GO111MODULE=on", "GOWORK="+workspace)
	out, err := c.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, exit.Stderr)
	}
	return out, err
}

// tool builds a program of Go's or of the checkout.
func (t *toolchain) tool(program string) ([]byte, error) {
	out := filepath.Join(t.scratch, "tool.wasm")
	args := append(append([]string{"build"}, flags...), "-ldflags=-s -w -buildid=", "-o", out, program)
	if _, err := t.run(t.checkout, args...); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}

// program builds a program of some files.
func (t *toolchain) program(files map[string]string) ([]byte, error) {
	folder, err := os.MkdirTemp(t.scratch, "program")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	args := append(append([]string{"build"}, flags...), "-ldflags=-s -w -buildid=", "-o", "program.wasm")
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
			return nil, err
		}
		args = append(args, name)
	}
	slices.Sort(args[len(args)-len(files):])
	if _, err := t.run(folder, args...); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(folder, "program.wasm"))
}

// A listed is what go list says of a package.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles, Imports              []string
	Standard                      bool
}

// list compiles packages and all that they import, and tells of them.
func (t *toolchain) list(paths []string) ([]listed, error) {
	args := append(append([]string{"list", "-export", "-deps", "-json=ImportPath,Name,Dir,Export,GoFiles,Imports,Standard"}, flags...), paths...)
	out, err := t.run(t.checkout, args...)
	if err != nil {
		return nil, err
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

type module struct{ path, version, folder string }

// modules returns the modules of others that programs are linked with.
func (t *toolchain) modules() ([]module, error) {
	out, err := t.run(t.checkout, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./plots/...", "./lib/...", "./datasets/...", "./course/check", "./tools/page/front")
	if err != nil {
		return nil, err
	}
	var all []module
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		if f := strings.Split(line, "\t"); len(f) == 3 {
			all = append(all, module{f[0], f[1], f[2]})
		}
	}
	return all, nil
}
