package ch06c

import (
	"math/rand/v2"
	"strings"
)

// mistype swaps two neighbouring letters in each word of four letters or more,
// at a place that r draws: any but the first letter, which stays. Words are what
// stands between spaces, and have one space between them afterwards.
func mistype(text string, r *rand.Rand) string {
	// BEGIN SOLUTION
	words := strings.Fields(text)
	for i, w := range words {
		if letters := []rune(w); len(letters) >= 4 {
			k := 1 + r.IntN(len(letters)-2)
			letters[k], letters[k+1] = letters[k+1], letters[k]
			words[i] = string(letters)
		}
	}
	return strings.Join(words, " ")
	// END SOLUTION
}
