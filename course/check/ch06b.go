package check

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/descent-go/descent/lib/metric"
)

var iou = Exercise{"IoU", []string{
	"The intersection reaches from the larger of the two left edges to the smaller of the two right edges. Top and bottom alike.",
	"What if its width or height is negative? Then the boxes do not touch.",
	"The union is area + area − intersection: what lies in both must not count twice.",
}}

// IoU checks the intersection over union of two boxes.
func IoU(f func(a, b metric.Box) float64) Answer {
	return examine(iou, func(t *trial) {
		type sample struct{ a, b metric.Box }
		cases(t, 0, []sample{
			{metric.Box{X1: 1, Y1: 2, X2: 8, Y2: 6}, metric.Box{X1: 3, Y1: 1, X2: 12, Y2: 5}},
			{metric.Box{X1: 3, Y1: 1, X2: 12, Y2: 5}, metric.Box{X1: 1, Y1: 2, X2: 8, Y2: 6}},
			{metric.Box{X2: 10, Y2: 8}, metric.Box{X1: 2, Y1: 3, X2: 5, Y2: 7}},
			{metric.Box{X2: 2, Y2: 3}, metric.Box{X1: 5, Y1: 7, X2: 9, Y2: 8}},
			{metric.Box{X2: 2, Y2: 3}, metric.Box{X1: 5, Y1: 1, X2: 9, Y2: 2}},
			{metric.Box{X1: -3, Y1: -2, X2: 0, Y2: 1}, metric.Box{X2: 4, Y2: 1}},
			{metric.Box{X1: 0.5, Y1: 0.5, X2: 1, Y2: 2}, metric.Box{X1: 0.5, Y1: 0.5, X2: 1, Y2: 2}},
		}, func(r *rand.Rand) sample {
			return sample{boxOf(r), boxOf(r)}
		}, func(c sample, r *rand.Rand) {
			w := min(c.a.X2, c.b.X2) - max(c.a.X1, c.b.X1)
			h := min(c.a.Y2, c.b.Y2) - max(c.a.Y1, c.b.Y1)
			a, b := c.a.Area(), c.b.Area()
			cut := max(0, w) * max(0, h)
			around := (max(c.a.X2, c.b.X2) - min(c.a.X1, c.b.X1)) * (max(c.a.Y2, c.b.Y2) - min(c.a.Y1, c.b.Y1))
			t.give("a", c.a, "b", c.b)
			t.equal("IoU", f(c.a, c.b), metric.IoU(c.a, c.b),
				mistake{cut / (a + b), "What lies in both boxes counts twice in the sum of the areas: take it off once."},
				mistake{cut, "That is the intersection: divide it by the union."},
				mistake{w * h / (a + b - w*h), "The boxes do not touch, but a negative width or height makes an area here, and two of them even a positive one. Then IoU is 0."},
				mistake{cut / min(a, b), "You divide by the area of one box. Then a tiny box inside a large one could agree with it perfectly. Divide by the union."},
				mistake{cut / max(a, b), "You divide by the area of one box. Divide by the union, which is larger than either if they differ."},
				mistake{cut / around, "You divide by the rectangle around both boxes. The union does not contain its empty corners."},
				mistake{pixelIoU(c.a, c.b), "These are no pixels but points: the width is X2 − X1, without + 1."})
		})
	})
}

// pixelIoU is IoU with both edges counted as pixels.
func pixelIoU(a, b metric.Box) float64 {
	a.X2, a.Y2, b.X2, b.Y2 = a.X2+1, a.Y2+1, b.X2+1, b.Y2+1
	return metric.IoU(a, b)
}

var averagePrecision = Exercise{"AveragePrecision", []string{
	"First the precision after each detection: true ones so far / detections so far.",
	"Fill the dips from the end: each precision becomes at least the one behind it.",
	"Recall grows by 1/objects at each hit and nowhere else. So the area is the sum, over the hits, of the filled precision / objects.",
}}

// AveragePrecision checks the area under precision against recall.
func AveragePrecision(f func(hits []bool, objects int) float64) Answer {
	return examine(averagePrecision, func(t *trial) {
		type sample struct {
			hits    []bool
			objects int
		}
		cases(t, 0, []sample{
			{[]bool{false, true, true, false, true, false}, 5},
			{[]bool{true, false, true, true, false, false, true, false}, 5},
			{[]bool{false, false, true, true, true}, 3},
			{[]bool{true, true}, 2},
			{[]bool{false, false}, 4},
			{nil, 3},
		}, func(r *rand.Rand) sample {
			var c sample
			for range between(r, 0, 12) {
				hit := r.IntN(2) == 0
				if c.hits = append(c.hits, hit); hit {
					c.objects++
				}
			}
			c.objects += between(r, 1, 3)
			return c
		}, func(c sample, r *rand.Rand) {
			before := slices.Clone(c.hits)
			t.give("hits", c.hits, "objects", c.objects)
			got := f(c.hits, c.objects)
			t.unchanged("hits", c.hits, before)
			filled, dips, hits := areas(before)
			all := float64(c.objects)
			t.equal("the area", got, filled/all,
				mistake{dips / all, "The dips are not filled: precision at a recall is the best that is reached there or at any higher recall."},
				mistake{filled / max(1, hits), "Recall is the share of all objects, also of those that are never found. Divide by objects, not by the hits."},
				mistake{dips / max(1, hits), "Fill the dips, and divide by all objects: one that is never found costs area."},
				mistake{hits / max(1, float64(len(before))), "That is the precision after the last detection, not the area under the curve."},
				mistake{hits / all, "That is the recall after the last detection, not the area under the curve."},
				mistake{forwards(before) / all, "You fill from the beginning: each precision gets the best so far. Fill from the end, with the best that is still to come."},
				mistake{math.NaN(), "You divide by 0: there may be no hit, or no detection at all."})
		})
	})
}

// areas returns the sums of the precisions at the hits, with dips filled and
// not, and how many hits there are.
func areas(hits []bool) (filled, dips, n float64) {
	var precision []float64
	for i, hit := range hits {
		if hit {
			n++
			precision = append(precision, n/float64(i+1))
			dips += n / float64(i+1)
		}
	}
	for i := range precision {
		filled += slices.Max(precision[i:])
	}
	return filled, dips, n
}

// forwards returns the sum of the best precisions so far at the hits.
func forwards(hits []bool) (sum float64) {
	n, best := 0.0, 0.0
	for i, hit := range hits {
		if hit {
			n++
		}
		if best = max(best, n/float64(i+1)); hit {
			sum += best
		}
	}
	return sum
}

var soften = Exercise{"Soften", []string{
	"Copy the scores, and keep a []bool of what is taken. Then repeat as often as there are boxes: find the best that is not taken, take it, lower the others.",
	"The best is looked for among the new scores, each time anew: a sorted list from the beginning does not do.",
	"scores[i] *= math.Exp(-u*u/sigma) with u := metric.IoU(boxes[best], boxes[i]), for every i that is not taken.",
}}

// Soften checks soft suppression.
func Soften(f func(boxes []metric.Box, scores []float64, sigma float64) []float64) Answer {
	return examine(soften, func(t *trial) {
		type sample struct {
			boxes  []metric.Box
			scores []float64
			sigma  float64
		}
		cases(t, 0, []sample{
			{[]metric.Box{{X1: 2, Y1: 3, X2: 12, Y2: 13}, {X1: 3, Y1: 4, X2: 13, Y2: 14}, {X1: 1, Y1: 5, X2: 11, Y2: 15},
				{X1: 11, Y1: 11, X2: 21, Y2: 21}, {X1: 12, Y1: 10, X2: 22, Y2: 20}}, []float64{0.6, 0.9, 0.5, 0.7, 0.8}, 0.5},
			{[]metric.Box{{X2: 10, Y2: 10}, {X2: 10, Y2: 8}, {X1: 9, X2: 19, Y2: 10}}, []float64{0.8, 0.7, 0.5}, 0.5},
			{[]metric.Box{{X2: 1, Y2: 1}, {X1: 5, X2: 6, Y2: 1}}, []float64{0.3, 0.4}, 0.1},
			{nil, nil, 0.1},
		}, func(r *rand.Rand) sample {
			c := sample{sigma: uniform(r, 0.1, 1)}
			for range between(r, 1, 6) {
				c.boxes, c.scores = append(c.boxes, boxOf(r)), append(c.scores, r.Float64())
			}
			return c
		}, func(c sample, r *rand.Rand) {
			boxes, scores := slices.Clone(c.boxes), slices.Clone(c.scores)
			t.give("boxes", c.boxes, "scores", c.scores, "sigma", c.sigma)
			got := f(boxes, scores, c.sigma)
			t.unchanged("scores", scores, c.scores)
			t.unchanged("boxes", boxes, c.boxes)
			with := func(factor func(u float64) float64) []float64 { return softened(c.boxes, c.scores, true, factor) }
			gauss := func(u float64) float64 { return math.Exp(-u * u / c.sigma) }
			t.equal("the scores", got, with(gauss),
				mistake{with(func(u float64) float64 { return 1 - gauss(u) }), "The other way round: the more two boxes overlap, the smaller the factor."},
				mistake{with(func(u float64) float64 { return math.Exp(u * u / c.sigma) }), "The exponent has the wrong sign: scores grow."},
				mistake{with(func(u float64) float64 {
					if u > c.sigma {
						return 0
					}
					return 1
				}), "That is the hard suppression, all or nothing. Here each score is multiplied by exp(−u²/σ)."},
				mistake{c.scores, "No score is lowered."},
				mistake{softened(c.boxes, c.scores, false, gauss), "You sort once and go through that order. A box that has lost much may have to wait: look for the best by the new scores, each time."},
				mistake{with(func(u float64) float64 { return math.Exp(-u / c.sigma) }), "u stands there squared: exp(−u²/σ)."},
				mistake{with(func(u float64) float64 { return math.Exp(-u * u / (2 * c.sigma)) }), "You divide by 2σ: it is exp(−u²/σ)."},
				mistake{with(func(u float64) float64 { return math.Exp(-u * u / (c.sigma * c.sigma)) }), "You divide by σ²: it is exp(−u²/σ)."},
				mistake{with(func(u float64) float64 { return 1 - u }), "That is another softening, score·(1 − u). Here it is exp(−u²/σ)."},
				mistake{eachTaken(c.boxes, c.scores, gauss), "Boxes that are taken already lose, too. Lower only those that are not yet taken."},
				mistake{fallen(with(gauss)), "The scores are right and in another order: the i-th score is that of the i-th box."})
		})
	})
}

// softened returns the scores after soft suppression with a factor of the IoU;
// anew says whether the best is looked for again each time.
func softened(boxes []metric.Box, scores []float64, anew bool, factor func(u float64) float64) []float64 {
	now, left := slices.Clone(scores), make([]int, len(boxes))
	for i := range left {
		left[i] = i
	}
	sort := func(by []float64) {
		slices.SortStableFunc(left, func(a, b int) int { return cmp.Compare(by[b], by[a]) })
	}
	sort(scores)
	for len(left) > 0 {
		if anew {
			sort(now)
		}
		best := left[0]
		left = left[1:]
		for _, i := range left {
			now[i] *= factor(metric.IoU(boxes[best], boxes[i]))
		}
	}
	return now
}

// eachTaken lowers the scores of all other boxes each time.
func eachTaken(boxes []metric.Box, scores []float64, factor func(u float64) float64) []float64 {
	now, taken := slices.Clone(scores), make([]bool, len(boxes))
	for range boxes {
		best := -1
		for i := range boxes {
			if !taken[i] && (best < 0 || now[i] > now[best]) {
				best = i
			}
		}
		taken[best] = true
		for i := range boxes {
			if i != best {
				now[i] *= factor(metric.IoU(boxes[best], boxes[i]))
			}
		}
	}
	return now
}

// fallen returns the scores, the largest first.
func fallen(scores []float64) []float64 {
	slices.SortFunc(scores, func(a, b float64) int { return cmp.Compare(b, a) })
	return scores
}

var eachClass = Exercise{"EachClass", []string{
	"Detections of different classes never compete. So divide the list by class first.",
	"metric.NMS takes boxes and scores, and returns the indices of those that stay: indices into what you gave it.",
	"For each class: collect its detections in a group, its boxes and scores in slices; then group[i] stays for each i of metric.NMS(boxes, scores, threshold).",
}}

// EachClass checks non-maximum suppression for each class separately.
func EachClass(f func(found []metric.Detection, threshold float64) []metric.Detection) Answer {
	return examine(eachClass, func(t *trial) {
		at := func(class int, x, score float64) metric.Detection {
			return metric.Detection{Class: class, Box: metric.Box{X1: x, X2: x + 10, Y2: 10}, Score: score}
		}
		type sample struct {
			found     []metric.Detection
			threshold float64
		}
		cases(t, 0, []sample{
			{[]metric.Detection{at(8, 1, 0.5), at(3, 0, 0.9), at(3, 2, 0.7), at(8, 30, 0.6), at(8, 3, 0.8), at(0, 31, 0.4)}, 0.3},
			{[]metric.Detection{at(1, 0, 0.2), at(1, 3, 0.6), at(1, 6, 0.4)}, 0.5},
			{[]metric.Detection{at(9, 5, 0.3)}, 0.3},
			{nil, 0.3},
		}, func(r *rand.Rand) sample {
			c := sample{threshold: 0.1 + 0.6*r.Float64()}
			for range between(r, 1, 9) {
				c.found = append(c.found, at(r.IntN(3), 20*r.Float64(), r.Float64()))
			}
			return c
		}, func(c sample, r *rand.Rand) {
			before := slices.Clone(c.found)
			t.give("found", before, "threshold", c.threshold)
			got := fallenDetections(f(c.found, c.threshold))
			t.unchanged("found", c.found, before)
			var alone []metric.Detection
			for class := range 10 {
				alone = append(alone, suppressedIf(before, c.threshold, func(d metric.Detection) bool { return d.Class == class })...)
			}
			together := suppressedIf(before, c.threshold, func(metric.Detection) bool { return true })
			t.equal("what stays, best first,", got, fallenDetections(alone),
				mistake{fallenDetections(before), "Nothing is dropped: two detections of one class in nearly the same place still compete."},
				mistake{fallenDetections(together), "All classes compete here. An 8 must not be dropped because of a 3."},
				mistake{bestOfClass(before), "Only one of each class is left. There may be two 8s in a picture, far apart: it is their IoU that decides."},
				mistake{fallenDetections(before[:min(1, len(before))]), "Only the first detection is left. Each class goes through metric.NMS, and what stays of all of them is returned."},
				mistake{[]metric.Detection{}, "Nothing is left: append what stays of each class."},
				mistake{firstIndices(before, c.threshold), "metric.NMS returns indices into the slices that you gave it, the detections of one class, not into found."})
		})
	})
}

// suppressedIf returns those detections that satisfy keep and survive each other.
func suppressedIf(found []metric.Detection, threshold float64, keep func(metric.Detection) bool) (stay []metric.Detection) {
	group, left := survivors(found, threshold, keep)
	for _, i := range left {
		stay = append(stay, group[i])
	}
	return stay
}

// survivors returns the detections that satisfy keep, and the indices of those
// of them that survive.
func survivors(found []metric.Detection, threshold float64, keep func(metric.Detection) bool) (group []metric.Detection, left []int) {
	var boxes []metric.Box
	var scores []float64
	for _, d := range found {
		if keep(d) {
			group, boxes, scores = append(group, d), append(boxes, d.Box), append(scores, d.Score)
		}
	}
	return group, metric.NMS(boxes, scores, threshold)
}

// firstIndices takes the survivors' indices for those of the whole list.
func firstIndices(found []metric.Detection, threshold float64) (stay []metric.Detection) {
	for class := range 10 {
		_, left := survivors(found, threshold, func(d metric.Detection) bool { return d.Class == class })
		for _, i := range left {
			stay = append(stay, found[i])
		}
	}
	return fallenDetections(stay)
}

func bestOfClass(found []metric.Detection) (stay []metric.Detection) {
	for _, d := range fallenDetections(found) {
		if !slices.ContainsFunc(stay, func(s metric.Detection) bool { return s.Class == d.Class }) {
			stay = append(stay, d)
		}
	}
	return stay
}

// fallenDetections returns the detections, best first; it is never nil.
func fallenDetections(found []metric.Detection) []metric.Detection {
	sorted := append([]metric.Detection{}, found...)
	slices.SortStableFunc(sorted, func(a, b metric.Detection) int { return cmp.Compare(b.Score, a.Score) })
	return sorted
}

// boxOf returns a box between 0 and 20.
func boxOf(r *rand.Rand) metric.Box {
	x, y := uniform(r, 0, 10), uniform(r, 0, 10)
	return metric.Box{X1: x, Y1: y, X2: x + uniform(r, 1, 10), Y2: y + uniform(r, 1, 10)}
}

var responsibleCell = Exercise{"ResponsibleCell", []string{
	"The middle of the box lies between its edges: (X1+X2)/2 and (Y1+Y2)/2.",
	"Divide by stride to count in cells, and cut off what stands behind the point.",
	"row = int((b.Y1+b.Y2)/2/stride), and col alike with X.",
}}

// ResponsibleCell checks the choice of the grid cell that is responsible for
// a box: the one that contains its centre.
func ResponsibleCell(f func(b metric.Box, stride float64) (row, col int)) Answer {
	return examine(responsibleCell, func(t *trial) {
		type sample struct {
			b      metric.Box
			stride float64
		}
		cases(t, 0, []sample{
			{metric.Box{X1: 3, Y1: 10, X2: 12, Y2: 21}, 4},
			{metric.Box{X1: 14, Y1: 1, X2: 24, Y2: 11}, 4},
			{metric.Box{X2: 2, Y2: 3}, 8},
		}, func(r *rand.Rand) sample { return sample{boxOf(r), float64(between(r, 2, 8))} }, func(c sample, r *rand.Rand) {
			x, y := (c.b.X1+c.b.X2)/2/c.stride, (c.b.Y1+c.b.Y2)/2/c.stride
			row, col := int(y), int(x)
			t.give("b", c.b, "stride", c.stride)
			gotRow, gotCol := f(c.b, c.stride)
			t.equal("(row, col)", [2]int{gotRow, gotCol}, [2]int{row, col},
				mistake{[2]int{col, row}, "You have exchanged the two: y goes down and gives the row, x the column."},
				mistake{[2]int{int(c.b.Y1 / c.stride), int(c.b.X1 / c.stride)}, "That is the cell of the upper left corner. The middle of the box decides."},
				mistake{[2]int{int(c.b.Y2 / c.stride), int(c.b.X2 / c.stride)}, "That is the cell of the lower right corner. The middle of the box decides."},
				mistake{[2]int{int(math.Round(y)), int(math.Round(x))}, "Do not round: from 0 to below 1 it is cell 0."},
				mistake{[2]int{int(math.Ceil(y)), int(math.Ceil(x))}, "Cells count from 0: round down."},
				mistake{[2]int{row + 1, col + 1}, "Cells count from 0."},
				mistake{[2]int{int(y * c.stride), int(x * c.stride)}, "That is the middle in pixels: divide by stride to count in cells."},
				mistake{[2]int{int(2 * y), int(2 * x)}, "The middle is half the sum of the two edges."},
				mistake{[2]int{int((c.b.Y2 - c.b.Y1) / 2 / c.stride), int((c.b.X2 - c.b.X1) / 2 / c.stride)}, "That is half the size of the box. The middle is half the sum of the two edges."})
		})
	})
}

var boxOfCell = Exercise{"BoxOfCell", []string{
	"First the middle, in cells: col + ½ + the first number, and row + ½ + the second. Times stride it is in pixels.",
	"Then the size: usual·exp of the third and of the fourth number.",
	"The edges lie half the size left and right of the middle, above and below.",
}}

// BoxOfCell checks the conversion of the four numbers of a cell to its box.
func BoxOfCell(f func(row, col int, numbers [4]float64, stride, usual float64) metric.Box) Answer {
	return examine(boxOfCell, func(t *trial) {
		type sample struct {
			row, col      int
			numbers       [4]float64
			stride, usual float64
		}
		cases(t, 0, []sample{{2, 4, [4]float64{0.25, -0.4, 0.2, -0.1}, 4, 10}, {0, 0, [4]float64{}, 8, 6}}, func(r *rand.Rand) sample {
			return sample{between(r, 0, 5), between(r, 0, 5), [4]float64{uniform(r, -0.5, 0.5), uniform(r, -0.5, 0.5), uniform(r, -0.4, 0.4), uniform(r, -0.4, 0.4)},
				float64(between(r, 2, 8)), float64(between(r, 5, 12))}
		}, func(c sample, r *rand.Rand) {
			n := c.numbers
			around := func(x, y, w, h float64) []float64 { return []float64{x - w/2, y - h/2, x + w/2, y + h/2} }
			middle := func(row, col, half float64) (x, y float64) {
				return (col + half + n[0]) * c.stride, (row + half + n[1]) * c.stride
			}
			row, col := float64(c.row), float64(c.col)
			x, y := middle(row, col, 0.5)
			cornerX, cornerY := middle(row, col, 0)
			turnedX, turnedY := middle(col, row, 0.5)
			w, h := c.usual*math.Exp(n[2]), c.usual*math.Exp(n[3])
			t.give("row", c.row, "col", c.col, "numbers", n, "stride", c.stride, "usual", c.usual)
			got := f(c.row, c.col, n, c.stride, c.usual)
			t.equal("(X1, Y1, X2, Y2)", []float64{got.X1, got.Y1, got.X2, got.Y2}, around(x, y, w, h),
				mistake{around(turnedX, turnedY, w, h), "Row and column are exchanged: the column gives x."},
				mistake{around(cornerX, cornerY, w, h), "The middle is counted from the middle of the cell: add ½ to row and col."},
				mistake{around((col+0.5)*c.stride+n[0], (row+0.5)*c.stride+n[1], w, h), "The first two numbers are in cells, not in pixels: add them before you multiply by stride."},
				mistake{around((col+0.5)*c.stride, (row+0.5)*c.stride, w, h), "The first two numbers are missing: they say where in the cell the middle lies."},
				mistake{around(x, y, c.usual*n[2], c.usual*n[3]), "The last two numbers are logarithms: take their exponential."},
				mistake{around(x, y, math.Exp(n[2]), math.Exp(n[3])), "The size is counted in usual sizes: multiply by usual."},
				mistake{around(x, y, c.stride*math.Exp(n[2]), c.stride*math.Exp(n[3])), "The size is counted in usual sizes, not in cells."},
				mistake{around(x, y, 2*w, 2*h), "The box is twice too large: go half its size to each side."},
				mistake{[]float64{x, y, x + w, y + h}, "The middle stands where the corner should: go half the size to each side."},
				mistake{[]float64{x, y, w, h}, "A box has two corners, not a middle and a size."})
		})
	})
}

var boxLoss = Exercise{"BoxLoss", []string{
	"A loop over the cells, and a second one over the four numbers of a cell.",
	"A cell without a digit has no box that could be right: continue where there is none.",
	"sum += (b[c][k] - target[c][k])² for the cells with digit[c].",
}}

// BoxLoss checks the part of a detector's loss for boxes: the squared errors in
// the cells that are responsible for a digit.
func BoxLoss(f func(b, target [][]float64, digit []bool) float64) Answer {
	return examine(boxLoss, func(t *trial) {
		type sample struct {
			cells  int
			digits []bool
		}
		cases(t, 65, []sample{{5, []bool{true, false, true, false, false}}, {2, []bool{false, false}}, {1, []bool{true}}}, func(r *rand.Rand) sample {
			c := sample{cells: between(r, 2, 6)}
			for i := range c.cells {
				c.digits = append(c.digits, i == 0 || r.IntN(2) == 0)
			}
			return c
		}, func(c sample, r *rand.Rand) {
			b, target := make([][]float64, c.cells), make([][]float64, c.cells)
			var want, all, absolute, n float64
			for i := range b {
				b[i], target[i] = normal(r, 4), make([]float64, 4)
				if c.digits[i] {
					target[i] = normal(r, 4)
					n++
				}
				for k := range 4 {
					e := b[i][k] - target[i][k]
					if all += e * e; c.digits[i] {
						want, absolute = want+e*e, absolute+math.Abs(e)
					}
				}
			}
			t.give("b", b, "target", target, "digit", c.digits)
			t.equal("the loss", f(b, target, c.digits), want,
				mistake{all, "You ask empty cells, too. What they say of a box is neither right nor wrong, and must cost nothing."},
				mistake{all - want, "You ask the empty cells alone. It should be those with a digit."},
				mistake{absolute, "Take the squares of the errors, not their absolute values."},
				mistake{want / 2, "There is a factor ½ too many."},
				mistake{math.Sqrt(want), "Leave out the root."},
				mistake{want / max(1, n), "That is the mean over the cells with a digit. The sum is asked for."},
				mistake{want / max(1, 4*n), "That is a mean. The sum is asked for."},
				mistake{want / float64(c.cells), "That is the mean over all cells. The sum is asked for: otherwise a larger grid makes each box count less."})
		})
	})
}
