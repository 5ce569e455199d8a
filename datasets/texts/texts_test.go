package texts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/timed"
)

func all() []*Text { return []*Text{PrideAndPrejudice(), Psalms(), TangPoems()} }

// The texts are those that data/texts.py wrote.
func TestTexts(t *testing.T) {
	want := golden.Load[map[string]struct {
		Bytes, Characters, Distinct, Parts int
		SHA256, First, Last                string
	}](t, "testdata/texts.json")
	if len(want) != len(all()) {
		t.Errorf("%d texts have golden values, want %d", len(want), len(all()))
	}
	for _, text := range all() {
		w := want[text.Name]
		sum := sha256.Sum256([]byte(text.Text))
		distinct := make(map[rune]bool)
		for _, r := range text.Text {
			distinct[r] = true
		}
		if len(text.Text) != w.Bytes || utf8.RuneCountInString(text.Text) != w.Characters || len(distinct) != w.Distinct || hex.EncodeToString(sum[:]) != w.SHA256 {
			t.Errorf("%s has %d bytes, %d characters, %d different ones, SHA-256 %x, want %+v", text.Name, len(text.Text), utf8.RuneCountInString(text.Text), len(distinct), sum, w)
		}
		parts := text.Parts()
		if len(parts) != w.Parts || parts[0] != w.First || parts[len(parts)-1] != w.Last {
			t.Errorf("%s: %d parts, want %d; or the first or the last differs", text.Name, len(parts), w.Parts)
		}
		if strings.Contains(text.Text, "\n\n\n") || strings.Contains(text.Text, "\r") || !strings.HasSuffix(text.Text, "\n") {
			t.Errorf("%s: white space that is not wanted", text.Name)
		}
		for what, s := range map[string]string{"language": text.Language, "title": text.Title, "source": text.Source, "licence": text.Licence, "citation": text.Citation, "notes": text.Notes} {
			if s == "" {
				t.Errorf("%s: no %s", text.Name, what)
			}
		}
		if s := text.String(); !strings.Contains(s, text.Title) || !strings.Contains(s, fmt.Sprint(w.Characters, " characters")) {
			t.Errorf("%s is described as %s", text.Name, s)
		}
	}
}

// The documentation states the number of characters.
func TestSplit(t *testing.T) {
	for _, text := range all() {
		train, valid, test := text.Split(0.1, 0.2)
		if train+valid+test != text.Text {
			t.Fatalf("%s: the parts are not the text", text.Name)
		}
		n := float64(len(text.Text))
		for what, c := range map[string][2]float64{"train": {float64(len(train)), 0.7}, "validation": {float64(len(valid)), 0.1}, "test": {float64(len(test)), 0.2}} {
			if got := c[0] / n; got < c[1]-0.02 || got > c[1]+0.02 {
				t.Errorf("%s: %s has a share of %.3f, want %v", text.Name, what, got, c[1])
			}
		}
		for _, part := range []string{train, valid} {
			if !strings.HasSuffix(part, "\n\n") {
				t.Errorf("%s: a cut is within a part", text.Name)
			}
		}
		if train, valid, test := text.Split(0, 0); train != text.Text || valid != "" || test != "" {
			t.Errorf("%s: shares of 0 leave something to validation or test", text.Name)
		}
	}
	short := &Text{Text: "one part"}
	if train, valid, test := short.Split(0.5, 0.2); train != short.Text || valid+test != "" {
		t.Error("a text of one part was cut")
	}
	for _, shares := range [][2]float64{{-0.1, 0}, {0, -0.1}, {0.5, 0.5}, {2, 0}} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "texts: Split(") {
					t.Errorf("Split(%v): panic %q", shares, text)
				}
			}()
			short.Split(shares[0], shares[1])
		}()
	}
}

func TestUnpackErrors(t *testing.T) {
	packed, err := files.ReadFile("data/psalms.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte(nil), packed...)
	damaged[len(damaged)/2] ^= 1
	for name, data := range map[string][]byte{"not gzip": []byte("hello"), "cut off": packed[:len(packed)/2], "damaged": damaged} {
		if _, err := unpack(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

var benchmarks = timed.List{
	"PrideAndPrejudice": func(int) func() { return func() { PrideAndPrejudice() } },
	"Psalms":            func(int) func() { return func() { Psalms() } },
	"TangPoems":         func(int) func() { return func() { TangPoems() } },
	"Text.Parts":        func(n int) func() { t := &Text{Text: strings.Repeat("word\n\n", n)}; return func() { t.Parts() } },
	"Text.Split": func(n int) func() {
		t := &Text{Text: strings.Repeat("word\n\n", n)}
		return func() { t.Split(0.1, 0.1) }
	},
}

func BenchmarkTexts(b *testing.B) { benchmarks.Run(b) }

// TestEveryTextIsTimed: what is exported and takes time has a benchmark.
func TestEveryTextIsTimed(t *testing.T) {
	benchmarks.Check(t)
	benchmarks.Once()
}
