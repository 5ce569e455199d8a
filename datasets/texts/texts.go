// Package texts provides whole texts for language models, embedded in the binary: a
// novel and the Psalms in English, and poems in Chinese. No network is needed.
//
// It is a separate package so that programs that do not use it do not link it: the
// texts are 350 kB. The folder data says where each is from and under what licence.
//
// A language model is trained on the beginning of a text, tuned on the part after it
// and measured on the end:
//
//	train, validation, test := texts.PrideAndPrejudice().Split(0.1, 0.1)
package texts

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/*.txt.gz
var files embed.FS

// A Text is one text with its description.
type Text struct {
	Name     string
	Text     string // UTF-8; a blank line separates its parts
	Language string // its code by BCP 47: "en", "zh"

	Title, Source, Licence, Citation, Notes string
}

var (
	prideAndPrejudice = text("pride_and_prejudice")
	psalms            = text("psalms")
	tangPoems         = text("tang_poems")
)

// text returns a function that unpacks data/name.txt.gz at its first call.
func text(name string) func() string {
	return sync.OnceValue(func() string {
		packed, err := files.ReadFile("data/" + name + ".txt.gz")
		if err != nil {
			panic("texts: " + err.Error())
		}
		t, err := unpack(packed)
		if err != nil { // the files are part of the binary, and the tests read all of them
			panic(fmt.Sprintf("texts: embedded %s: %v", name, err))
		}
		return t
	})
}

func unpack(packed []byte) (string, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(unpacked) // checks the file's CRC-32
	return string(data), err
}

// PrideAndPrejudice returns Jane Austen's novel: 684,391 characters, 75 different
// ones, all of them ASCII. A part is a paragraph, or the line "Chapter 1".
//
// Source: J. Austen, "Pride and Prejudice" (1813).
func PrideAndPrejudice() *Text {
	return &Text{
		Name:     "pride_and_prejudice",
		Text:     prideAndPrejudice(),
		Language: "en",
		Title:    "Jane Austen, Pride and Prejudice",
		Source:   "Debian 12, package r-cran-janeaustenr 1.0.0-1, which has it from Project Gutenberg",
		Licence:  "public domain: the author died in 1817; the package is under the MIT licence, © 2016–2017 Julia Silge",
		Citation: "Austen, J. (1813). Pride and Prejudice. London: T. Egerton.",
		Notes:    "The lines of a paragraph are joined. _ marks words in italics.",
	}
}

// Psalms returns the Psalms in the translation of 1611: 225,423 characters, 73
// different ones, all of them ASCII. A line is a verse; the line "Psalm 1" is before
// the first psalm.
//
// Source: The Holy Bible, King James Version (1611).
func Psalms() *Text {
	return &Text{
		Name:     "psalms",
		Text:     psalms(),
		Language: "en",
		Title:    "The Psalms, King James Version",
		Source:   "Debian 12, package bible-kjv-text 4.38",
		Licence:  "public domain (in the United Kingdom printing is the Crown's privilege); the package's file is for unrestricted use provided that its legend is included: data/README.md has it",
		Citation: "The Holy Bible, King James Version (1611). The Book of Psalms.",
		Notes:    "The numbers of the verses are left out.",
	}
}

// TangPoems returns the poems of the collection Three Hundred Tang Poems: 313 poems,
// 29,567 characters, 2,578 different ones. A part is a poem: its title in 《》, its
// poet after 作者：, its lines.
//
// Source: 蘅塘退士 (Sun Zhu), "唐诗三百首" (about 1763), poems of the years 618 to 907.
func TangPoems() *Text {
	return &Text{
		Name:     "tang_poems",
		Text:     tangPoems(),
		Language: "zh",
		Title:    "Three Hundred Tang Poems (唐诗三百首)",
		Source:   "Debian 12, package fortunes-zh 2.98, file tang300",
		Licence:  "public domain: poems of the 7th to the 10th century, chosen about 1763; the package is under the GPL, version 3 or later",
		Citation: "蘅塘退士 (about 1763). 唐诗三百首.",
		Notes:    "In simplified characters. The colours that the file has for a terminal are left out.",
	}
}

// Parts returns the parts of the text: what is between blank lines.
func (t *Text) Parts() []string { return strings.Split(strings.Trim(t.Text, "\n"), "\n\n") }

// Split cuts the text into its beginning, for training, the part after it, for
// validation, and its end, for the test. The shares of the last two are those given,
// of the bytes; each cut is before the first part that begins there or later. Together
// the three are the text.
//
// They are not drawn at random: neighbouring sentences have names and words in common,
// and a model should be measured on pages that it has not seen. Split panics unless
// the shares are in [0, 1) and their sum is less than 1.
func (t *Text) Split(validation, test float64) (train, valid, testText string) {
	if !(validation >= 0 && test >= 0 && validation+test < 1) {
		panic(fmt.Sprintf("texts: Split(%v, %v): the shares must not be negative, and their sum must be less than 1", validation, test))
	}
	n := float64(len(t.Text))
	first := t.cut(int(n * (1 - validation - test)))
	second := t.cut(int(n * (1 - test)))
	return t.Text[:first], t.Text[first:second], t.Text[second:]
}

// cut returns where the first part begins that begins at byte i or later, or the end
// of the text.
func (t *Text) cut(i int) int {
	start := max(0, i-2)
	if k := strings.Index(t.Text[start:], "\n\n"); k >= 0 {
		return start + k + 2
	}
	return len(t.Text)
}

// String describes the text, and shows how it begins.
func (t *Text) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%d characters in %d parts\n", t.Title, utf8.RuneCountInString(t.Text), len(t.Parts()))
	fmt.Fprintf(&b, "Source:  %s\nLicence: %s\n\n", t.Source, t.Licence)
	begin := []rune(t.Text)
	if len(begin) > 200 {
		begin = append(begin[:200], '…')
	}
	b.WriteString(string(begin))
	return b.String()
}
