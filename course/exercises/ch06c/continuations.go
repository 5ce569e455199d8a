package ch06c

// continuations returns, for each token 0 … v−1, how many different tokens
// occur directly before it in the text. The first token of the text has none
// before it.
func continuations(text []int, v int) []int {
	// BEGIN SOLUTION
	seen := map[[2]int]bool{}
	kinds := make([]int, v)
	for i := 1; i < len(text); i++ {
		pair := [2]int{text[i-1], text[i]}
		if !seen[pair] {
			seen[pair] = true
			kinds[text[i]]++
		}
	}
	return kinds
	// END SOLUTION
}
