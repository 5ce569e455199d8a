package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/descent-go/descent/lib/format"
)

// write puts the tables into the document, each between its two markers.
func write(file string, tables map[string]string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text := string(old)
	for name, table := range tables {
		if text, err = insert(text, name, table); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return format.WriteFile(file, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// insert replaces what is between <!-- bench: NAME --> and <!-- end -->.
func insert(text, name, table string) (string, error) {
	marker := "<!-- bench: " + name + " -->\n"
	before, rest, ok := strings.Cut(text, marker)
	_, after, closed := strings.Cut(rest, "<!-- end -->")
	if !ok || !closed {
		return "", fmt.Errorf("there is no place for the table %q: write %q and %q where it shall stand", name, strings.TrimSpace(marker), "<!-- end -->")
	}
	return before + marker + "\n" + table + "\n<!-- end -->" + after, nil
}
