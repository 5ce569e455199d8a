package ch06e

// nextTokens returns a row of inputs and a row of labels for a language model of
// the given length. The label of a token is the token after it. A text that is
// too short is filled up with −1 in both rows, and the label of the text's last
// token is −1 as well, since nothing follows; a longer text is cut off.
func nextTokens(text []int, length int) (x, y []int) {
	// BEGIN SOLUTION
	for t := range length {
		in, label := -1, -1
		if t < len(text) {
			in = text[t]
		}
		if t+1 < len(text) {
			label = text[t+1]
		}
		x, y = append(x, in), append(y, label)
	}
	return x, y
	// END SOLUTION
}
