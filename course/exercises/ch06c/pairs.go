package ch06c

// pairs returns the pairs of neighbouring words, in their order, with a space
// between the two words of a pair. words stays as it is.
func pairs(words []string) []string {
	// BEGIN SOLUTION
	var out []string
	for i := 0; i+1 < len(words); i++ {
		out = append(out, words[i]+" "+words[i+1])
	}
	return out
	// END SOLUTION
}
