package ch06b

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
	"github.com/descent-go/descent/lib/metric"
)

func TestIoU(t *testing.T) {
	e := checktest.New(t, check.IoU)
	e.Right(iou)
	// over divides the intersection by something else than the union.
	over := func(f func(both, a, b float64) float64) func(a, b metric.Box) float64 {
		return func(a, b metric.Box) float64 {
			w, h := min(a.X2, b.X2)-max(a.X1, b.X1), min(a.Y2, b.Y2)-max(a.Y1, b.Y1)
			both := max(0, w) * max(0, h)
			return both / f(both, a.Area(), b.Area())
		}
	}
	e.Wrong("counts twice", over(func(_, a, b float64) float64 { return a + b }))
	e.Wrong("divide it by the union", over(func(_, _, _ float64) float64 { return 1 }))
	e.Wrong("a tiny box", over(func(_, a, b float64) float64 { return min(a, b) }))
	e.Wrong("larger than either", over(func(_, a, b float64) float64 { return max(a, b) }))
	e.Wrong("do not touch", func(a, b metric.Box) float64 {
		both := (min(a.X2, b.X2) - max(a.X1, b.X1)) * (min(a.Y2, b.Y2) - max(a.Y1, b.Y1))
		return both / (a.Area() + b.Area() - both)
	})
	e.Wrong("empty corners", func(a, b metric.Box) float64 {
		around := metric.Box{X1: min(a.X1, b.X1), Y1: min(a.Y1, b.Y1), X2: max(a.X2, b.X2), Y2: max(a.Y2, b.Y2)}
		return iou(a, b) * (a.Area() + b.Area()) / (1 + iou(a, b)) / around.Area()
	})
	e.Wrong("no pixels", func(a, b metric.Box) float64 {
		a.X2, a.Y2, b.X2, b.Y2 = a.X2+1, a.Y2+1, b.X2+1, b.Y2+1
		return iou(a, b)
	})
}

func TestAveragePrecision(t *testing.T) {
	e := checktest.New(t, check.AveragePrecision)
	e.Right(averagePrecision)
	e.Right(func(hits []bool, objects int) float64 { // rectangles between one recall and the next
		precision, recall := make([]float64, len(hits)), make([]float64, len(hits))
		n := 0.0
		for i, hit := range hits {
			if hit {
				n++
			}
			precision[i], recall[i] = n/float64(i+1), n/float64(objects)
		}
		area, last := 0.0, 0.0
		for i := range hits {
			area += (recall[i] - last) * slices.Max(precision[i:])
			last = recall[i]
		}
		return area
	})
	count := func(hits []bool) (n int) {
		for _, hit := range hits {
			if hit {
				n++
			}
		}
		return n
	}
	// summed adds up what f makes of hit number n of so many detections.
	summed := func(f func(best, precision float64) float64) func(hits []bool, objects int) float64 {
		return func(hits []bool, objects int) (sum float64) {
			n, best := 0.0, 0.0
			for i, hit := range hits {
				if hit {
					n++
				}
				best = max(best, n/float64(i+1))
				if hit {
					sum += f(best, n/float64(i+1)) / float64(objects)
				}
			}
			return sum
		}
	}
	dips := summed(func(_, precision float64) float64 { return precision })
	e.Wrong("The dips are not filled", dips)
	e.Wrong("from the beginning", summed(func(best, _ float64) float64 { return best }))
	e.Wrong("not by the hits", func(hits []bool, _ int) float64 { return averagePrecision(hits, max(1, count(hits))) })
	e.Wrong("Fill the dips, and divide", func(hits []bool, _ int) float64 { return dips(hits, max(1, count(hits))) })
	e.Wrong("the precision after the last", func(hits []bool, _ int) float64 { return float64(count(hits)) / float64(len(hits)) })
	e.Wrong("the recall after the last", func(hits []bool, objects int) float64 { return float64(count(hits)) / float64(objects) })
	e.Wrong("You divide by 0", func(hits []bool, objects int) float64 {
		return averagePrecision(hits, objects) / float64(count(hits)) * float64(count(hits))
	})
}

func TestSoften(t *testing.T) {
	e := checktest.New(t, check.Soften)
	e.Right(soften)
	type f = func(boxes []metric.Box, scores []float64, sigma float64) []float64
	e.Wrong("No score is lowered", func(_ []metric.Box, scores []float64, _ float64) []float64 { return scores })
	e.Wrong("2σ", func(boxes []metric.Box, scores []float64, sigma float64) []float64 {
		return soften(boxes, scores, 2*sigma)
	})
	e.Wrong("σ²", func(boxes []metric.Box, scores []float64, sigma float64) []float64 {
		return soften(boxes, scores, sigma*sigma)
	})
	// variant takes boxes by the first scores or by the new ones, and lowers by a factor.
	variant := func(old, all bool, factor func(u, sigma float64) float64) f {
		return func(boxes []metric.Box, scores []float64, sigma float64) []float64 {
			now, taken := slices.Clone(scores), make([]bool, len(boxes))
			for range boxes {
				by, best := now, -1
				if old {
					by = scores
				}
				for i := range boxes {
					if !taken[i] && (best < 0 || by[i] > by[best]) {
						best = i
					}
				}
				taken[best] = true
				for i := range boxes {
					if i != best && (all || !taken[i]) {
						now[i] *= factor(metric.IoU(boxes[best], boxes[i]), sigma)
					}
				}
			}
			return now
		}
	}
	gauss := func(u, sigma float64) float64 { return math.Exp(-u * u / sigma) }
	e.Wrong("You sort once", variant(true, false, gauss))
	e.Wrong("not yet taken", variant(false, true, gauss))
	e.Wrong("squared", variant(false, false, func(u, sigma float64) float64 { return math.Exp(-u / sigma) }))
	e.Wrong("another softening", variant(false, false, func(u, _ float64) float64 { return 1 - u }))
	e.Wrong("in another order", func(boxes []metric.Box, scores []float64, sigma float64) []float64 {
		now := soften(boxes, scores, sigma)
		slices.SortFunc(now, func(a, b float64) int { return cmp.Compare(b, a) })
		return now
	})
	e.Wrong("changes scores", func(boxes []metric.Box, scores []float64, sigma float64) []float64 {
		copy(scores, soften(boxes, scores, sigma))
		return scores
	})
	e.Wrong("the smaller the factor", variant(false, false, func(u, sigma float64) float64 { return 1 - gauss(u, sigma) }))
	e.Wrong("scores grow", variant(false, false, func(u, sigma float64) float64 { return math.Exp(u * u / sigma) }))
	e.Wrong("all or nothing", variant(false, false, func(u, sigma float64) float64 {
		if u > sigma {
			return 0
		}
		return 1
	}))
}

func TestEachClass(t *testing.T) {
	e := checktest.New(t, check.EachClass)
	e.Right(eachClass)
	nms := func(found []metric.Detection, threshold float64) []int {
		var boxes []metric.Box
		var scores []float64
		for _, d := range found {
			boxes, scores = append(boxes, d.Box), append(scores, d.Score)
		}
		return metric.NMS(boxes, scores, threshold)
	}
	e.Wrong("Nothing is dropped", func(found []metric.Detection, _ float64) []metric.Detection { return found })
	e.Wrong("All classes compete", func(found []metric.Detection, threshold float64) (stay []metric.Detection) {
		for _, i := range nms(found, threshold) {
			stay = append(stay, found[i])
		}
		return stay
	})
	e.Wrong("Only one of each class", func(found []metric.Detection, _ float64) (stay []metric.Detection) {
		best := map[int]metric.Detection{}
		for _, d := range found {
			if d.Score > best[d.Class].Score {
				best[d.Class] = d
			}
		}
		for _, d := range best {
			stay = append(stay, d)
		}
		return stay
	})
	e.Wrong("not into found", func(found []metric.Detection, threshold float64) (stay []metric.Detection) {
		groups := map[int][]metric.Detection{}
		for _, d := range found {
			groups[d.Class] = append(groups[d.Class], d)
		}
		for _, group := range groups {
			for _, i := range nms(group, threshold) {
				stay = append(stay, found[i])
			}
		}
		return stay
	})
	e.Wrong("Nothing is left", func([]metric.Detection, float64) []metric.Detection { return nil })
	e.Wrong("Only the first detection", func(found []metric.Detection, _ float64) []metric.Detection { return found[:1] })
}

func TestResponsibleCell(t *testing.T) {
	e := checktest.New(t, check.ResponsibleCell)
	e.Right(responsibleCell)
	// of goes by another point than the middle, or rounds otherwise.
	of := func(f func(low, high, stride float64) float64) func(b metric.Box, stride float64) (int, int) {
		return func(b metric.Box, stride float64) (int, int) {
			return int(f(b.Y1, b.Y2, stride)), int(f(b.X1, b.X2, stride))
		}
	}
	e.Wrong("exchanged the two", func(b metric.Box, stride float64) (int, int) {
		row, col := responsibleCell(b, stride)
		return col, row
	})
	e.Wrong("upper left corner", of(func(low, _, stride float64) float64 { return low / stride }))
	e.Wrong("lower right corner", of(func(_, high, stride float64) float64 { return high / stride }))
	e.Wrong("in pixels", of(func(low, high, _ float64) float64 { return (low + high) / 2 }))
	e.Wrong("half the sum of the two edges", of(func(low, high, stride float64) float64 { return (low + high) / stride }))
	e.Wrong("half the size", of(func(low, high, stride float64) float64 { return (high - low) / 2 / stride }))
	e.Wrong("round", of(func(low, high, stride float64) float64 { return math.Ceil((low + high) / 2 / stride) }))
}

func TestBoxOfCell(t *testing.T) {
	e := checktest.New(t, check.BoxOfCell)
	type numbers = [4]float64
	e.Right(boxOfCell)
	e.Wrong("Row and column are exchanged", func(row, col int, n numbers, stride, usual float64) metric.Box {
		return boxOfCell(col, row, n, stride, usual)
	})
	e.Wrong("add ½", func(row, col int, n numbers, stride, usual float64) metric.Box {
		n[0], n[1] = n[0]-0.5, n[1]-0.5
		return boxOfCell(row, col, n, stride, usual)
	})
	e.Wrong("in cells, not in pixels", func(row, col int, n numbers, stride, usual float64) metric.Box {
		n[0], n[1] = n[0]/stride, n[1]/stride
		return boxOfCell(row, col, n, stride, usual)
	})
	e.Wrong("The first two numbers are missing", func(row, col int, n numbers, stride, usual float64) metric.Box {
		return boxOfCell(row, col, numbers{0, 0, n[2], n[3]}, stride, usual)
	})
	e.Wrong("are logarithms", func(row, col int, n numbers, stride, usual float64) metric.Box {
		b := boxOfCell(row, col, numbers{n[0], n[1]}, stride, 0)
		return metric.Box{X1: b.X1 - usual*n[2]/2, Y1: b.Y1 - usual*n[3]/2, X2: b.X2 + usual*n[2]/2, Y2: b.Y2 + usual*n[3]/2}
	})
	e.Wrong("multiply by usual", func(row, col int, n numbers, stride, _ float64) metric.Box { return boxOfCell(row, col, n, stride, 1) })
	e.Wrong("not in cells", func(row, col int, n numbers, stride, _ float64) metric.Box {
		return boxOfCell(row, col, n, stride, stride)
	})
	e.Wrong("twice too large", func(row, col int, n numbers, stride, usual float64) metric.Box {
		return boxOfCell(row, col, n, stride, 2*usual)
	})
	e.Wrong("where the corner should", func(row, col int, n numbers, stride, usual float64) metric.Box {
		b := boxOfCell(row, col, n, stride, usual)
		w, h := b.X2-b.X1, b.Y2-b.Y1
		return metric.Box{X1: b.X1 + w/2, Y1: b.Y1 + h/2, X2: b.X2 + w/2, Y2: b.Y2 + h/2}
	})
}

func TestBoxLoss(t *testing.T) {
	e := checktest.New(t, check.BoxLoss)
	e.Right(boxLoss)
	flipped := func(digit []bool, flip func(d bool) bool) []bool {
		out := slices.Clone(digit)
		for i, d := range digit {
			out[i] = flip(d)
		}
		return out
	}
	e.Wrong("You ask empty cells, too", func(b, target [][]float64, digit []bool) float64 {
		return boxLoss(b, target, flipped(digit, func(bool) bool { return true }))
	})
	e.Wrong("empty cells alone", func(b, target [][]float64, digit []bool) float64 {
		return boxLoss(b, target, flipped(digit, func(d bool) bool { return !d }))
	})
	e.Wrong("factor ½", func(b, target [][]float64, digit []bool) float64 { return boxLoss(b, target, digit) / 2 })
	e.Wrong("Leave out the root", func(b, target [][]float64, digit []bool) float64 { return math.Sqrt(boxLoss(b, target, digit)) })
	e.Wrong("the mean over all cells", func(b, target [][]float64, digit []bool) float64 {
		return boxLoss(b, target, digit) / float64(len(b))
	})
	e.Wrong("not their absolute values", func(b, target [][]float64, digit []bool) (sum float64) {
		for c := range b {
			for k := range b[c] {
				if digit[c] {
					sum += math.Abs(b[c][k] - target[c][k])
				}
			}
		}
		return sum
	})
}
