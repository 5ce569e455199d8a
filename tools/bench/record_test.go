package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/tools/bench/side"
)

// TestRecord: the tables of outcomes that were kept are those of the outcomes
// themselves, rows of another machine are missing, and the document has the tables of those
// that are there and names the others.
func TestRecord(t *testing.T) {
	b := &bench{in: inputs{root: t.TempDir()}, charts: t.TempDir()}
	product := result{
		contest: contest{work: "A·B", precision: "float32", ours: "gemm", args: side.Args{M: 8, K: 8, N: 8}},
		rival:   rival{name: "OpenBLAS", bar: 1.5}, place: "gemm01", threads: 2, variant: "Haswell", jobs: 3,
		mine: []float64{1e-6, 2e-6, 3e-6}, peer: []float64{2e-6, 2e-6, 2e-6}, before: []float64{1},
	}
	grown := outcome{samples: []size{{10, 2, 0.5, 1e6}, {20, 2, 1, 2e6}}, features: []size{{10, 3, 0.5, 1e6}, {10, 4, 1, 2e6}}}
	kept := map[string]outcome{"gemm": {results: []result{product}}, "growth": grown, "cells": {table: "| a |\n"}}
	for name, o := range kept {
		if err := b.keep(name, "this machine\n", o); err != nil {
			t.Fatal(err)
		}
	}
	got, days, missing, err := b.recorded("this machine\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || len(missing) != len(rows)-3 || slices.Contains(missing, "gemm") {
		t.Errorf("%d outcomes, missing %v", len(got), missing)
	}
	if !slices.Equal(days, []string{time.Now().Format(dayFormat)}) {
		t.Errorf("measured on %v", days)
	}
	want, err := b.tables(kept)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := b.tables(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"gemm", "growth", "cells", "ratios"} {
		if tables[name] != want[name] || want[name] == "" {
			t.Errorf("the table %s is\n%s\nwant\n%s", name, tables[name], want[name])
		}
	}
	if _, _, missing, err := b.recorded("another machine"); err != nil || len(missing) != len(rows) {
		t.Errorf("of another machine only %v are missing, %v", missing, err)
	}
	file := filepath.Join(t.TempDir(), "performance.md")
	var text strings.Builder
	for _, name := range []string{"machine", "ratios", "gemm", "growth", "cells", "passes"} {
		fmt.Fprintf(&text, "<!-- bench: %s -->\nold %[1]s\n<!-- end -->\n", name)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := b.write(file, "this machine\n"); err != nil {
		t.Error(err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{want["gemm"], want["cells"], "old passes", "| measured on | " + days[0], "with these versions | gd, sgd"} {
		if !strings.Contains(string(written), part) {
			t.Errorf("%q is not in\n%s", part, written)
		}
	}
	if strings.Contains(string(written), "old gemm") {
		t.Error("the table of products is still the old one")
	}
	if err := os.WriteFile(b.recordFile("gd"), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := b.recorded("this machine\n"); err == nil || !strings.Contains(err.Error(), "gd.json") {
		t.Errorf("of a damaged record: %v", err)
	}
}
