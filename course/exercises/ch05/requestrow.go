package ch05

import (
	"fmt"
	"math"
)

// requestRow returns the values of a request in the order of names, as the model
// was trained. It returns an error if a name is missing, if the request has a name
// that the model does not know, or if a value is NaN or infinite.
func requestRow(names []string, request map[string]float64) ([]float64, error) {
	// BEGIN SOLUTION
	row := make([]float64, len(names))
	for i, name := range names {
		v, ok := request[name]
		if !ok {
			return nil, fmt.Errorf("%s is missing", name)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s is %g", name, v)
		}
		row[i] = v
	}
	if len(request) > len(names) {
		return nil, fmt.Errorf("the request has %d values, and the features are %v", len(request), names)
	}
	return row, nil
	// END SOLUTION
}
