package ch06c

// mergePair returns the tokens with each neighbouring pair a, b replaced by the
// single token ab, from left to right: the step of byte-pair encoding. What was
// merged is not used again. tokens stays as it is.
func mergePair(tokens []int, a, b, ab int) []int {
	// BEGIN SOLUTION
	var out []int
	for i := 0; i < len(tokens); i++ {
		if i+1 < len(tokens) && tokens[i] == a && tokens[i+1] == b {
			out = append(out, ab)
			i++
			continue
		}
		out = append(out, tokens[i])
	}
	return out
	// END SOLUTION
}
