package train_test

import (
	"context"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// Fit refuses a literal without settings before it starts, and names the
// constructor.
func TestFitNamesTheConstructor(t *testing.T) {
	x, y := line(20, 0.1, 1)
	for want, change := range map[string]func(o *train.Options){
		"optim.NewAdam ":     func(o *train.Options) { o.Optimizer = &optim.Adam{} },
		"optim.NewAdamW ":    func(o *train.Options) { o.Optimizer = optim.ClipNorm{Max: 1, Optimizer: &optim.AdamW{}} },
		"optim.NewRMSprop ":  func(o *train.Options) { o.Optimizer = &optim.RMSprop{} },
		"optim.NewOneCycle ": func(o *train.Options) { o.Schedule = optim.OneCycle{Max: 0.1, Steps: 60} },
		"optim.NewMuon ":     func(o *train.Options) { o.Optimizer = &optim.Muon{Matrices: []optim.Matrix{{Rows: 3, Cols: 1}}} },
		"optim.NewASGD ":     func(o *train.Options) { o.Optimizer = &optim.ASGD{Start: -1} },
		"optim.NewScheduleFree ": func(o *train.Options) {
			o.Optimizer = &optim.ScheduleFree{Beta: 1, Optimizer: &optim.SGD{}}
		},
		"NewHuber": func(o *train.Options) { o.Loss = loss.Huber{} },
	} {
		o := basic()
		change(&o)
		h, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, o)
		if h != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one before training with %q", err, want)
		}
	}
}
