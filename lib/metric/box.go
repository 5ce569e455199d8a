package metric

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A Box is a rectangle with its sides along the axes, from the corner (X1, Y1) to the opposite corner (X2, Y2), in any
// unit of length. X1 ≤ X2 and Y1 ≤ Y2; otherwise the box is empty.
type Box struct{ X1, Y1, X2, Y2 float64 }

// Area is (X2−X1)(Y2−Y1), or 0 if the box is empty. Coordinates are points, not
// pixels, so nothing is added to the differences.
func (b Box) Area() float64 {
	return float64(max(0, b.X2-b.X1) * max(0, b.Y2-b.Y1)) // rounded, so that IoU(a, b) is IoU(b, a)
}

// IoU is the intersection over union |A∩B| / |A∪B| of two boxes, also called the
// Jaccard index: 0 if they do not overlap, 1 if they are the same. For two boxes
// without area it is 0.
func IoU(a, b Box) float64 {
	both := Box{max(a.X1, b.X1), max(a.Y1, b.Y1), min(a.X2, b.X2), min(a.Y2, b.Y2)}.Area()
	union := a.Area() + b.Area() - both
	if union == 0 {
		return 0
	}
	return both / union
}

// NMS is greedy non-maximum suppression: of overlapping boxes, which a detector finds
// around the same object, it keeps the one with the best score. It goes through the
// boxes by falling score, equal scores in their order, keeps a box, and drops all
// later ones whose IoU with it is above iouThreshold. It returns the indices of the
// boxes kept, in that order. A box with a NaN score is not kept.
//
// Boxes of different classes do not compete: call NMS once for each class.
func NMS(boxes []Box, scores []float64, iouThreshold float64) []int {
	if len(boxes) != len(scores) {
		panic(fmt.Sprintf("metric: NMS: %d boxes but %d scores", len(boxes), len(scores)))
	}
	order := make([]int, 0, len(boxes))
	for i, s := range scores {
		if !math.IsNaN(s) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var kept []int
	for _, i := range order {
		overlaps := func(k int) bool { return IoU(boxes[k], boxes[i]) > iouThreshold }
		if !slices.ContainsFunc(kept, overlaps) {
			kept = append(kept, i)
		}
	}
	return kept
}
