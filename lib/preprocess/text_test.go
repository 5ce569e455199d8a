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

// TestWordsOfAllLanguages has one row a language; each was cut at its combining
// marks or joiners.
func TestWordsOfAllLanguages(t *testing.T) {
	plain := preprocess.NewTokenizer()
	segment := plain
	segment.Segment = true
	for _, c := range []struct {
		text          string
		runs, segment []string
	}{
		{"हिन्दी भाषा", []string{"हिन्दी", "भाषा"}, nil},
		{"தமிழ் மொழி", []string{"தமிழ்", "மொழி"}, nil},
		{"বাংলা ভাষা, ไม่", []string{"বাংলা", "ভাষা", "ไม่"}, []string{"বাংলা", "ভাষা"}},
		{"re\u0301sume\u0301 Ame\u0301lie", []string{"re\u0301sume\u0301", "ame\u0301lie"}, nil},
		{"résumé Amélie", []string{"résumé", "amélie"}, nil},
		{"می\u200cخواهم", []string{"می\u200cخواهم"}, nil},
		{"ക്\u200dഷ ശ്രീ", []string{"ക്\u200dഷ", "ശ്രീ"}, nil},
		{"عَرَبِيّ، שָׁלוֹם", []string{"عَرَبِيّ", "שָׁלוֹם"}, nil},
		{"한국어 문장", []string{"한국어", "문장"}, nil},
		{"e\u0301 é ab", []string{"ab"}, nil},                                                             // one character, however it is written
		{"❤\ufe0f a\ufe0f 👩\u200d💻 \u0301bc", []string{"bc"}, nil},                                        // a mark begins no word
		{"don't 3.14 1,000 a.b", []string{"don", "14", "000"}, []string{"don't", "3.14", "1,000", "a.b"}}, // UAX #29, rules WB6, 7, 11 and 12
		{"dog_house wi-fi __", []string{"dog_house", "wi", "fi", "__"}, []string{"dog_house", "wi", "fi"}},
		{"中文 カタカナ iPhone手机", []string{"中文", "カタカナ", "iphone手机"}, []string{"中", "文", "カタカナ", "iphone", "手", "机"}},
	} {
		if c.segment == nil {
			c.segment = c.runs
		}
		if got := plain.Tokens(c.text); !slices.Equal(got, c.runs) {
			t.Errorf("%s: %q, want %q", c.text, got, c.runs)
		}
		if got := segment.Tokens(c.text); !slices.Equal(got, c.segment) {
			t.Errorf("%s, by UAX #29: %q, want %q", c.text, got, c.segment)
		}
	}
	chars := plain
	chars.Chars = true
	if got, want := chars.Tokens("é e\u0301\t\n हिन्\u0301"), []string{"é", " ", "e\u0301", " ", "हि", "न्\u0301"}; !slices.Equal(got, want) {
		t.Errorf("characters are %q, want %q", got, want)
	}
}

func TestIdeographs(t *testing.T) {
	for _, c := range []struct {
		cut     preprocess.Ideographs
		segment bool
		want    []string
	}{
		{preprocess.IdeographRuns, false, []string{"我用go学习机器学习", "和ai", "ばか", "猫"}},
		{preprocess.IdeographCharacters, false, []string{"我", "用", "go", "学", "习", "机", "器", "学", "习", "和", "ai", "は\u3099", "か", "猫"}},
		{preprocess.IdeographBigrams, false, []string{"我用", "go", "学习", "习机", "机器", "器学", "学习", "和", "ai", "は\u3099か", "猫"}},
		{preprocess.IdeographBigrams, true, []string{"我用", "go", "学习", "习机", "机器", "器学", "学习", "和", "ai", "は\u3099か", "猫"}},
		{preprocess.IdeographRuns, true, []string{"我", "用", "go", "学", "习", "机", "器", "学", "习", "和", "ai", "は\u3099", "か", "猫"}},
	} {
		tok := preprocess.NewTokenizer()
		tok.Ideographs, tok.Segment = c.cut, c.segment
		want := c.want
		if c.cut == preprocess.IdeographRuns && !c.segment {
			want = []string{"我用go学习机器学习", "和ai", "は\u3099か"} // 猫 is shorter than MinLength
		}
		if got := tok.Tokens("我用Go学习机器学习，和AI。は\u3099か 猫"); !slices.Equal(got, want) {
			t.Errorf("%q, segment %v: %q, want %q", c.cut, c.segment, got, want)
		}
	}
	v := preprocess.NewTFIDFVectorizer()
	v.Ideographs, v.Segment = preprocess.IdeographBigrams, true
	if err := v.Fit([]string{"机器学习", "学习"}); err != nil || !slices.Equal(v.Vocabulary, []string{"器学", "学习", "机器"}) {
		t.Errorf("bigrams as terms: %q, %v", v.Vocabulary, err)
	}
	var file bytes.Buffer
	if err := preprocess.Save(&file, v); err != nil {
		t.Fatal(err)
	}
	back, err := preprocess.Load[*preprocess.TFIDFVectorizer](&file)
	if err != nil || back.Ideographs != preprocess.IdeographBigrams || !back.Segment {
		t.Errorf("loaded: %+v, %v", back, err)
	}
	v.Ideographs = "words"
	if err := v.Fit([]string{"a"}); err == nil || !strings.Contains(err.Error(), `Ideographs is "words"`) {
		t.Errorf("an unknown way: %v", err)
	}
}

// TestNothingLeftNamesTheCause: the advice is about the setting that has removed
// the terms.
func TestNothingLeftNamesTheCause(t *testing.T) {
	count := func(change func(v *preprocess.CountVectorizer), docs ...string) error {
		v := preprocess.NewCountVectorizer()
		change(v)
		return v.Fit(docs)
	}
	none := func(*preprocess.CountVectorizer) {}
	short := preprocess.NewSequenceEncoder(3)
	short.MinLength = 2
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"short":          {count(none, "1 2", "3 4"), "the 4 words of 2 documents are all shorter than MinLength 2"},
		"short sequence": {short.Fit([]string{"1 2", "3 4"}), "all shorter than MinLength 2"},
		"tf-idf":         {preprocess.NewTFIDFVectorizer().Fit([]string{"1 2", "3 4"}), "MinLength 2"},
		"no documents":   {count(none), "there are no documents"},
		"no words":       {count(none, "…", ""), "2 documents have no words"},
		"stop words":     {count(func(v *preprocess.CountVectorizer) { v.StopWords = []string{"aa"} }, "aa", "aa b"), "all 2 words of MinLength 2 or more are stop words"},
		"n-grams":        {count(func(v *preprocess.CountVectorizer) { v.NMin, v.NMax = 3, 3 }, "aa bb", "cc"), "no document has NMin 3 words"},
		"rare":           {count(func(v *preprocess.CountVectorizer) { v.MinDF = 2 }, "aa bb", "cc"), "MinDF 2"},
		"rare sequence":  {(&preprocess.SequenceEncoder{Tokenizer: preprocess.NewTokenizer(), Length: 2, MinCount: 5}).Fit([]string{"aa bb", "cc"}), "MinCount 5"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: error is %v, want one that says %q", name, c.err, c.says)
		}
	}
}
