package loss

import (
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/blas"
)

// Losses over few classes are computed for a block of rows at a time, the classes one after the
// other, so that a vector holds one class of several rows. A vector across the classes would be
// used in part.

// fewClasses reports whether the scores are for blocks.
func fewClasses(pred blas64.General) bool {
	return pred.Cols > 1 && pred.Cols <= mostClasses && pred.Rows >= blas.Octet && blas.Blocks()
}

const (
	mostClasses   = 64
	blockElements = 640 // of a block: three stay in the first cache
	blockRows     = 128
)

// blockRoom is for a block.
type blockRoom struct {
	rows                     int
	f, a, d                  blas.Block // scores, what the loss needs of the target, and ∂ℓ/∂f
	l, scale, top, logZ, own [blockRows]float64
	weight                   []float64       // of the rows, or nil
	skips                    bool            // some rows may be skipped:
	skip                     [blockRows]bool // those of weight 0, or without a label
}

// begin returns the number of rows of a block of n classes, and makes room.
func (s *blockRoom) begin(n int) (rows int) {
	rows = min(max(blas.Octet, blockElements/n&^(blas.Octet-1)), blockRows)
	for _, b := range []*blas.Block{&s.f, &s.a, &s.d} {
		if need := blas.BlockLen(rows, n); len(*b) < need {
			*b = make(blas.Block, need)
		}
	}
	return rows
}

// inBlocks calls of for blocks of the first rows, and returns how many there are: the others are
// less than an octet. Of computes the loss of each row and writes the gradient.
func (s *blockRoom) inBlocks(sum *accurate.Sum, dPred, pred, target blas64.General, weight []float64, total float64, of func(s *blockRoom, d, f, target blas64.General)) (done int) {
	rows := pred.Rows &^ (blas.Octet - 1)
	most := min(s.begin(pred.Cols), rows)
	s.weight, s.skips = nil, weight != nil
	for i := range most {
		s.scale[i] = 1 / total
	}
	for done < rows {
		end := min(done+most, rows)
		s.rows = end - done
		if weight != nil {
			s.weight = weight[done:end]
			for i, w := range s.weight {
				s.scale[i], s.skip[i] = w/total, w == 0
			}
		}
		d, f := rowsOf(dPred, done, end), rowsOf(pred, done, end)
		s.f.ToClasses(f.Data, f.Stride, f.Rows, f.Cols)
		of(s, d, f, rowsOf(target, done, end))
		s.weigh(d)
		sum.AddEach(s.l[:s.rows])
		done = end
	}
	s.weight = nil
	return done
}

// weigh multiplies the losses by the weights, and writes what rows to skip have in d.
func (s *blockRoom) weigh(d blas64.General) {
	for i := 0; i < s.rows && s.skips; i++ {
		w := 1.0
		if s.weight != nil {
			w = s.weight[i]
		}
		if s.skip[i] {
			s.l[i] = 0
			s.clear(row(d, i), i)
		}
		if w != 0 {
			s.l[i] *= w
		}
	}
}

// clear sets d to the gradient of a row whose own gradient is 0.
func (s *blockRoom) clear(d []float64, i int) {
	clear(d)
	if s.weight != nil && s.weight[i] != 0 {
		for j := range d {
			d[j] *= s.scale[i]
		}
	}
}

// skipUnlabelled adds the rows of a target without a label to those to skip.
func (s *blockRoom) skipUnlabelled(target blas64.General) {
	s.skips = true
	if s.weight == nil {
		clear(s.skip[:s.rows])
	}
	for i := range s.rows {
		if target.Data[i*target.Stride] == unlabelled {
			s.skip[i] = true
		}
	}
}

// labels reads the numbers of classes.
func (s *blockRoom) labels(target blas64.General, classes int) []float64 {
	own := s.own[:s.rows]
	for i := range own {
		y := target.Data[i*target.Stride]
		if s.skips && s.skip[i] {
			y = 0
		}
		if c := int(y); float64(c) != y || uint(c) >= uint(classes) {
			class(y, classes) // which panics
		}
		own[i] = y
	}
	return own
}

func (s *blockRoom) softmax() blas.SoftmaxRows {
	return blas.SoftmaxRows{Loss: s.l[:s.rows], Scale: s.scale[:s.rows], Top: s.top[:s.rows], LogZ: s.logZ[:s.rows]}
}

// addBlocks adds a softmaxLoss of the first rows to the sum, and returns how many there are. The
// bits are those of addRows.
func addBlocks[L softmaxLoss](sum *accurate.Sum, s *blockRoom, dPred, pred, target blas64.General, weight []float64, total float64, of L) (done int) {
	return s.inBlocks(sum, dPred, pred, target, weight, total, func(s *blockRoom, d, f, target blas64.General) {
		of.block(s, target, f.Cols)
		if d.Data != nil {
			s.d.FromClasses(d.Data, d.Stride, f.Rows, f.Cols)
		}
	})
}

func (c CrossEntropy) block(s *blockRoom, target blas64.General, classes int) {
	plain := c.LabelSmoothing == 0 && len(c.ClassWeight) == 0
	if target.Cols > 1 {
		s.a.ToClasses(target.Data, target.Stride, s.rows, classes)
		for j := 0; j < classes && !plain; j++ {
			class := s.a[j*s.rows:][:s.rows]
			for i, t := range class {
				class[i] = c.shareOf(j, t, classes)
			}
		}
		s.d.SoftmaxLoss(s.f, s.a, classes, s.softmax())
		return
	}
	if c.AllowUnlabelled {
		s.skipUnlabelled(target)
	}
	own := s.labels(target, classes)
	if plain {
		s.d.SoftmaxClass(s.f, own, classes, s.softmax())
		return
	}
	for j := range classes {
		others, class := c.shareOf(j, 0, classes), s.a[j*s.rows:][:s.rows]
		for i := range class {
			class[i] = others
		}
	}
	for i, y := range own {
		s.a[int(y)*s.rows+i] = c.shareOf(int(y), 1, classes)
	}
	s.d.SoftmaxLoss(s.f, s.a, classes, s.softmax())
}

func (KLDivergence) block(s *blockRoom, target blas64.General, classes int) {
	s.a.ToClasses(target.Data, target.Stride, s.rows, classes)
	s.d.SoftmaxDivergence(s.f, s.a, classes, s.softmax())
}

// addHinges is addBlocks for MulticlassHinge.
func addHinges(sum *accurate.Sum, dPred, pred, target blas64.General, weight []float64, total float64) (done int) {
	s := softmaxPool.Get().(*softmaxRoom)
	defer softmaxPool.Put(s)
	return s.block.inBlocks(sum, dPred, pred, target, weight, total, hingeBlock)
}

func hingeBlock(s *blockRoom, d, f, target blas64.General) {
	own, top, rival := s.labels(target, f.Cols), s.top[:s.rows], s.logZ[:s.rows]
	s.f.Rivals(top, rival, own, f.Cols)
	for i, y := range own {
		l := 1 + top[i] - f.Data[i*f.Stride+int(y)]
		if l <= 0 {
			l = 0
		}
		s.l[i] = l
		if d.Data == nil {
			continue
		}
		d := row(d, i)
		s.clear(d, i)
		if l != 0 {
			d[int(y)], d[int(rival[i])] = -s.scale[i], s.scale[i]
		}
	}
}
