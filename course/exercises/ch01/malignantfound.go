package ch01

// malignantFound returns the share of the malignant tumours that the model calls
// malignant. Both slices hold a class for each tumour: 0 is malignant, 1 benign.
// Without a malignant tumour there is nothing to miss, and the share is 1.
func malignantFound(truth, pred []int) float64 {
	// BEGIN SOLUTION
	found, malignant := 0, 0
	for i, class := range truth {
		if class != 0 {
			continue
		}
		malignant++
		if pred[i] == 0 {
			found++
		}
	}
	if malignant == 0 {
		return 1
	}
	return float64(found) / float64(malignant)
	// END SOLUTION
}
