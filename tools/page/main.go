// Page builds the engine of the course's page: all that runs and compiles cells in a reader's browser, as files for any
// host of files.
//
//	page [-o FOLDER] [-not-here] [NOTEBOOK…]
//
// With -not-here it builds nothing and prints which cells cannot run in a page, and why: what not-here.json has.
//
// They are Go's compiler and linker for js/wasm, built from Go's own sources; the compiled packages that chapters import;
// a program for each chapter, with a function for each of its cells; the rules of the kernel for cells (front); and the
// scripts in tools/page/engine. Names of big files have the file's hash, so that a browser may keep them for ever. The same
// sources and the same Go give the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	out := flag.String("o", ".lab/engine", "the folder for the engine")
	list := flag.Bool("not-here", false, "print which cells cannot run in a page, and build nothing")
	flag.Parse()
	chapters, err := read(flag.Args())
	if err == nil && *list {
		err = json.NewEncoder(os.Stdout).Encode(notHere(chapters))
	} else if err == nil {
		err = build(*out, chapters)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

// An index tells the scripts what there is.
type index struct {
	Go       string                 `json:"go"`       // the version of all below
	Language string                 `json:"language"` // which the compiler is to take
	Files    []string               `json:"files"`    // all whose names have a hash
	Front    file                   `json:"front"`
	Compile  file                   `json:"compile"`
	Link     file                   `json:"link"`
	Packs    []pack                 `json:"packs"`
	Imports  map[string][]string    `json:"imports"` // what each package imports
	Names    map[string][]candidate `json:"names"`   // package session's Chapter.Packages
	Chapters map[string]chapterFile `json:"chapters"`
}

// A file is compressed with gzip.
type file struct {
	Name string `json:"name"`
	Size int    `json:"size"` // as it travels
}

// A pack has compiled packages, one behind the other.
type pack struct {
	file
	Packages []packed `json:"packages"`
}

type packed struct {
	Path string `json:"path"`
	Size int    `json:"size"` // not compressed
}

// A site is a folder to which files are written.
type site struct {
	folder string
	keep   map[string]bool // what belongs there
}

// write compresses a file into the folder, under a name with its hash.
func (s *site) write(name, ext string, data []byte) (file, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return file{}, err
	}
	if _, err := z.Write(data); err != nil {
		return file{}, err
	}
	if err := z.Close(); err != nil {
		return file{}, err
	}
	f := file{fmt.Sprintf("%s-%.4x.%s.gz", name, sha256.Sum256(data), ext), b.Len()}
	return f, s.plain(f.Name, b.Bytes())
}

// plain writes a file as it is.
func (s *site) plain(name string, data []byte) error {
	s.keep[name] = true
	full := filepath.Join(s.folder, name)
	if old, err := os.ReadFile(full); err == nil && bytes.Equal(old, data) {
		return nil
	}
	return os.WriteFile(full, data, 0o666)
}

// json writes a file that the scripts ask for by its plain name.
func (s *site) json(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.plain(name, data)
}

// sweep removes what an earlier build has left.
func (s *site) sweep() error {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !s.keep[e.Name()] {
			if err := os.RemoveAll(filepath.Join(s.folder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads chapters, all of the checkout if none is named.
func read(notebooks []string) (chapters []*chapter, err error) {
	if len(notebooks) == 0 {
		if notebooks, err = filepath.Glob("notebooks/*.ipynb"); err != nil || len(notebooks) == 0 {
			return nil, fmt.Errorf("there are no notebooks here: call page in the checkout's folder (%v)", err)
		}
	}
	for _, n := range notebooks {
		c, err := readChapter(n)
		if err != nil {
			return nil, err
		}
		chapters = append(chapters, c)
	}
	return chapters, nil
}

// notHere returns why cells cannot run in a page, by chapter and number; numbers begin at 1.
func notHere(chapters []*chapter) map[string]map[int]string {
	all := map[string]map[int]string{}
	for _, c := range chapters {
		all[c.name] = map[int]string{}
		for i, why := range c.why {
			if why != "" {
				all[c.name][i+1] = why
			}
		}
	}
	return all
}

// build builds everything.
func build(out string, chapters []*chapter) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "page")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	t, err := newToolchain(scratch)
	if err != nil {
		return err
	}
	s := &site{out, map[string]bool{}}
	x := index{Go: t.version, Language: language(t.version), Chapters: map[string]chapterFile{}}

	say("packages")
	p, err := t.packages(chapters)
	if err != nil {
		return err
	}
	x.Imports, x.Names = p.imports, p.names
	if x.Packs, err = s.pack(p); err != nil {
		return err
	}
	for _, tool := range []struct {
		to            *file
		name, program string
	}{{&x.Compile, "compile", "cmd/compile"}, {&x.Link, "link", "cmd/link"}, {&x.Front, "front", "./tools/page/front"}} {
		say(tool.name)
		data, err := t.tool(tool.program)
		if err != nil {
			return err
		}
		if *tool.to, err = s.write(tool.name, "wasm", data); err != nil {
			return err
		}
	}
	for _, c := range chapters {
		say(c.name)
		if x.Chapters[c.name], err = s.chapter(t, p, c); err != nil {
			return err
		}
	}
	x.Files = slices.Sorted(maps.Keys(s.keep))
	if err := s.scripts(t); err != nil {
		return err
	}
	if err := s.licences(t); err != nil {
		return err
	}
	if err := errors.Join(s.json("not-here.json", notHere(chapters)), s.json("index.json", x)); err != nil {
		return err
	}
	return s.sweep()
}

// language returns the language of a version: go1.26 of go1.26.8.
func language(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// scripts copies the page's scripts, and Go's own.
func (s *site) scripts(t *toolchain) error {
	files, err := filepath.Glob("tools/page/engine/*.*")
	if err != nil {
		return err
	}
	for _, f := range append(files, filepath.Join(t.root, "lib/wasm/wasm_exec.js")) {
		data, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if err := s.plain(filepath.Base(f), data); err != nil {
			return err
		}
	}
	return nil
}

// licences writes which modules the page's programs are made of, and the licences that go with them.
func (s *site) licences(t *toolchain) error {
	modules, err := t.modules()
	if err != nil {
		return err
	}
	var list, text strings.Builder
	fmt.Fprintf(&list, "std %s\n", strings.TrimPrefix(t.version, "go"))
	text.WriteString("The page compiles and computes with Go and with these modules.\n")
	add := func(name, file string) error {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		fmt.Fprintf(&text, "\n== %s ==\n\n", name)
		_, err = io.Copy(&text, f)
		return err
	}
	if err := add("Go", filepath.Join(t.root, "LICENSE")); err != nil {
		return err
	}
	for _, m := range modules {
		fmt.Fprintf(&list, "%s %s\n", m.path, m.version)
		found, err := licenceFiles(m.folder)
		if err != nil {
			return err
		}
		for _, file := range found {
			if err := add(m.path, file); err != nil {
				return err
			}
		}
	}
	if err := s.plain("modules.txt", []byte(list.String())); err != nil {
		return err
	}
	return s.plain("licences.txt", []byte(text.String()))
}

// licenceFiles returns the files with the licences of a module, and of what it has taken from others.
func licenceFiles(folder string) ([]string, error) {
	var all []string
	for i, pattern := range []string{"LICEN[CS]E*", "licenses/*", "THIRD_PARTY_LICENSES/*"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || i == 0 && len(found) == 0 {
			return nil, fmt.Errorf("no licence in the folder %s (%v)", folder, err)
		}
		for _, file := range found {
			if filepath.Base(file) != "gpl.txt" { // Freetype-Go lets one choose, and this is the other
				all = append(all, file)
			}
		}
	}
	return all, nil
}

func say(what string) { fmt.Println("page:", what) }
