//go:build unix

// Merge runs a notebook without its kernel: all its cells become one program,
// with a function for each, and every cell is a run of that program.
//
//	merge NOTEBOOK
//
// GoNB compiles and links a program for each cell, which is most of the time that
// a notebook takes. Here that is done once. What a cell sees is the same: its
// variables begin anew, and what it prints and shows is taken from the pipes that
// the kernel would have at the other end. Two things are not: a cell could use what
// a later one declares, and a variable of a later cell is initialised in an earlier
// one. So the real kernel runs the notebooks, too, in make ci.
//
// Merge prints a JSON list with an element for each code cell: its outputs in the
// notebook's format, or why only the kernel can run it. It ends with 1 and says
// what is wrong where a cell does not compile or fails.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: merge NOTEBOOK")
		os.Exit(2)
	}
	results, err := notebook(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(results)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// notebook runs the cells of a notebook, one after the other.
func notebook(file string) (results []result, err error) {
	cells, err := readCells(file)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "merge")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	work, err := workspace(folder)
	if err != nil {
		return nil, err
	}
	k, err := newKernel(folder, filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	for i, p := range merge(cells) {
		program, err := build(filepath.Join(folder, fmt.Sprintf("program%d", i)), work, p)
		if err != nil {
			return nil, fmt.Errorf("%s: its cells do not compile as one program:\n%w", file, err)
		}
		for _, c := range cells[p.first-1 : p.last] {
			r, err := k.run(program, c)
			if err != nil {
				return nil, fmt.Errorf("%s: In [%d] failed: %w", file, c.number, err)
			}
			results = append(results, r)
		}
	}
	return results, nil
}

// workspace makes the workspace that the kernel has, of the checkout in which
// merge is called.
func workspace(folder string) (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	init := exec.Command("go", "work", "init", root)
	init.Dir = folder
	if out, err := init.CombinedOutput(); err != nil {
		return "", fmt.Errorf("no workspace for the cells: %w\n%s", err, out)
	}
	return filepath.Join(folder, "go.work"), nil
}

// build compiles a program in a new folder.
func build(dir, work string, p program) (string, error) {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return "", err
	}
	args := []string{"build", "-o", filepath.Join(dir, "program")}
	for file, source := range p.files {
		full := filepath.Join(dir, file)
		if err := os.WriteFile(full, []byte(source), 0o666); err != nil {
			return "", err
		}
		args = append(args, full)
	}
	compile := exec.Command("go", args...)
	compile.Env = append(os.Environ(), "GOWORK="+work)
	out, err := compile.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s(%w)", strings.ReplaceAll(string(out), dir+string(filepath.Separator), ""), err)
	}
	return filepath.Join(dir, "program"), nil
}
