package preprocess_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

func TestTokenizer(t *testing.T) {
	base := preprocess.NewTokenizer()
	with := func(change func(*preprocess.Tokenizer)) preprocess.Tokenizer {
		t := base
		change(&t)
		return t
	}
	for _, c := range []struct {
		name string
		t    preprocess.Tokenizer
		text string
		want []string
	}{
		{"words", base, "It's a Dog_house, 4U: naïve ПРИВЕТ 中文!", []string{"it", "dog_house", "4u", "naïve", "привет", "中文"}},
		{"not UTF-8", base, "ab\xffcd", []string{"ab", "cd"}},
		{"empty", base, " … ", nil},
		{"case kept", with(func(t *preprocess.Tokenizer) { t.Lowercase = false }), "Ab AB", []string{"Ab", "AB"}},
		{"long words", with(func(t *preprocess.Tokenizer) { t.MinLength = 4 }), "été soleil", []string{"soleil"}},
		{"stop words before n-grams", with(func(t *preprocess.Tokenizer) { t.NMax, t.StopWords = 2, []string{"or"} }), "to be OR not", []string{"to", "be", "not", "to be", "be not"}},
		{"trigrams of two words", with(func(t *preprocess.Tokenizer) { t.NMin, t.NMax = 3, 5 }), "to be", nil},
		{"characters", with(func(t *preprocess.Tokenizer) { t.Chars, t.NMin, t.NMax = true, 2, 2 }), "Ab\n\t 中", []string{"ab", "b ", " 中"}},
	} {
		if got := c.t.Tokens(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func vectorizers() map[string]preprocess.Vectorizer {
	sublinear := preprocess.NewTFIDFVectorizer()
	sublinear.Sublinear, sublinear.NMax, sublinear.StopWords = true, 2, []string{"the"}
	hashing := preprocess.NewHashingVectorizer()
	hashing.Features = 10
	return map[string]preprocess.Vectorizer{
		"CountVectorizer": preprocess.NewCountVectorizer(), "TFIDFVectorizer": preprocess.NewTFIDFVectorizer(),
		"sublinear": sublinear, "HashingVectorizer": hashing,
	}
}

func TestEveryVectorizer(t *testing.T) {
	train := []string{"the cat and the dog", "a dog", "the bird", "cat cat"}
	for name, v := range vectorizers() {
		t.Run(name, func(t *testing.T) {
			_, hashes := v.(*preprocess.HashingVectorizer)
			if _, err := v.Transform(train); !hashes && !errors.Is(err, preprocess.ErrNotFitted) {
				t.Errorf("Transform before Fit: %v", err)
			}
			if _, err := v.Terms(); err == nil {
				t.Error("Terms before Fit gives no error")
			}
			if err := v.Fit([]string{"other words altogether"}); err != nil {
				t.Fatal(err)
			}
			if err := v.Fit(train); err != nil { // forgets
				t.Fatal(err)
			}
			all, err := v.Transform(append(train, "dog unheard of", ""))
			if err != nil {
				t.Fatal(err)
			}
			if _, cols := all.Dims(); !hashes {
				if terms, err := v.Terms(); err != nil || len(terms) != cols || !slices.Contains(terms, "dog") || slices.Contains(terms, "other") {
					t.Errorf("terms are %q, %v", terms, err)
				}
			}
			one, err := v.Transform([]string{"dog unheard of"})
			if err != nil || !slices.Equal(mat.Row(nil, 0, one), mat.Row(nil, 4, all)) {
				t.Errorf("a document alone has another row: %v", err)
			}
			var file bytes.Buffer
			if err := preprocess.Save(&file, v); err != nil {
				t.Fatal(err)
			}
			loaded, err := preprocess.Load[preprocess.Vectorizer](&file)
			if err != nil {
				t.Fatal(err)
			}
			again, err := loaded.Transform(append(train, "dog unheard of", ""))
			if err != nil || !mat.Equal(again, all) {
				t.Errorf("what was loaded transforms differently: %v", err)
			}
		})
	}
}

func TestVectorizerErrors(t *testing.T) {
	docs := []string{"one two", "two three"}
	count := func(change func(*preprocess.CountVectorizer)) error {
		v := preprocess.NewCountVectorizer()
		change(v)
		return v.Fit(docs)
	}
	tfidf := preprocess.NewTFIDFVectorizer()
	tfidf.Norm = "l3"
	hashing := preprocess.NewHashingVectorizer()
	hashing.Features = 0
	norm := preprocess.NewHashingVectorizer()
	norm.Norm = "l0"
	sequence := preprocess.NewSequenceEncoder(0)
	rare := preprocess.NewSequenceEncoder(2)
	rare.MinCount = 5
	grams := preprocess.NewSequenceEncoder(2)
	grams.NMin = 0
	for name, err := range map[string]error{
		"nothing left":      count(func(v *preprocess.CountVectorizer) { v.MinDF = 3 }),
		"MaxDF":             count(func(v *preprocess.CountVectorizer) { v.MaxDF = 1.5 }),
		"n-grams":           count(func(v *preprocess.CountVectorizer) { v.NMin = 2 }),
		"tf-idf norm":       tfidf.Fit(docs),
		"tf-idf validate":   tfidf.Validate(),
		"hashing columns":   hashing.Fit(docs),
		"hashing transform": second(hashing.Transform(docs)),
		"hashing norm":      norm.Fit(docs),
		"length":            sequence.Fit(docs),
		"rare tokens":       rare.Fit(docs),
		"sequence n-grams":  grams.Fit(docs),
		"not fitted":        second(rare.Transform(docs)),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "preprocess: ") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestTFIDFOfUnseenCountsDoesNotUseThem(t *testing.T) {
	v := preprocess.NewTFIDFVectorizer()
	if err := v.Fit([]string{"aa bb", "aa cc"}); err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(v.IDF)
	if _, err := v.Transform([]string{"bb bb bb", "bb cc"}); err != nil || !slices.Equal(before, v.IDF) {
		t.Errorf("Transform changed the weights: %v to %v, %v", before, v.IDF, err)
	}
}

func TestSequenceEncoder(t *testing.T) {
	docs := []string{"b a b c", "b a", "d"}
	e := preprocess.NewSequenceEncoder(3)
	if err := e.Fit(docs); err != nil {
		t.Fatal(err)
	}
	if want := []string{"b", "a", "c", "d"}; !slices.Equal(e.Vocabulary, want) || e.Size() != 6 || e.ID("c") != 4 || e.ID("zz") != preprocess.UnknownID {
		t.Errorf("the vocabulary is %q, want %q", e.Vocabulary, want)
	}
	inputs := []string{"d c b a", "x b", "", "a b c"}
	x, err := e.Transform(inputs)
	if err != nil {
		t.Fatal(err)
	}
	if want := mat.NewDense(4, 3, []float64{5, 4, 2, 1, 2, 0, 0, 0, 0, 3, 2, 4}); !mat.Equal(x, want) {
		t.Errorf("identifiers are\n%v", mat.Formatted(x))
	}
	if got := e.Decode([]float64{5, 1, 0, 2, 99, -3, 2.5}); !slices.Equal(got, []string{"d", "�", "b", "�", "�", "b"}) {
		t.Errorf("decoded %q", got)
	}
	e.FromEnd = true
	if x, err = e.Transform(inputs); err != nil {
		t.Fatal(err)
	}
	if want := mat.NewDense(4, 3, []float64{4, 2, 3, 0, 1, 2, 0, 0, 0, 3, 2, 4}); !mat.Equal(x, want) {
		t.Errorf("from the end, identifiers are\n%v", mat.Formatted(x))
	}
	var file bytes.Buffer
	if err := preprocess.Save(&file, e); err != nil {
		t.Fatal(err)
	}
	loaded, err := preprocess.Load[*preprocess.SequenceEncoder](&file)
	if err != nil {
		t.Fatal(err)
	}
	if y, err := loaded.Transform(inputs); err != nil || !mat.Equal(x, y) {
		t.Errorf("what was loaded transforms differently: %v", err)
	}
	if _, err := e.Transform(nil); err == nil {
		t.Error("no documents give no error")
	}
	e.MaxTokens = 1
	if err := e.Fit(docs); err != nil || !slices.Equal(e.Vocabulary, []string{"b"}) {
		t.Errorf("one token: %q, %v", e.Vocabulary, err)
	}
}
