package beam

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// An Evaluation says how well a fit predicts. All of it comes from sums, so that any number of rows takes one pass.
type Evaluation struct {
	Rows float64
	Loss float64 // the mean, without a penalty

	// For Gaussian and Poisson.
	MSE, MAE, R2 float64

	// For Logistic and Softmax. Confusion[truth][predicted] counts rows. The bins of Calibration are tenths of the
	// probability of class 1 or, for Softmax, of the most probable class.
	Accuracy    float64
	Confusion   [][]float64
	Calibration []CalibrationBin
	ECE         float64 // expected calibration error, as metric.Calibration.ECE

	// For Logistic. The area under the ROC curve is within AUCError of AUC, for certain: scores are counted in bins, and it is
	// open which of two rows of different classes in the same bin is first.
	AUC, AUCError float64
}

// A CalibrationBin has the rows whose predicted probability is in a range.
type CalibrationBin struct {
	Rows                float64
	Predicted, Observed float64 // mean probability, and share of rows where it came true
}

const (
	calibrationBins = 10
	aucBins         = 1 << 14 // of the probability's logit, where most are near 0 or 1
)

type evaluateSpec struct {
	Family  Family
	Outputs int
	Theta   []float64
}

type evaluatePart struct {
	Rows, Loss                float64
	Squared, Absolute         float64 // of residuals
	Mean, Spread              float64 // of targets, and Σ(y − mean)²
	Confusion                 []float64
	BinRows, BinProb, BinTrue []float64
	Bins                      [2][]float64 // rows of each class by score, for the AUC
}

// aucBin returns the bin of a logit. Bins are of equal width in the probability's square root from both ends, so that they are
// fine where a classifier is sure.
func aucBin(logit float64) int {
	p := model.Sigmoid(logit)
	u := math.Sqrt(p / 2)
	if logit > 0 {
		u = 1 - math.Sqrt(model.Sigmoid(-logit)/2)
	}
	return min(int(u*aucBins), aucBins-1)
}

var evaluatePass = define("evaluate", func(ctx context.Context, s *evaluateSpec, d Data, file string) (*evaluatePart, error) {
	x, y, err := d.xy(ctx, file, true)
	if err != nil {
		return nil, err
	}
	scores, err := s.scores(x)
	if err != nil {
		return nil, err
	}
	l, err := s.Family.loss()
	if err != nil {
		return nil, invalid(err)
	}
	if err := l.(loss.TargetChecker).CheckTarget(y, s.Outputs); err != nil {
		return nil, invalid(err)
	}
	rows, k := scores.Dims()
	p := &evaluatePart{Rows: float64(rows)}
	var total, squared, absolute, spread accurate.Sum
	var mean accurate.Sum
	for i := range rows {
		mean.Add(y.At(i, 0))
	}
	p.Mean = mean.Value() / p.Rows
	classes := 0
	switch s.Family {
	case Logistic:
		classes = 2
		p.Bins = [2][]float64{make([]float64, aucBins), make([]float64, aucBins)}
	case Softmax:
		classes = k
	}
	p.Confusion = make([]float64, classes*classes)
	if classes > 0 {
		p.BinRows, p.BinProb, p.BinTrue = make([]float64, calibrationBins), make([]float64, calibrationBins), make([]float64, calibrationBins)
	}
	dRow, hRow, prob := make([]float64, k), make([]float64, k*k), make([]float64, k)
	for i := range rows {
		f, t := scores.RawRowView(i), y.At(i, 0)
		total.Add(s.Family.point(dRow, hRow, f, t))
		spread.AddProduct(t-p.Mean, t-p.Mean)
		switch s.Family {
		case Gaussian, Poisson:
			r := f[0] - t
			if s.Family == Poisson {
				r = accurate.Exp(f[0]) - t
			}
			squared.AddProduct(r, r)
			absolute.Add(math.Abs(r))
		case Logistic:
			q, truth, pred := model.Sigmoid(f[0]), int(t), 0
			if f[0] > 0 {
				pred = 1
			}
			p.Confusion[truth*2+pred]++
			p.calibrate(q, t)
			p.Bins[truth][aucBin(f[0])]++
		case Softmax:
			model.Softmax(prob, f)
			best := 0
			for c, v := range prob {
				if v > prob[best] {
					best = c
				}
			}
			p.Confusion[int(t)*k+best]++
			hit := 0.0
			if best == int(t) {
				hit = 1
			}
			p.calibrate(prob[best], hit)
		}
	}
	p.Loss, p.Squared, p.Absolute, p.Spread = total.Value(), squared.Value(), absolute.Value(), spread.Value()
	return p, nil
}, func(a, b *evaluatePart) error {
	rows := a.Rows + b.Rows
	gap := b.Mean - a.Mean
	a.Spread += b.Spread + gap*gap*(a.Rows*b.Rows/rows)
	a.Mean += gap * (b.Rows / rows)
	a.Rows = rows
	a.Loss += b.Loss
	a.Squared += b.Squared
	a.Absolute += b.Absolute
	for _, v := range [][2][]float64{{a.Confusion, b.Confusion}, {a.BinRows, b.BinRows}, {a.BinProb, b.BinProb}, {a.BinTrue, b.BinTrue}, {a.Bins[0], b.Bins[0]}, {a.Bins[1], b.Bins[1]}} {
		for i, w := range v[1] {
			v[0][i] += w
		}
	}
	return nil
})

// calibrate counts a row. A probability on the edge of two bins belongs to the lower, as in lib/metric.
func (p *evaluatePart) calibrate(q, came float64) {
	b := min(max(int(math.Ceil(q*calibrationBins))-1, 0), calibrationBins-1)
	p.BinRows[b]++
	p.BinProb[b] += q
	p.BinTrue[b] += came
}

// scores returns the scores of rows.
func (s *evaluateSpec) scores(x *mat.Dense) (*mat.Dense, error) {
	rows, n := x.Dims()
	m := s.Family.newModel(n, s.Outputs)
	if len(m.Params()) != len(s.Theta) {
		return nil, invalid(fmt.Errorf("there are %d features, and the model has %d: use the columns and the preparation of the fit", n, len(s.Theta)/max(s.Outputs, 1)-1))
	}
	copy(m.Params(), s.Theta)
	f := mat.NewDense(rows, s.Outputs, nil)
	m.Predict(f, x)
	return f, nil
}

func (f *Fit) spec() evaluateSpec {
	_, k := f.Model.Dims()
	return evaluateSpec{f.Family, k, f.Model.Params()}
}

// Evaluate compares the predictions of a fit with the targets of d, in one pass.
//
// The bins of the AUC are of equal width in √p from both ends of the probability, so that its error is small where nearly all
// probabilities are close to 0 or 1 also.
func (e *Engine) Evaluate(ctx context.Context, f *Fit, d Data) (*Evaluation, error) {
	p, err := evaluatePass.run(ctx, e, "evaluate", d, f.spec())
	if e.done(err) != nil {
		return nil, err
	}
	v := &Evaluation{Rows: p.Rows, Loss: p.Loss / p.Rows}
	if len(p.Confusion) == 0 {
		v.MSE, v.MAE, v.R2 = p.Squared/p.Rows, p.Absolute/p.Rows, math.NaN()
		if p.Spread > 0 {
			v.R2 = 1 - p.Squared/p.Spread
		}
		return v, nil
	}
	classes := int(math.Sqrt(float64(len(p.Confusion))))
	for c := range classes {
		v.Confusion = append(v.Confusion, p.Confusion[c*classes:][:classes])
		v.Accuracy += p.Confusion[c*classes+c] / p.Rows
	}
	for b, n := range p.BinRows {
		bin := CalibrationBin{Rows: n}
		if n > 0 {
			bin.Predicted, bin.Observed = p.BinProb[b]/n, p.BinTrue[b]/n
			v.ECE += n / p.Rows * math.Abs(bin.Observed-bin.Predicted)
		}
		v.Calibration = append(v.Calibration, bin)
	}
	if f.Family == Logistic {
		v.AUC, v.AUCError = auc(p.Bins)
	}
	return v, nil
}

// auc returns the area under the ROC curve of counts in bins, and how far it can be from that of the scores themselves. A pair in
// one bin counts ½, and may count 0 or 1. Both are NaN if there is one class only.
func auc(bins [2][]float64) (area, bound float64) {
	var below, pairs, open, positives float64
	for b, n := range bins[1] {
		pairs += n * below
		open += n * bins[0][b]
		below += bins[0][b]
		positives += n
	}
	all := below * positives
	if all == 0 {
		return math.NaN(), math.NaN()
	}
	return (pairs + open/2) / all, open / 2 / all
}

// A Prediction is a file that Predict wrote.
type Prediction struct {
	File   string
	Rows   int
	SHA256 string
}

type predictSpec struct {
	Model evaluateSpec
	Dir   string
}

type predictPart struct{ Files []Prediction }

var predictPass = define("predict", func(ctx context.Context, s *predictSpec, d Data, file string) (*predictPart, error) {
	x, _, err := d.xy(ctx, file, false)
	if err != nil {
		return nil, err
	}
	f, err := s.Model.scores(x)
	if err != nil {
		return nil, err
	}
	rows, _ := f.Dims()
	for i := range rows {
		row := f.RawRowView(i)
		switch s.Model.Family {
		case Logistic:
			row[0] = model.Sigmoid(row[0])
		case Softmax:
			model.Softmax(row, row)
		case Poisson:
			row[0] = accurate.Exp(row[0])
		}
	}
	var b bytes.Buffer
	if err := format.WriteNPY(&b, format.FromMatrix(f)); err != nil {
		return nil, err
	}
	name := join(s.Dir, predictionName(file))
	if err := writeFile(ctx, name, b.Bytes()); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b.Bytes())
	return &predictPart{[]Prediction{{name, rows, hex.EncodeToString(sum[:])}}}, nil
}, func(a, b *predictPart) error {
	a.Files = append(a.Files, b.Files...)
	return nil
})

func predictionName(file string) string {
	base := path.Base(strings.ReplaceAll(file, "\\", "/"))
	return strings.TrimSuffix(base, path.Ext(base)) + ".npy"
}

// Predict writes the predictions for each shard to a .npy file of the same name in dir, and returns the files in the order of the
// shards: values for Gaussian, means for Poisson, the probability of 1 for Logistic, and those of all classes for Softmax. A worker
// that is repeated writes the same file. Where the files have no target, name the Features: otherwise the
// target's column is left out.
func (e *Engine) Predict(ctx context.Context, f *Fit, d Data, dir string) ([]Prediction, error) {
	seen := map[string]string{}
	for _, file := range d.Files {
		n := predictionName(file)
		if join(dir, n) == file {
			return nil, fmt.Errorf("beam: the predictions for %s would replace it: choose another folder", file)
		}
		if other, ok := seen[n]; ok {
			return nil, fmt.Errorf("beam: the predictions for %s and %s would have one name, %s: predict them into different folders", other, file, n)
		}
		seen[n] = file
	}
	if dir == "" {
		return nil, errors.New("beam: no folder for the predictions")
	}
	p, err := predictPass.run(ctx, e, "predict", d, predictSpec{f.spec(), dir})
	if e.done(err) != nil {
		return nil, err
	}
	return p.Files, nil
}
