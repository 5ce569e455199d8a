package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The service runs as a process, answers all requests, and ends when it is told.
func TestMeasure(t *testing.T) {
	table, err := measure(50 * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines) != 8 {
		t.Fatalf("%d lines:\n%s", len(lines), table)
	}
	for _, line := range lines[4:] {
		if !regexp.MustCompile(`^\| \d+ \| \d+ \| \d+ \| \d+ \| [\d.]+ \| [\d.]+ \| 0 \|$`).MatchString(line) {
			t.Errorf("line %q", line)
		}
	}
}

func TestInsert(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d.md")
	if err := os.WriteFile(path, []byte("a\n"+beginsMark+"old\n"+endsMark+"b\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := insert(path, "new\n"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if want := "a\n" + beginsMark + "new\n" + endsMark + "b\n"; err != nil || string(text) != want {
		t.Errorf("%q, error %v, want %q", text, err, want)
	}
	if err := os.WriteFile(path, []byte("a\n"+beginsMark), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := insert(path, "new\n"); err == nil || !strings.Contains(err.Error(), "lacks the lines") {
		t.Errorf("error %v", err)
	}
}
