// Package document puts tables that commands have made into documents.
package document

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/descent-go/descent/lib/format"
)

// Fill puts each text into the document, between <!-- MARK --> and <!-- end -->.
func Fill(file string, texts map[string]string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	filled := string(old)
	for mark, text := range texts {
		if filled, err = insert(filled, mark, text); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return format.WriteFile(file, func(w io.Writer) error {
		_, err := io.WriteString(w, filled)
		return err
	})
}

// insert replaces what is between the two marks.
func insert(document, mark, text string) (string, error) {
	const end = "<!-- end -->"
	begin := "<!-- " + mark + " -->\n"
	before, rest, ok := strings.Cut(document, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("there is no place for the table: write %q and %q where it shall stand", strings.TrimSpace(begin), end)
	}
	return before + begin + "\n" + text + "\n" + end + after, nil
}
