package playground

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The cells that the page gives compile, with goimports' work done, and run.
func TestCode(t *testing.T) {
	var cells []string
	for _, schedule := range Schedules {
		s := customary()
		s.Schedule = schedule
		if schedule == "onecycle" {
			s.Noise, s.Clip, s.Surface = 1, 2, "cancer"
		}
		cell, err := Code(s)
		if err != nil {
			t.Fatal(err)
		}
		cells = append(cells, cell)
	}
	s := small()
	s.L1, s.L2, s.Dropout = 1e-4, 1e-3, 0.1
	muon := small()
	muon.Optimizer = "muon"
	for _, s := range []NetworkSettings{small(), s, muon} {
		cell, err := NetworkCode(s)
		if err != nil {
			t.Fatal(err)
		}
		cells = append(cells, cell)
	}
	folder, err := os.MkdirTemp(".", "testdata-cells-") // inside of the module
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	for i, cell := range cells {
		declarations, body, ok := strings.Cut(cell, "\n%%\n")
		if !ok {
			t.Fatalf("there is no %%%% in\n%s", cell)
		}
		dir := filepath.Join(folder, string(rune('a'+i)))
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\n"+declarations+"\n\nfunc main() {\n"+body+"}\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "vet", "./"+folder+"/...").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, strings.Join(cells, "\n"))
	}
}
