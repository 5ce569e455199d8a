package cells

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestColumn keeps texts of all lengths, some appended and some taken from a file.
func TestColumn(t *testing.T) {
	var c Column
	var want []string
	for i := range 3000 {
		text := strings.Repeat("é", i%700) + fmt.Sprint(i)
		c.Append(text)
		want = append(want, text)
		if i%1000 == 999 {
			rows, ok := Cut([]byte("a\nbc\n\n\"d\"\"\"\n"), ',', 1)
			if !ok {
				t.Fatal("the rows are declined")
			}
			columns := []Column{c}
			Take(columns, rows)
			c = columns[0]
			want = append(want, "a", "bc", `d"`)
		}
	}
	if c.Len() != len(want) || !slices.Equal(c.Strings(), want) {
		t.Fatalf("%d texts, want %d", c.Len(), len(want))
	}
	for _, i := range []int{0, 1, 999, 1000, 1002, 1003, len(want) - 1} {
		if c.At(i) != want[i] {
			t.Errorf("text %d is %.20q, want %.20q", i, c.At(i), want[i])
		}
	}
	for i, text := range c.Range(990, 1010) {
		if text != want[i] {
			t.Errorf("text %d is %.20q, want %.20q", i, text, want[i])
		}
	}
	for range c.Range(7, 7) {
		t.Error("an empty range has a text")
	}
}

// TestCutDeclines: what encoding/csv has something to say about is not taken.
func TestCutDeclines(t *testing.T) {
	for _, text := range []string{"a", "a,b,c", "a\"b,c", "\"a,b", "\"a\"b,c", "a,\xff", "a,b\nc\n"} {
		if _, ok := Cut([]byte(text), ',', 2); ok {
			t.Errorf("%q is taken for rows of two", text)
		}
	}
}

// TestEnd finds the last end of a line that is not within quotes.
func TestEnd(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 0, "a\n": 2, "a\nb": 2, "a\n\"b\nc": 2, "\"a\nb\"\nc\"\n": 6, "\"\n\n": 0} {
		if got := End([]byte(text)); got != want {
			t.Errorf("of %q %d bytes are whole records, want %d", text, got, want)
		}
	}
}
