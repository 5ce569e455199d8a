package datasets_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/descent-go/descent/datasets"
)

func TestDebianPackages(t *testing.T) {
	text, err := os.ReadFile("testdata/debian_packages.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Counts               []int
		Classes              []string
		TargetRowWeightedSum float64 `json:"target_row_weighted_sum"`
		Characters           int
		CharactersWeighted   int    `json:"characters_row_weighted"`
		CRC32Texts           uint32 `json:"crc32_texts"`
		CRC32Packages        uint32 `json:"crc32_packages"`
		First, Last          [3]string
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}

	c := datasets.DebianPackages()
	m, n := c.Y.Dims()
	if len(c.Texts) != 3000 || len(c.IDs) != 3000 || m != 3000 || n != 1 {
		t.Fatalf("%d texts, %d IDs and %d×%d classes, want 3000 of each", len(c.Texts), len(c.IDs), m, n)
	}
	counts, y := make([]int, len(c.Classes)), make([]float64, m)
	characters, byRow := 0, 0
	for i, text := range c.Texts {
		y[i] = c.Y.At(i, 0)
		counts[int(y[i])]++
		characters += utf8.RuneCountInString(text)
		byRow += (i + 1) * utf8.RuneCountInString(text)
	}
	if !slices.Equal(c.Classes, want.Classes) || !slices.Equal(counts, want.Counts) || weighted(y) != want.TargetRowWeightedSum {
		t.Errorf("classes %v %v with weighted sum %v, want %v %v with %v", c.Classes, counts, weighted(y),
			want.Classes, want.Counts, want.TargetRowWeightedSum)
	}
	if characters != want.Characters || byRow != want.CharactersWeighted {
		t.Errorf("%d characters, weighted by row %d, want %d and %d", characters, byRow, want.Characters, want.CharactersWeighted)
	}
	checksum := func(lines []string) uint32 { return crc32.ChecksumIEEE([]byte(strings.Join(lines, "\n"))) }
	if checksum(c.Texts) != want.CRC32Texts || checksum(c.IDs) != want.CRC32Packages {
		t.Error("the texts or the names differ from the exported ones")
	}
	for i, line := range map[int][3]string{0: want.First, m - 1: want.Last} {
		if got := [3]string{c.IDs[i], c.Texts[i], c.Classes[int(y[i])]}; got != line {
			t.Errorf("row %d is %q, want %q", i, got, line)
		}
	}
	if c.Name == "" || c.Target == "" || c.Title == "" || c.Source == "" || c.Licence == "" || c.Citation == "" || c.Notes == "" {
		t.Error("a description is missing")
	}
}

// No line stands in the data twice, and the names are in order, each once.
func TestDebianPackagesAreDistinct(t *testing.T) {
	c := datasets.DebianPackages()
	seen := map[string]int{}
	for i, text := range c.Texts {
		text = strings.Trim(strings.ToLower(text), " .")
		if first, ok := seen[text]; ok || text == "" {
			t.Errorf("row %d repeats row %d: %q", i, first, text)
		}
		seen[text] = i
		if i > 0 && c.IDs[i-1] >= c.IDs[i] {
			t.Errorf("name %q after %q", c.IDs[i], c.IDs[i-1])
		}
	}
}

func TestDebianPackagesAreCopies(t *testing.T) {
	a := datasets.DebianPackages()
	a.Texts[0], a.IDs[0], a.Classes[0] = "changed", "changed", "changed"
	a.Y.Set(0, 0, 7)
	b := datasets.DebianPackages()
	if b.Texts[0] == "changed" || b.IDs[0] == "changed" || b.Classes[0] == "changed" || b.Y.At(0, 0) == 7 {
		t.Error("a change of one copy shows in the next")
	}
}

// A text keeps its name and its class in whatever part it lands.
func TestCorpusSplitKeepsIDs(t *testing.T) {
	c := datasets.DebianPackages()
	row := map[string]int{}
	for i, id := range c.IDs {
		row[id] = i
	}
	train, test := c.Split(0.2, 3)
	if len(train.IDs) != 2400 || len(test.IDs) != 600 {
		t.Fatalf("%d and %d names, want 2400 and 600", len(train.IDs), len(test.IDs))
	}
	for _, part := range []*datasets.Corpus{train, test} {
		for k, id := range part.IDs {
			if i := row[id]; part.Texts[k] != c.Texts[i] || part.Y.At(k, 0) != c.Y.At(i, 0) {
				t.Fatalf("%q has lost its text or its class", id)
			}
			delete(row, id)
		}
	}
	if len(row) != 0 {
		t.Errorf("%d texts are in neither part", len(row))
	}
	bare := &datasets.Corpus{Texts: c.Texts, Y: c.Y, Classes: c.Classes}
	if bare.Subset([]int{1, 2}).IDs != nil {
		t.Error("Subset makes names where there are none")
	}
}

func TestParsePackagesErrors(t *testing.T) {
	for name, c := range map[string]struct {
		packed []byte
		want   string
	}{
		"not gzip": {[]byte("a,b,net\nc,d,net\ne,f,net\n"), "gzip"},
		"fields":   {pack(t, []byte("a,b,net\nc,net\n")), "wrong number of fields"},
		"section":  {pack(t, []byte("a,b,net\nc,d,nets\n")), `line 2: no section "nets"`},
		"empty":    {pack(t, nil), "no lines"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := datasets.ParsePackages(bytes.NewReader(c.packed)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func ExampleDebianPackages() {
	c := datasets.DebianPackages()
	for _, i := range []int{2, 4, 16} {
		fmt.Printf("%s: %s → %s\n", c.IDs[i], c.Texts[i], c.Classes[int(c.Y.At(i, 0))])
	}
	// Output:
	// 2048-qt: mathematics based puzzle game → games
	// 4g8: Packet Capture and Interception for Switched Networks → net
	// ace: HTML template engine for Go (command-line tool) → text
}

func pack(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
