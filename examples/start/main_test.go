package main

import (
	"bytes"
	"flag"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/digits.png again")

// The README shows this program, and the chart that it draws.
func TestREADME(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	read := func(path ...string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(path...))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	source := string(read(root, "examples", "start", "main.go"))
	readme := string(read(root, "README.md"))
	if program := source[strings.Index(source, "package main"):]; !strings.Contains(readme, "```go\n"+program+"```\n") {
		t.Error("the program in the README is not examples/start/main.go")
	}

	t.Chdir(t.TempDir())
	main()
	fresh := read("digits.png")
	const limit = 60_000
	if len(fresh) > limit {
		t.Errorf("the chart has %d bytes, want at most %d", len(fresh), limit)
	}
	committed := filepath.Join(root, "docs", "digits.png")
	if *update {
		if err := os.WriteFile(committed, fresh, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// The last bits of a loss depend on the processor, so pixels may differ.
	size := func(data []byte) image.Point {
		t.Helper()
		config, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return image.Pt(config.Width, config.Height)
	}
	if got, want := size(read(committed)), size(fresh); got != want {
		t.Errorf("docs/digits.png has %v pixels, the program draws %v: run go test ./examples/start -update", got, want)
	}
}
