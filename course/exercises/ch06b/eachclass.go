package ch06b

import "github.com/descent-go/descent/lib/metric"

// eachClass returns the detections of one picture that stay when non-maximum
// suppression is done for each class alone, in any order. found stays as it is.
func eachClass(found []metric.Detection, threshold float64) []metric.Detection {
	// BEGIN SOLUTION
	groups := map[int][]metric.Detection{}
	for _, d := range found {
		groups[d.Class] = append(groups[d.Class], d)
	}
	var stay []metric.Detection
	for _, group := range groups {
		var boxes []metric.Box
		var scores []float64
		for _, d := range group {
			boxes, scores = append(boxes, d.Box), append(scores, d.Score)
		}
		for _, i := range metric.NMS(boxes, scores, threshold) {
			stay = append(stay, group[i])
		}
	}
	return stay
	// END SOLUTION
}
