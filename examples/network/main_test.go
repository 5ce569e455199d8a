package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The accuracy on unseen digits rises above 95 %.
func TestNetwork(t *testing.T) {
	out, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = out
	main()
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	_, list, found := strings.Cut(strings.TrimSuffix(strings.TrimSpace(string(text)), "]"), "[")
	epochs := strings.Fields(list)
	if !found || len(epochs) != 10 || !strings.Contains(string(text), "completed after epoch 10") {
		t.Fatalf("it printed\n%s", text)
	}
	var last float64
	if _, err := fmt.Sscan(epochs[9], &last); err != nil || last < 0.95 {
		t.Errorf("the accuracy is %v, %v", epochs, err)
	}
}
