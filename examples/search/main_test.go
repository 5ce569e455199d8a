package main

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A search that is stopped after some trials and started again ends with the same report.
func TestGoesOn(t *testing.T) {
	read := func(folder string) string {
		text, err := os.ReadFile(filepath.Join(folder, "report.md"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	straight, resumed := t.TempDir(), t.TempDir()
	var said bytes.Buffer
	if err := run(context.Background(), &said, straight, 4); err != nil {
		t.Fatal(err)
	}
	for _, trials := range []int{2, 4} {
		said.Reset()
		if err := run(context.Background(), &said, resumed, trials); err != nil {
			t.Fatal(err)
		}
	}
	want := read(straight)
	if got := read(resumed); got != want {
		t.Errorf("in two parts the report is\n%s\nin one it was\n%s", got, want)
	}
	if strings.Count(want, "\n| 0.") != 4 || !strings.Contains(want, "# 4 trials\n") {
		t.Errorf("the report has not a line for each trial:\n%s", want)
	}
	chart, err := os.Open(filepath.Join(straight, "report.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer chart.Close()
	if _, err := png.DecodeConfig(chart); err != nil {
		t.Error(err)
	}
}

// An interrupted search says how to go on, and reports nothing.
func TestInterrupted(t *testing.T) {
	folder := t.TempDir()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	var said bytes.Buffer
	if err := run(ended, &said, folder, 2); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "start it again to go on") {
		t.Errorf("it said %q", &said)
	}
	if _, err := os.Stat(filepath.Join(folder, "report.md")); err == nil {
		t.Error("it reported a search that has not been")
	}
}
