package ch00

// steps returns how many steps, that is updates of θ, a training has. Each epoch
// goes through all samples in batches; the last batch of an epoch may be
// smaller. A batch of 0 means all samples at once.
func steps(samples, batch, epochs int) int {
	// BEGIN SOLUTION
	if batch == 0 {
		return epochs
	}
	return epochs * ((samples + batch - 1) / batch)
	// END SOLUTION
}
