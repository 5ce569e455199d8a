package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDrawRatios(t *testing.T) {
	var all []result
	for i, peer := range []float64{0.5e-3, 1e-3, 3e-3, 40e-3} {
		all = append(all, result{contest: contest{work: strings.Repeat("work ", 5+9*i), precision: "float64"}, place: fmt.Sprint([]string{"sgd", "gemm"}[i%2], i, 1, 0), threads: 1, mine: []float64{1e-3}, peer: []float64{peer}})
	}
	dir := t.TempDir()
	text, err := drawRatios(dir, all)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "4 pieces of work in 2 lines") || !strings.Contains(text, "3 are faster, 1 are not") {
		t.Errorf("the text is %q", text)
	}
	if info, err := os.Stat(filepath.Join(dir, "performance-ratios.png")); err != nil || info.Size() < 5000 {
		t.Errorf("the picture: %v, %v", info, err)
	}
	var labels []string
	for _, tick := range times(0.5, 40) {
		labels = append(labels, tick.Label)
	}
	if got := strings.Join(labels, " "); got != "0.5 1 2 5 10 20" {
		t.Errorf("the ticks are %s", got)
	}
}
