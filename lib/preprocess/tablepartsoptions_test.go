package preprocess_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/descent-go/descent/lib/preprocess"
)

// A file with comments, spaces and another encoding has the same rows in parts, and
// its errors name the same lines.
func TestPartsWithOptions(t *testing.T) {
	c := preprocess.NewCSV()
	c.Comma, c.Decimal, c.Comment, c.SkipSpace, c.Encoding = ';', ',', '#', true, charmap.Windows1252
	line := "# Stra\xdfe\nM\xfcll; 1,5\n"
	text := "# c\n# \"d\nOrt; Wert\n" + strings.Repeat(line, 50)
	rows := 0
	for part, err := range c.Parts(strings.NewReader(text), 100) {
		if err != nil {
			t.Fatal(err)
		}
		values, err := part.Float("Wert")
		if err != nil {
			t.Fatal(err)
		}
		names, err := part.Strings("Ort")
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if v != 1.5 || names[i] != "Müll" {
				t.Fatalf("row %d is %v of %q", rows+i, v, names[i])
			}
		}
		rows += part.Len()
	}
	if rows != 50 {
		t.Errorf("%d rows, want 50", rows)
	}
	for _, wrong := range []string{"x;y;z\n", "\x81;1\n"} {
		last := error(nil)
		for _, err := range c.Parts(strings.NewReader(text+wrong), 100) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), "line 104") {
			t.Errorf("error %v, want line 104", last)
		}
	}
}
