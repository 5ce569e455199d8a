package train

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

func TestProgressBar(t *testing.T) {
	var b bytes.Buffer
	x, y := mat.NewDense(4, 1, []float64{0, 1, 2, 3}), mat.NewDense(4, 1, []float64{1, 3, 5, 7})
	bar := progressBar(&b)
	for range 2 { // the same callback serves a second run
		b.Reset()
		_, err := Fit(context.Background(), model.NewLinear(1, 1), x, y, Options{
			Loss: loss.MSE{}, Schedule: optim.Constant(0.1), Epochs: 4, OnStep: []Callback{bar},
		})
		if err != nil {
			t.Fatal(err)
		}
		frames := strings.Split(b.String(), "\r")
		if !strings.HasPrefix(frames[1], "epoch 1/4 ██████░░░░░░░░░░░░░░░░░░  25 %  loss 21  0s left") {
			t.Errorf("first frame %q", frames[1])
		}
		if last := frames[len(frames)-1]; !strings.HasPrefix(last, "completed after epoch 4") || !strings.HasSuffix(last, "\n") {
			t.Errorf("last frame %q", last)
		}
		if len(frames) > 3 {
			t.Errorf("%d frames within milliseconds", len(frames))
		}
	}
}
