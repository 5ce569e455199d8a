package metric

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
)

// An Object is a true object: a box of a class in an image.
type Object struct {
	Image, Class int
	Box          Box
}

// A Detection is an object reported by a detector, with a score for its confidence.
// Only the order of the scores matters.
type Detection struct {
	Image, Class int
	Box          Box
	Score        float64
}

// A Protocol says how detections are matched with objects, and how precision and recall become an average precision.
type Protocol int

const (
	// VOC is that of the PASCAL VOC challenge since 2010. A detection is matched with
	// the object it overlaps most, and is false if an earlier one has matched that
	// object. The average precision is the whole area under the precision-recall
	// curve, made monotone (all-point interpolation).
	//
	// Source: Everingham and Winn, The PASCAL VOC 2012 development kit, section 3.4.1.
	VOC Protocol = iota
	// COCO is that of the COCO challenge. A detection is matched with the object it
	// overlaps most among those not yet matched. The average precision is the mean of
	// the monotone precision at the recalls 0, 0.01, … 1. (Crowds, sizes and the
	// limit of 100 detections for an image are not modelled. COCO's headline number
	// is the mean over the thresholds 0.5, 0.55, … 0.95.)
	//
	// Source: Lin et al., Microsoft COCO (ECCV 2014), and the evaluation code of its authors, pycocotools.
	COCO
)

// MeanAP is the mean average precision of a detector, 0 to 1: the mean of [ClassAP]
// over the classes that occur in objects. It returns the errors of ClassAP.
func MeanAP(objects []Object, found []Detection, iouThreshold float64, p Protocol) (float64, error) {
	byClass, err := ClassAP(objects, found, iouThreshold, p)
	if err != nil {
		return math.NaN(), err
	}
	sum := 0.0
	for _, class := range slices.Sorted(maps.Keys(byClass)) { // in order, so that rounding is always the same
		sum += byClass[class]
	}
	return sum / float64(len(byClass)), nil
}

// ClassAP is the average precision of each class that occurs in objects, 0 to 1.
// Detections are taken by falling score, equal scores in their order. A detection is
// true if its IoU with an object of the same image and class is at least iouThreshold
// and no earlier detection has matched that object. Detections of classes without
// objects are ignored, as in both challenges.
//
// It is an error if there are no objects, if a score is NaN, or if iouThreshold is not above 0 and at most 1. It
// panics on an unknown protocol.
func ClassAP(objects []Object, found []Detection, iouThreshold float64, p Protocol) (map[int]float64, error) {
	if p != VOC && p != COCO {
		panic(fmt.Sprintf("metric: ClassAP: unknown protocol %d, want VOC or COCO", int(p)))
	}
	if !(iouThreshold > 0 && iouThreshold <= 1) {
		return nil, fmt.Errorf("metric: ClassAP: the IoU threshold is %v, want above 0 and at most 1 (often 0.5)", iouThreshold)
	}
	if len(objects) == 0 {
		return nil, fmt.Errorf("metric: ClassAP: there are no objects to find, so recall is undefined")
	}
	objectsOf := make(map[int][]Object)
	for _, o := range objects {
		objectsOf[o.Class] = append(objectsOf[o.Class], o)
	}
	foundOf := make(map[int][]Detection)
	for i, d := range found {
		if math.IsNaN(d.Score) {
			return nil, fmt.Errorf("metric: ClassAP: detection %d has score NaN", i)
		}
		foundOf[d.Class] = append(foundOf[d.Class], d)
	}
	ap := make(map[int]float64, len(objectsOf))
	for class, objects := range objectsOf {
		recall, precision := envelope(match(objects, foundOf[class], iouThreshold, p), len(objects))
		if p == COCO {
			ap[class] = areaAt101(recall, precision)
		} else {
			ap[class] = areaOfSteps(recall, precision)
		}
	}
	return ap, nil
}

// match says of each detection, by falling score, whether it finds an object. All are of one class.
func match(objects []Object, found []Detection, iouThreshold float64, p Protocol) []bool {
	inImage := make(map[int][]int)
	for k, o := range objects {
		inImage[o.Image] = append(inImage[o.Image], k)
	}
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b Detection) int { return cmp.Compare(b.Score, a.Score) })
	taken := make([]bool, len(objects))
	hits := make([]bool, len(found))
	for i, d := range found {
		best, overlap := -1, 0.0
		for _, k := range inImage[d.Image] {
			if p == COCO && taken[k] {
				continue
			}
			// Of equal overlaps VOC's code takes the first object, COCO's the last.
			if o := IoU(d.Box, objects[k].Box); o > overlap || p == COCO && o == overlap {
				best, overlap = k, o
			}
		}
		if best >= 0 && overlap >= iouThreshold && !taken[best] {
			hits[i], taken[best] = true, true
		}
	}
	return hits
}

// envelope is the recall after each detection, and the best precision at that recall or a higher one.
func envelope(hits []bool, objects int) (recall, precision []float64) {
	recall, precision = make([]float64, len(hits)), make([]float64, len(hits))
	found := 0
	for i, hit := range hits {
		if hit {
			found++
		}
		recall[i] = float64(found) / float64(objects)
		precision[i] = float64(found) / float64(i+1)
	}
	for i := len(hits) - 2; i >= 0; i-- {
		precision[i] = max(precision[i], precision[i+1])
	}
	return recall, precision
}

// areaOfSteps is Σ (Rₙ − Rₙ₋₁) Pₙ.
func areaOfSteps(recall, precision []float64) float64 {
	area, last := 0.0, 0.0
	for i, r := range recall {
		area += (r - last) * precision[i]
		last = r
	}
	return area
}

// areaAt101 is the mean of the precision at 101 recalls, 0 where a recall is not reached.
func areaAt101(recall, precision []float64) float64 {
	sum := 0.0
	for k := range 101 {
		// The product, not k/100: they differ in the last bit, which decides where a recall is met exactly.
		if i := sort.SearchFloat64s(recall, float64(k)*0.01); i < len(recall) {
			sum += precision[i]
		}
	}
	return sum / 101
}
