package document

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFill(t *testing.T) {
	text := "# Title\n\n<!-- bench: a -->\nold\n<!-- end -->\n\nbetween\n\n<!-- b -->\n<!-- end -->\n"
	file := filepath.Join(t.TempDir(), "a.md")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, time := range []string{"once", "twice"} {
		if err := Fill(file, map[string]string{"bench: a": "| new |\n"}); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if want := strings.Replace(text, "old\n", "\n| new |\n\n", 1); err != nil || string(got) != want {
			t.Errorf("%s: got\n%s\nwant\n%s, %v", time, got, want, err)
		}
	}
	if err := Fill(file, map[string]string{"c": ""}); err == nil || !strings.Contains(err.Error(), "<!-- c -->") {
		t.Errorf("a table without a place gives %v", err)
	}
	if _, err := insert("<!-- a -->\n", "a", ""); err == nil {
		t.Error("a place without an end is accepted")
	}
}
