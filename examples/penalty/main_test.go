package main

import (
	"os"
	"strings"
	"testing"
)

// The search ends with a report, and its best settings are good on unseen rows.
func TestPenalty(t *testing.T) {
	t.Chdir(t.TempDir())
	out, err := os.Create("out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = out
	main()
	text, err := os.ReadFile("out")
	if err != nil || !strings.HasPrefix(string(text), "trial ") || !strings.Contains(string(text), "accuracy           0.9") {
		t.Errorf("it printed\n%s\n%v", text, err)
	}
	page, err := os.ReadFile("search.html")
	if err != nil || strings.Count(string(page), "<img") != 2 || !strings.Contains(string(page), "Of 20 trials 0 failed.") {
		t.Errorf("the report has %d charts, %v", strings.Count(string(page), "<img"), err)
	}
}
