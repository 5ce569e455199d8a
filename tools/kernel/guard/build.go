package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/descent-go/descent/tools/kernel/wire"
)

// A programCache knows what programs are built from. Most of what go build does for a
// cell is to find that nothing but the cell itself has changed. The guard knows that
// with a look at the files of the learner's own modules, and calls the compiler and
// the linker itself.
type programCache struct {
	mu   sync.Mutex
	sets map[string]*importSet // by environment and imports
	last [32]byte              // the program that stands in the folder, or zero
	path string
}

// An importSet is all that a program with certain imports is linked from.
type importSet struct {
	config    string   // the file for the compiler
	links     string   // that for the linker
	files     []string // compiled packages
	folders   []string // of packages that may change, and files that say how they are built
	signature string   // of them
	tools     string   // the folder of the compiler
	language  string
	compile   []string // flags
	link      []string
}

// fastBuild builds the program of a cell, by go build wherever anything is unusual.
func (k *kernel) fastBuild(r *run, request wire.Request, args, sources []string) (string, bool) {
	set, hash, err := k.importSet(r, request, args, sources)
	c := &k.programs
	if err != nil {
		c.mu.Lock()
		c.path = ""
		c.mu.Unlock()
		return k.work(r, request, "go", args...)
	}
	out := args[2]
	c.mu.Lock()
	same := c.path == out && c.last == hash
	c.path = ""
	c.mu.Unlock()
	if _, err := os.Stat(out); !same || err != nil {
		object := filepath.Join(k.dir, "main.a")
		said, ok := k.work(r, request, filepath.Join(set.tools, "compile"), append(append([]string{"-o", object, "-p", "main", "-lang=" + set.language,
			"-complete", "-nolocalimports", fmt.Sprint("-c=", min(4, runtime.NumCPU())), "-importcfg", set.config, "-pack"}, set.compile...), "./main.go")...)
		if !ok {
			if !strings.Contains(said, "main.go:") || strings.Contains(said, "could not import") {
				return k.work(r, request, "go", args...)
			}
			return "# " + filepath.Base(request.Dir) + "\n" + said, false
		}
		os.Remove(out) // it may still run, somewhere
		_, ok = k.work(r, request, filepath.Join(set.tools, "link"), append(append([]string{"-o", out, "-importcfg", set.links, "-buildmode=exe"}, set.link...), object)...)
		if !ok {
			return k.work(r, request, "go", args...)
		}
	}
	c.mu.Lock()
	c.path, c.last = out, hash
	c.mu.Unlock()
	return "", true
}

// plainFlags are those of GOFLAGS that the guard understands.
var plainFlags = regexp.MustCompile(`^-(?:gcflags=all=(\S+)|ldflags=(\S+)|tags=\S+|buildvcs=\S+)$`)

// importSet returns what the program needs, and a hash of the program, or an error
// that says why only go build knows.
func (k *kernel) importSet(r *run, request wire.Request, args, sources []string) (*importSet, [32]byte, error) {
	var hash [32]byte
	set := &importSet{}
	if len(args) != 3 || len(sources) != 1 || filepath.Base(sources[0]) != "main.go" || args[0] != "build" || args[1] != "-o" {
		return nil, hash, fmt.Errorf("no plain build")
	}
	for _, f := range strings.Fields(env(request, "GOFLAGS")) {
		m := plainFlags.FindStringSubmatch(f)
		if m == nil {
			return nil, hash, fmt.Errorf("GOFLAGS has %s", f)
		}
		if m[1] != "" {
			set.compile = append(set.compile, m[1])
		}
		if m[2] != "" {
			set.link = append(set.link, m[2])
		}
	}
	if others, _ := filepath.Glob(filepath.Join(request.Dir, "*.go")); len(others) != 1 {
		return nil, hash, fmt.Errorf("other files of Go")
	}
	source, err := os.ReadFile(sources[0])
	if err != nil {
		return nil, hash, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ImportsOnly)
	if err != nil {
		return nil, hash, err
	}
	paths := []string{"runtime"}
	for _, s := range file.Imports {
		path, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			return nil, hash, err
		}
		if slices.Contains(strings.Split(path, "/"), "internal") {
			return nil, hash, fmt.Errorf("%s belongs to others", path)
		}
		if path != "unsafe" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	h := sha256.New()
	for _, e := range request.Env {
		if strings.HasPrefix(e, "GO") && !strings.HasPrefix(e, "GONB_PIPE") || strings.HasPrefix(e, "CGO") {
			fmt.Fprintln(h, e)
		}
	}
	for _, name := range []string{"go.mod", "go.work", "go.sum"} {
		data, _ := os.ReadFile(filepath.Join(request.Dir, name))
		fmt.Fprintf(h, "%s\n%s\n", name, data)
		if name == "go.mod" {
			if m := goLine.FindSubmatch(data); m != nil {
				set.language = "go" + string(m[1])
			}
		}
	}
	if set.language == "" {
		return nil, hash, fmt.Errorf("go.mod has no version")
	}
	fmt.Fprintln(h, paths)
	key := string(h.Sum(nil))
	c := &k.programs
	c.mu.Lock()
	known := c.sets[key]
	c.mu.Unlock()
	if known == nil || !known.fresh() {
		if err := k.list(r, request, set, paths); err != nil {
			return nil, hash, err
		}
		known = set
		c.mu.Lock()
		if c.sets == nil || len(c.sets) > 100 {
			c.sets = map[string]*importSet{}
		}
		c.sets[key] = set
		c.mu.Unlock()
	}
	fmt.Fprintln(h, known.signature)
	h.Write(source)
	return known, [32]byte(h.Sum(nil)), nil
}

var goLine = regexp.MustCompile(`(?m)^go (1\.\d+)`)

// fresh tells whether nothing has changed since the set was made.
func (s *importSet) fresh() bool {
	for _, f := range s.files {
		if _, err := os.Stat(f); err != nil { // go has trimmed its cache
			return false
		}
	}
	return s.signature == signature(s.folders)
}

// signature is other text when one of the files is, or one in a folder.
func signature(folders []string) string {
	h := sha256.New()
	for _, f := range folders {
		info, err := os.Stat(f)
		fmt.Fprintln(h, f, err)
		if err == nil && !info.IsDir() {
			fmt.Fprintln(h, info.Size(), info.ModTime().UnixNano())
			continue
		}
		entries, _ := os.ReadDir(f)
		for _, e := range entries {
			if info, err := e.Info(); err == nil && !e.IsDir() {
				fmt.Fprintln(h, e.Name(), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return string(h.Sum(nil))
}

// infoStart and infoEnd stand around what a program knows of its modules.
const (
	infoStart = "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
	infoEnd   = "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"
)

// A module is what go list says of one.
type module struct {
	Path, Version, Sum string
	GoMod              string // its file
	Main               bool
	Replace            *module
}

func (m *module) info() *debug.Module {
	d := &debug.Module{Path: m.Path, Version: m.Version, Sum: m.Sum}
	if d.Version == "" {
		d.Version = "(devel)"
	}
	if m.Replace != nil {
		d.Sum, d.Replace = "", m.Replace.info()
	}
	return d
}

// list asks go what a program with these imports is linked from, and lets it compile
// what is not in its cache.
func (k *kernel) list(r *run, request wire.Request, set *importSet, paths []string) error {
	cmd := exec.Command(k.realTool("go"), "env", "GOTOOLDIR", "GOMODCACHE", "GOROOT", "GOOS", "GOARCH")
	cmd.Dir, cmd.Env = request.Dir, request.Env
	out, err := cmd.Output()
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) < 5 || lines[3] != runtime.GOOS || lines[4] != runtime.GOARCH {
		return fmt.Errorf("another system")
	}
	set.tools = lines[0]
	said, ok := k.work(r, request, "go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export,Dir,Standard,EmbedFiles,Module"}, paths...)...)
	if !ok {
		return fmt.Errorf("go list: %s", said)
	}
	// Another Go in the same place has another compiler.
	set.folders = []string{filepath.Join(set.tools, "compile"), filepath.Join(set.tools, "link")}
	var config bytes.Buffer
	own := "gonb_" + strings.TrimPrefix(filepath.Base(request.Dir), "gonb_")
	info := debug.BuildInfo{Path: own, Main: debug.Module{Path: own, Version: "(devel)"}}
	modules := map[string]bool{}
	decoder := json.NewDecoder(strings.NewReader(said))
	for decoder.More() {
		var p struct {
			ImportPath, Export, Dir string
			Standard                bool
			EmbedFiles              []string
			Module                  *module
		}
		if err := decoder.Decode(&p); err != nil {
			return err
		}
		if p.Module != nil && !modules[p.Module.Path] {
			modules[p.Module.Path] = true
			info.Deps = append(info.Deps, p.Module.info())
		}
		if p.Export == "" {
			continue // unsafe
		}
		fmt.Fprintf(&config, "packagefile %s=%s\n", p.ImportPath, p.Export)
		set.files = append(set.files, p.Export)
		if p.Standard || strings.HasPrefix(p.Dir, lines[1]+string(filepath.Separator)) || strings.HasPrefix(p.Dir, lines[2]+string(filepath.Separator)) {
			continue
		}
		folders := []string{p.Dir}
		if p.Module != nil {
			folders = append(folders, p.Module.GoMod, filepath.Join(filepath.Dir(p.Module.GoMod), "go.sum"))
		}
		for _, e := range p.EmbedFiles {
			folders = append(folders, filepath.Dir(filepath.Join(p.Dir, e)))
		}
		for _, f := range folders {
			if !slices.Contains(set.folders, f) {
				set.folders = append(set.folders, f)
			}
		}
	}
	set.signature = signature(set.folders)
	slices.SortFunc(info.Deps, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	for _, name := range []string{"GOFLAGS", "CGO_ENABLED", "GOARCH", "GOOS"} {
		value := env(request, name)
		switch name {
		case "GOARCH":
			value = runtime.GOARCH
		case "GOOS":
			value = runtime.GOOS
		}
		info.Settings = append(info.Settings, debug.BuildSetting{Key: name, Value: value})
	}
	if set.config, err = k.write("importcfg", config.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(&config, "modinfo %q\n", infoStart+info.String()+infoEnd) // the compiler would refuse it
	set.links, err = k.write("importcfg.link", config.Bytes())
	return err
}

// write writes a new file in the kernel's folder and returns its path.
func (k *kernel) write(name string, data []byte) (string, error) {
	f, err := os.CreateTemp(k.dir, name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = f.Write(data)
	return f.Name(), err
}
