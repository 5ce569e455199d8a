package preprocess_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/preprocess"
)

// Merges, vocabulary and encodings are those of the package tokenizers.
func TestBPEFollowsTokenizers(t *testing.T) {
	g := golden.Load[struct {
		New   []string
		Cases map[string]struct {
			Texts, Special, Merges []string
			MinCount               int `json:"min_count"`
			Size, Vocabulary       int
			Encoded                [][]int
		}
	}](t, "testdata/bpe.json")
	for name, c := range g.Cases {
		t.Run(name, func(t *testing.T) {
			b := &preprocess.BPE{MaxTokens: c.Size, MinCount: c.MinCount, Special: c.Special}
			if err := b.Fit(c.Texts); err != nil {
				t.Fatal(err)
			}
			for k := range min(len(b.Merges), len(c.Merges)) {
				if b.Merges[k] != c.Merges[k] {
					t.Fatalf("merge %d is %q, want %q", k, b.Merges[k], c.Merges[k])
				}
			}
			if len(b.Merges) != len(c.Merges) || b.Size() != c.Vocabulary {
				t.Errorf("%d merges and %d tokens, want %d and %d", len(b.Merges), b.Size(), len(c.Merges), c.Vocabulary)
			}
			for k, text := range g.New {
				ids, err := b.Encode(text)
				if err != nil || !slices.Equal(ids, c.Encoded[k]) {
					t.Errorf("%q is encoded as\n%v, want\n%v (error %v)", text, ids, c.Encoded[k], err)
				}
			}
		})
	}
}

// The example of Sennrich et al., figure 1 and algorithm 1: low, lowest, newer, wider,
// with the merges that follow from their counts.
func TestBPEByHand(t *testing.T) {
	b := preprocess.NewBPE(260)
	if err := b.Fit([]string{strings.Repeat("low\n", 5) + strings.Repeat("lower\n", 2) + strings.Repeat("newest\n", 6) + strings.Repeat("widest\n", 3)}); err != nil {
		t.Fatal(err)
	}
	// e s: 9, es t: 9; then l o and o w, 7 each, and the tie goes to the smaller identifier.
	if want := []string{"e s", "es t", "l o", "lo w"}; !slices.Equal(b.Merges, want) {
		t.Errorf("merges %q, want %q", b.Merges, want)
	}
	ids, err := b.Encode("lowest")
	if err != nil {
		t.Fatal(err)
	}
	low, _ := b.ID("low")
	est, _ := b.ID("est")
	if !slices.Equal(ids, []int{low, est}) {
		t.Errorf("lowest is %v, want %d and %d", ids, low, est)
	}
}

// tokenizers returns fitted ones that encode every text.
func tokenizers(t testing.TB) map[string]preprocess.TextTokenizer {
	t.Helper()
	texts := []string{"the cat and the hat and the bat", "春眠不觉晓，处处闻啼鸟。", "the 3 cats' hats: 春眠"}
	all := map[string]preprocess.TextTokenizer{
		"BPE":           preprocess.NewBPE(280),
		"BPE, special":  &preprocess.BPE{MaxTokens: 280, MinCount: 1, Special: []string{"<end>", "<pad>"}},
		"CharTokenizer": &preprocess.CharTokenizer{Bytes: true},
		"CharTokenizer, special": &preprocess.CharTokenizer{
			Bytes: true, MinCount: 2, Special: []string{"<end>", "<pad>"}},
	}
	for name, k := range all {
		if err := k.Fit(texts); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return all
}

// Decode undoes Encode for every text, that is not UTF-8 too, before and after Save.
func TestTextTokenizersRoundTrip(t *testing.T) {
	texts := []string{"", " ", "the cat", "<end> is text\n\n  here", "\xff\xfe broken \xe6\x98", "春 \ufffd 日 \x00", "😀"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		texts = append(texts, string(b))
	}
	for name, k := range tokenizers(t) {
		var file bytes.Buffer
		if err := preprocess.Save(&file, k); err != nil {
			t.Fatal(err)
		}
		loaded, err := preprocess.Load[preprocess.TextTokenizer](bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if loaded.Size() != k.Size() {
			t.Errorf("%s: %d tokens, %d after Load", name, k.Size(), loaded.Size())
		}
		damaged := bytes.Replace(file.Bytes(), []byte(`"MinCount":`), []byte(`"MinCount":1`), 1)
		if _, err := preprocess.Load[any](bytes.NewReader(damaged)); err == nil || !strings.Contains(err.Error(), "SHA-256") {
			t.Errorf("%s: a changed file gives %v", name, err)
		}
		for _, text := range texts {
			ids, err := k.Encode(text)
			if err != nil {
				t.Fatalf("%s: %q: %v", name, text, err)
			}
			if same, err := loaded.Encode(text); err != nil || !slices.Equal(same, ids) {
				t.Errorf("%s: after Load %q is %v, want %v (error %v)", name, text, same, ids, err)
			}
			if got, err := k.Decode(ids); err != nil || got != text {
				t.Errorf("%s: %q became %q, error %v", name, text, got, err)
			}
			for _, id := range ids {
				if id < 0 || id >= k.Size() {
					t.Errorf("%s: %q has the identifier %d of %d", name, text, id, k.Size())
				}
			}
		}
	}
}

func TestSpecialTokens(t *testing.T) {
	for name, k := range tokenizers(t) {
		end, ok := k.ID("<end>")
		pad, _ := k.ID("<pad>")
		if special := strings.Contains(name, "special"); ok != special {
			t.Fatalf("%s: special token %v, want %v", name, ok, special)
		} else if !special {
			continue
		}
		if end != k.Size()-2 || pad != k.Size()-1 {
			t.Errorf("%s: <end> is %d and <pad> %d of %d", name, end, pad, k.Size())
		}
		ids, _ := k.Encode("the<end>")
		if slices.Contains(ids, end) {
			t.Errorf("%s: the name of a special token in a text became the token", name)
		}
		if text, err := k.Decode(append(ids, end, pad)); err != nil || text != "the<end><end><pad>" {
			t.Errorf("%s: decoded as %q, error %v", name, text, err)
		}
	}
}

// Each token's text has the token's identifier, and nothing else has one.
func TestTextTokenizerIDs(t *testing.T) {
	all := tokenizers(t)
	b := all["BPE, special"].(*preprocess.BPE)
	names, err := b.Tokens()
	if err != nil || len(names) != b.Size() {
		t.Fatalf("%d names for %d tokens, error %v", len(names), b.Size(), err)
	}
	for id, name := range names {
		if got, ok := b.ID(name); !ok || got != id {
			t.Errorf("token %q has identifier %d %v, want %d", name, got, ok, id)
		}
	}
	c := all["CharTokenizer, special"].(*preprocess.CharTokenizer)
	for _, r := range c.Vocabulary {
		id, ok := c.ID(string(r))
		if text, err := c.Decode([]int{id}); !ok || err != nil || text != string(r) {
			t.Errorf("%q has identifier %d, whose text is %q, error %v", r, id, text, err)
		}
	}
	for name, k := range all {
		for _, token := range []string{"", "no such token", "\xff\xff", "zz"} {
			if id, ok := k.ID(token); ok {
				t.Errorf("%s: %q has the identifier %d", name, token, id)
			}
		}
	}
	if c.Vocabulary != " acdehnst处春眠" {
		t.Errorf("the characters that occur twice are %q", c.Vocabulary)
	}
}

func TestTextTokenizerErrors(t *testing.T) {
	fitted := tokenizers(t)
	plain := new(preprocess.CharTokenizer)
	if err := plain.Fit([]string{"abc"}); err != nil {
		t.Fatal(err)
	}
	_, decodeBPE := fitted["BPE"].Decode([]int{5, 280})
	_, decodeNegative := fitted["CharTokenizer"].Decode([]int{-1})
	_, encodeUnknown := plain.Encode("ab?")
	_, encodeInvalid := plain.Encode("ab\xff")
	_, notFitted := preprocess.NewBPE(300).Encode("a")
	_, notFittedTokens := preprocess.NewBPE(300).Tokens()
	_, notFittedDecode := preprocess.NewBPE(300).Decode(nil)
	_, notFittedChar := new(preprocess.CharTokenizer).Encode("a")
	_, notFittedCharDecode := new(preprocess.CharTokenizer).Decode(nil)
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"decode BPE":         {decodeBPE, "position 1 is 280"},
		"decode negative":    {decodeNegative, "position 0 is -1"},
		"unknown character":  {encodeUnknown, `'?' at byte 2 is none of the 3 characters`},
		"invalid UTF-8":      {encodeInvalid, "at byte 2"},
		"not fitted":         {notFitted, "not fitted"},
		"no tokens":          {notFittedTokens, "not fitted"},
		"decode not fitted":  {notFittedDecode, "not fitted"},
		"char not fitted":    {notFittedChar, "not fitted"},
		"char decode":        {notFittedCharDecode, "not fitted"},
		"no texts":           {preprocess.NewBPE(300).Fit(nil), "empty"},
		"nothing to merge":   {preprocess.NewBPE(300).Fit([]string{"a b c"}), "nothing to merge"},
		"no room":            {preprocess.NewBPE(256).Fit([]string{"aa aa"}), "nothing to merge"},
		"too few tokens":     {preprocess.NewBPE(100).Fit([]string{"aa"}), "at least 256"},
		"negative":           {(&preprocess.BPE{MaxTokens: 300, MinCount: -1}).Fit([]string{"aa"}), "MinCount"},
		"special twice":      {(&preprocess.BPE{MaxTokens: 300, Special: []string{"a", "a"}}).Fit([]string{"aa"}), "twice"},
		"special empty":      {(&preprocess.CharTokenizer{Special: []string{""}}).Fit([]string{"aa"}), "empty"},
		"no characters":      {new(preprocess.CharTokenizer).Fit([]string{""}), "nothing to learn"},
		"too rare":           {(&preprocess.CharTokenizer{Bytes: true, MinCount: 3}).Fit([]string{"aabb"}), "MinCount 3"},
		"rare without bytes": {(&preprocess.CharTokenizer{MinCount: 3}).Fit([]string{"aaa"}), "Bytes"},
		"fit invalid UTF-8":  {new(preprocess.CharTokenizer).Fit([]string{"a", "b\xff"}), "text 1 is not valid UTF-8 at byte 1"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) || !strings.HasPrefix(c.err.Error(), "preprocess: ") {
			t.Errorf("%s: error is %v, want one with %s", name, c.err, c.says)
		}
	}
}

// Fit forgets what it learned before, and does not depend on anything but the texts.
func TestBPEFitTwice(t *testing.T) {
	texts := []string{strings.Repeat("she sells sea shells on the sea shore ", 3), "the shells she sells are sea shells"}
	b := preprocess.NewBPE(400)
	var first []string
	for range 5 {
		if err := b.Fit([]string{"other words other words"}); err != nil {
			t.Fatal(err)
		}
		if err := b.Fit(texts); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Merges
		}
		if !slices.Equal(b.Merges, first) {
			t.Fatalf("merges differ between two runs: %q and %q", first, b.Merges)
		}
	}
}
