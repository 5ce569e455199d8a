package ch06b

// averagePrecision returns the area under precision against recall, after each
// dip has been filled. hits says of each detection, best score first, whether it
// is true; objects is how many there are to be found, at least 1.
func averagePrecision(hits []bool, objects int) float64 {
	// BEGIN SOLUTION
	precision := make([]float64, len(hits))
	found := 0.0
	for i, hit := range hits {
		if hit {
			found++
		}
		precision[i] = found / float64(i+1)
	}
	area, best := 0.0, 0.0
	for i := len(hits) - 1; i >= 0; i-- {
		best = max(best, precision[i]) // at this recall or a higher one
		if hits[i] {
			area += best / float64(objects) // recall grows by 1/objects here
		}
	}
	return area
	// END SOLUTION
}
