package preprocess

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/descent-go/descent/internal/raced"
)

// plainly reads a file record by record, as encoding/csv does.
func plainly(c CSV, text string) (*Table, error) {
	in, err := newCSVText(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	t := &Table{missing: c.Missing}
	if err := c.records(t, in, 0); err != nil {
		return nil, err
	}
	if t.names == nil {
		return nil, errors.New("preprocess: reading CSV: the file is empty")
	}
	return t, nil
}

// TestBlocksAreRecords: a file that is read in blocks, on all cores, gives the
// table that it gives record by record, with the same lines, or the same error.
func TestBlocksAreRecords(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "1.5", "", "Zürich", `"x"`, `"x,y"`, `"say ""no"""`, "\"two\nlines\"", "\"two\r\nlines\"", `""`}
	faults := []string{`b"c`, `"d`, "\xff", `"e"f`, "g,h", "\r", "\r\n", "\n", "\n\n\r\n", `"` + "\xff" + `"`, "\"k\rl\""}
	ends := []string{"\n", "\n", "\n", "\r\n", "\n\n", "\r"}
	rounds := raced.Rounds(3000)
	if testing.Short() {
		rounds = min(rounds, 600)
	}
	for round := range rounds {
		c := NewCSV()
		c.NoHeader = round%3 == 0
		if round%5 == 0 {
			c.Comma = ';'
		}
		var text strings.Builder
		width, wrong := 1+r.IntN(4), r.IntN(20)
		some, faults, ends := pieces, faults, ends[:4+round%3]
		if round%2 == 0 { // as most files: without quotes
			some, faults, ends = pieces[:4], []string{"\xff", "g,h", "\r", "\r\n", "\n", "\n\n"}, ends[:1]
			if round%4 == 0 {
				ends = []string{"\r\n"}
			}
		}
		for line := range 1 + r.IntN(30) {
			for j := range width {
				if j > 0 {
					text.WriteRune(c.Comma)
				}
				text.WriteString(some[r.IntN(len(some))])
				if line == 0 {
					fmt.Fprint(&text, j)
				}
			}
			if line == wrong && r.IntN(2) == 0 {
				text.WriteString(faults[r.IntN(len(faults))])
			}
			text.WriteString(ends[r.IntN(len(ends))])
		}
		compareReading(t, c, text.String())
		compareReading(t, c, strings.TrimRight(text.String(), "\r\n"))
	}
	// Several blocks for each core, a fault in the last or an end that differs, and lines longer than a block.
	for _, end := range []string{"\n", "\r\n"} {
		plain := "a,b" + end + strings.Repeat("1.25,x y"+end, 100_000)
		compareReading(t, NewCSV(), plain)
		compareReading(t, NewCSV(), plain+"1.25,x")
		compareReading(t, NewCSV(), plain+end+plain[5:])
		compareReading(t, NewCSV(), plain+"\"a\",b"+end+plain)
		compareReading(t, NewCSV(), plain+"1"+end+plain)
	}
	long := "a,b\n" + strings.Repeat("1.25,\"x\ny\"\n", 100_000)
	compareReading(t, NewCSV(), long)
	compareReading(t, NewCSV(), long+"1,\"\n"+long)
	compareReading(t, NewCSV(), long+"1,2,3\n"+long)
	compareReading(t, NewCSV(), "a\n\""+strings.Repeat("long\n", 200_000)+"\"\n")
	compareReading(t, NewCSV(), strings.Repeat("a", 2<<20)+",b\n1,2\n")
}

func compareReading(t *testing.T, c CSV, text string) {
	t.Helper()
	want, wrong := plainly(c, text)
	for name, in := range map[string]io.Reader{"whole": strings.NewReader(text), "halves": iotest.HalfReader(strings.NewReader(text))} {
		got, err := c.Read(in)
		if fmt.Sprint(err) != fmt.Sprint(wrong) {
			t.Fatalf("%s: %.200q:\nin blocks %v\nin records %v", name, text, err, wrong)
		}
		if err != nil {
			continue
		}
		cells, _ := got.Text()
		wanted, _ := want.Text()
		if !reflect.DeepEqual(got.names, want.names) || !reflect.DeepEqual(cells, wanted) || !reflect.DeepEqual(got.lines, want.lines) {
			t.Fatalf("%s: %.200q:\nin blocks %.200q %v\nin records %.200q %v", name, text, cells, got.lines, wanted, want.lines)
		}
	}
}

// TestReadingFailsInTheMiddle: what the reader of the file says is said, with the
// rows before it or without.
func TestReadingFailsInTheMiddle(t *testing.T) {
	rows := "a,b\n" + strings.Repeat("1,2\n", 300_000)
	for _, size := range []int{2, 4, 100, len(rows)} {
		_, err := ReadCSV(io.MultiReader(strings.NewReader(rows[:size]), iotest.ErrReader(io.ErrClosedPipe)))
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("after %d bytes: %v", size, err)
		}
	}
}

// TestSmallCellsTakeLittleMemory: a table takes its file and four bytes for each cell.
func TestSmallCellsTakeLittleMemory(t *testing.T) {
	text := "a,b,c,d\n" + strings.Repeat("0,1,0,1\n", 250_000)
	table, err := ReadCSV(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for j := range table.cells {
		size += table.cells[j].Bytes()
	}
	const page = 1 << 13 // to which Go rounds up what a short block takes
	if most := len(text) + 4*4*250_000 + 2*page; size > most {
		t.Errorf("%d bytes for a file of %d, want at most %d", size, len(text), most)
	}
	if table.Len() != 250_000 || len(table.lines) != 1 {
		t.Errorf("%d rows, lines %v", table.Len(), table.lines)
	}
}
