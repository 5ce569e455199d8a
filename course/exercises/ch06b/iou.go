package ch06b

import "github.com/descent-go/descent/lib/metric"

// iou returns the intersection over union of two boxes, from the corner (X1, Y1)
// to the corner (X2, Y2), with X1 < X2 and Y1 < Y2.
func iou(a, b metric.Box) float64 {
	// BEGIN SOLUTION
	w := min(a.X2, b.X2) - max(a.X1, b.X1)
	h := min(a.Y2, b.Y2) - max(a.Y1, b.Y1)
	if w <= 0 || h <= 0 {
		return 0 // two negative sides would have a positive product
	}
	both := w * h
	return both / ((a.X2-a.X1)*(a.Y2-a.Y1) + (b.X2-b.X1)*(b.Y2-b.Y1) - both)
	// END SOLUTION
}
