package train

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

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
		if !strings.HasPrefix(frames[1], "epoch 1/4 ██████░░░░░░░░░░░░░░░░░░  25 %  loss 21\x1b[K") {
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

// A state that nobody has filled in, or that has no epochs, is 0 % done.
func TestProgressLineOfNothing(t *testing.T) {
	for _, s := range []*State{{}, {Epochs: 3}, {Epochs: 3, Batches: 2}, {Batches: 2}} {
		want := fmt.Sprintf("epoch 0/%d %s   0 %%  loss 0", s.Epochs, strings.Repeat("░", 24))
		if got := ProgressLine(s, -1); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if got := ProgressLine(s, time.Minute); got != want+"  1m0s left" {
			t.Errorf("%q, want %q", got, want+"  1m0s left")
		}
	}
}
