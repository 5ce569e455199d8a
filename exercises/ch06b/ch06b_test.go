package ch06b

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/check"
	"github.com/descent-go/descent/check/checktest"
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
}
