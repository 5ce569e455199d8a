package train_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// TestNewMuon: the weights between layers go to Muon with their shapes, and every
// parameter is in one group.
func TestNewMuon(t *testing.T) {
	n, err := model.NewNetwork(model.Image(4, 4, 2), 1,
		model.Conv2D{Filters: 3, Kernel: 2}, model.NewBatchNorm(), model.ReLU{}, model.Flatten{},
		model.Dense{Units: 5}, model.Tanh{}, model.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := train.NewMuon(n)
	if err != nil {
		t.Fatal(err)
	}
	muon, _ := optim.As[*optim.Muon](groups.Groups[0].Optimizer)
	want := []optim.Matrix{{Rows: 3, Cols: 8, OutputRows: true}, {Rows: 27, Cols: 5}}
	if !slices.Equal(muon.Matrices, want) || muon.Scale != optim.ScaleLikeAdamW {
		t.Errorf("Muon has the matrices %v, want %v", muon.Matrices, want)
	}
	group := map[string]int{"0.conv2d.weights": 0, "4.dense.weights": 0, "6.dense.weights": 1}
	for _, p := range n.Layout() {
		want, found := group[p.Name]
		if !found {
			want = 2
		}
		if r := optim.Span(p.Offset, p.Size()); !slices.Contains(groups.Groups[want].Ranges, r) {
			t.Errorf("%s, %v, is not in group %d", p.Name, r, want)
		}
	}

	x, y := mat.NewDense(6, 32, nil), mat.NewDense(6, 1, []float64{0, 1, 0, 1, 0, 1})
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = float64(i*i%17) - 8
	}
	h, err := train.Fit(context.Background(), n, x, y, train.Options{
		Loss: loss.CrossEntropy{}, Optimizer: groups, Schedule: optim.Constant(0.02), Epochs: 60})
	if err != nil {
		t.Fatal(err)
	}
	if l := h.Losses(); !(l[len(l)-1] < 0.1*l[0]) {
		t.Errorf("the loss falls from %g to %g", l[0], l[len(l)-1])
	}
}

func TestNewMuonRefusesWhatHasNoHiddenWeights(t *testing.T) {
	words, err := model.NewNetwork(model.Features(3), 1, model.MeanEmbedding{Vocabulary: 9, Size: 4}, model.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []model.Model{model.NewLinear(3, 2), model.NewMatrixFactorization(3, 4, 2, 1), words} {
		if g, err := train.NewMuon(m); g != nil || err == nil || !strings.Contains(err.Error(), "NewAdamW") {
			t.Errorf("%T: %v, error %v", m, g, err)
		}
	}
}

// TestScheduleFree: training goes on at y, and validates and leaves x.
func TestScheduleFree(t *testing.T) {
	x, y := line(60, 0.5, 1)
	free := optim.NewScheduleFree(&optim.SGD{})
	m, opt := model.NewLinear(2, 1), basic()
	opt.Optimizer, opt.Validation, opt.BatchSize = free, &train.Data{X: x, Y: y}, 7
	h, err := train.Fit(context.Background(), m, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	var pred mat.Dense
	m.Predict(&pred, x)
	if got, want := h.Last().ValLoss, (loss.MSE{}).Loss(nil, &pred, y, nil); got != want {
		t.Errorf("validated with loss %g, the model has %g", got, want)
	}
	if at := free.Average(); slices.Equal(at, m.Params()) { // exchanged: it holds y now
		t.Error("the model was left at y")
	}
}
