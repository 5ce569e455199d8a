package preprocess_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/preprocess"
)

// rowsOf returns the rows of tables as text.
func rowsOf(t *testing.T, tables ...*preprocess.Table) (rows []string) {
	t.Helper()
	for _, table := range tables {
		for _, row := range textRows(t, table) {
			rows = append(rows, strings.Join(row, "|"))
		}
	}
	return rows
}

func textRows(t *testing.T, table *preprocess.Table) [][]string {
	t.Helper()
	rows := make([][]string, table.Len())
	for _, name := range table.Names() {
		cells, err := table.Strings(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, cell := range cells {
			rows[i] = append(rows[i], cell)
		}
	}
	return rows
}

// TestPartsAreTheTable: the parts have the rows of the whole, however large they are.
func TestPartsAreTheTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n\"na\nme\",y,z\r\n")
	for i := range 150 {
		switch i % 7 {
		case 0:
			fmt.Fprintf(&b, "\"a,\n\"\"%d\"\"\",%d,\r\n", i, i)
		case 1:
			b.WriteString("\n")
			fallthrough
		default:
			fmt.Fprintf(&b, "b%d,%d,NA\n", i, i)
		}
	}
	for _, end := range []string{"", "c,1,2", "\n\n\n"} {
		text := b.String() + end
		for _, format := range []preprocess.CSV{preprocess.NewCSV(), {Comma: ',', NoHeader: true}} {
			whole, err := format.Read(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, size := range []int{1, 17, 400, 5000, 0} {
				var parts []*preprocess.Table
				for part, err := range format.Parts(iotest.HalfReader(strings.NewReader(text)), size) {
					if err != nil {
						t.Fatalf("parts of %d bytes: %v", size, err)
					}
					if !slices.Equal(part.Names(), whole.Names()) {
						t.Fatalf("the names are %q, want %q", part.Names(), whole.Names())
					}
					parts = append(parts, part)
				}
				if !slices.Equal(rowsOf(t, parts...), rowsOf(t, whole)) {
					t.Errorf("parts of %d bytes: other rows than in the whole", size)
				}
				if size == 400 && len(parts) < 5 {
					t.Errorf("only %d parts", len(parts))
				}
			}
		}
	}
}

// TestPartsNameTheLine of the file, in errors of reading and of numbers.
func TestPartsNameTheLine(t *testing.T) {
	raced.SkipValues(t)
	good := "x,y\n" + strings.Repeat("1,2\n", 1000)
	read := func(text string) error {
		for part, err := range preprocess.NewCSV().Parts(strings.NewReader(text), 100) {
			if err != nil {
				return err
			}
			if _, err := part.Float("x"); err != nil {
				return err
			}
		}
		return nil
	}
	for part, text := range map[string]string{
		"line 1002, column \"x\"": good + "a,2\n1,2\n",
		"on line 1003":            good + "1,2\n1,2,3\n1,2\n",
		"line 1004, column":       good + "\n1,2\nb,2\n",
		"on line 1002":            good + "1\"1,2\n3,4\n",
		"the file is empty":       "\n\n",
	} {
		if err := read(text); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("want %q, error %v", part, err)
		}
	}
	if err := read(good); err != nil {
		t.Error(err)
	}
	broken := io.MultiReader(strings.NewReader(good), iotest.ErrReader(errors.New("no disk")))
	endless := io.MultiReader(strings.NewReader("x,y\n\""), letters{})
	for part, text := range map[string]io.Reader{"no disk": broken, "no record ends": endless} {
		var last error
		for _, err := range preprocess.NewCSV().Parts(text, 1<<20) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), part) {
			t.Errorf("want %q, error %v", part, last)
		}
	}
}

// letters is a text without end.
type letters struct{}

func (letters) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}
