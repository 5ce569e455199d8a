package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/tools/bench/side"
)

// TestRecord: the tables of outcomes that were kept are those of the outcomes
// themselves, rows of another machine are missing, and the document is not touched before
// all are there.
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
		if err := b.keep(name, "this machine", o); err != nil {
			t.Fatal(err)
		}
	}
	got, days, missing, err := b.recorded("this machine")
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
	if err := os.WriteFile(file, []byte("as it was"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := b.write(file, "this machine"); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "as it was" {
		t.Errorf("the document is %q, %v", text, err)
	}
	if err := os.WriteFile(b.recordFile("gd"), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := b.recorded("this machine"); err == nil || !strings.Contains(err.Error(), "gd.json") {
		t.Errorf("of a damaged record: %v", err)
	}
}
