//go:build unix

package plots_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/display"
	"github.com/descent-go/descent/internal/display/fake"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/plots"
)

func TestMain(m *testing.M) { fake.Main(m) }

// inNotebook returns what f displays.
func inNotebook(t *testing.T, f func()) []fake.Message {
	t.Helper()
	k, err := fake.Start()
	if err != nil {
		t.Fatal(err)
	}
	messages, err := k.Run(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

const sentence = `One "weight" is larger than all others.`

func TestShowInANotebook(t *testing.T) {
	messages := inNotebook(t, func() { plots.Show(weights(), sentence) })
	if len(messages) != 1 {
		t.Fatalf("%d messages, want 1", len(messages))
	}
	want, _ := weights().PNG()
	checkPicture(t, messages[0], want)
}

func checkPicture(t *testing.T, m fake.Message, want []byte) {
	t.Helper()
	const end = 12 // the bytes after which nothing may come, before which the SVG is
	got, _ := m.Data[display.PNG].([]byte)
	start, stop := want[:len(want)-end], want[len(want)-end:]
	if !bytes.HasPrefix(got, start) || !bytes.HasSuffix(got, stop) || !bytes.HasPrefix(got[len(start)+4:], []byte("iTXtSVG\x00")) {
		t.Error("image/png is not the chart, with its SVG")
	}
	checkWords(t, m)
}

// checkStill checks the picture that stands for charts that move: one pixel for each CSS pixel.
func checkStill(t *testing.T, m fake.Message) {
	t.Helper()
	data, _ := m.Data[display.PNG].([]byte)
	if size, err := png.DecodeConfig(bytes.NewReader(data)); err != nil || size.Width != 640 {
		t.Errorf("image/png has width %d, error %v", size.Width, err)
	}
	checkWords(t, m)
}

func checkWords(t *testing.T, m fake.Message) {
	t.Helper()
	if got := m.Data[display.Text]; got != sentence {
		t.Errorf("text/plain is %q", got)
	}
	meta, _ := m.Metadata["image/png"].(map[string]any)
	if meta["alt"] != sentence {
		t.Errorf("alt is %q", meta["alt"])
	}
	if w, ok := meta["width"].(int); !ok || w != 640 {
		t.Errorf("width is %v, want 640", meta["width"])
	}
}

func TestPlayerInANotebook(t *testing.T) {
	var frames []*plots.Chart
	for i := range 3 {
		frames = append(frames, plots.Lines("frame", "x", "y", plots.Series{Y: []float64{1, float64(i)}}))
	}
	messages := inNotebook(t, func() { plots.Player("rate <η>", []string{"0.1", "<1>", "10"}, frames, sentence) })
	if len(messages) != 1 {
		t.Fatalf("%d messages, want 1", len(messages))
	}
	checkStill(t, messages[0])
	page := messages[0].Data[display.HTML].(string)
	if n := strings.Count(page, "data:image/png;base64,"); n != 4 {
		t.Errorf("%d pictures in the page, want the layers and the picture below them", n)
	}
	for _, want := range []string{"rate &lt;η&gt;", "<output>&lt;1&gt;</output>", `max="2" value="1"`, `alt="One &#34;weight&#34;`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, "%!") {
		t.Error("the page has a formatting error")
	}
}

func TestAnimateInANotebook(t *testing.T) {
	frames := plots.ContourFrames(3, "w", "a", "b", plots.Surface{F: valley}, plots.PathOf("p", descent(0.1), 1, 2))
	messages := inNotebook(t, func() { plots.Animate(100*time.Millisecond, frames, sentence) })
	if len(messages) != 1 {
		t.Fatalf("%d messages, want 1", len(messages))
	}
	checkStill(t, messages[0])
	if page := messages[0].Data[display.HTML].(string); !strings.Contains(page, "data:image/gif;base64,R0lG") {
		t.Error("the page has no GIF")
	}
}

// fit trains for so many epochs of 20 steps.
func fit(t *testing.T, epochs int, rate float64, opt train.Options) *train.History {
	t.Helper()
	x, y := mat.NewDense(40, 1, nil), mat.NewDense(40, 1, nil)
	for i := range 40 {
		x.Set(i, 0, float64(i)/20-1)
		y.Set(i, 0, 3*x.At(i, 0)+1)
	}
	opt.Loss, opt.Schedule, opt.Epochs, opt.BatchSize = loss.MSE{}, optim.Constant(rate), epochs, 2
	h, err := train.Fit(context.Background(), model.NewLinear(1, 1), x, y, opt)
	if h == nil {
		t.Fatal(err)
	}
	return h
}

func TestProgressInANotebook(t *testing.T) {
	for name, rate := range map[string]float64{"completed": 0.01, "diverged": 1e6} {
		var h *train.History
		start := time.Now()
		messages := inNotebook(t, func() {
			opt := train.Options{OnStep: []train.Callback{plots.ShowProgress()}}
			h = fit(t, 300, rate, opt)
		})
		checkInPlace(t, messages, time.Since(start))
		first, last := messages[0].Data[display.Text].(string), messages[len(messages)-1].Data[display.Text]
		if !strings.Contains(first, "epoch 1/300") || !strings.Contains(first, "loss") {
			t.Errorf("%s: the line begins as %q", name, first)
		}
		if last != h.String() || string(h.Status) != name {
			t.Errorf("%s: what stays is %q, want %q", name, last, h)
		}
	}
}

// checkInPlace checks that there is one element, and no more than five frames a second besides the first and the
// last.
func checkInPlace(t *testing.T, messages []fake.Message, took time.Duration) {
	t.Helper()
	if len(messages) < 2 {
		t.Fatalf("%d messages, want the first, the last and more", len(messages))
	}
	for _, m := range messages {
		if m.DisplayID == "" || m.DisplayID != messages[0].DisplayID {
			t.Fatalf("the elements are %q and %q, want one", messages[0].DisplayID, m.DisplayID)
		}
	}
	if limit := 2 + took.Seconds()*5; float64(len(messages)) > limit {
		t.Errorf("%d frames in %v, want at most %.0f", len(messages), took, limit)
	}
}

func TestLiveInANotebook(t *testing.T) {
	callback := plots.Live("Loss", plots.LossOptions{Log: true}, sentence)
	ids := map[string]bool{}
	for range 2 { // a cell run twice
		var h *train.History
		start := time.Now()
		messages := inNotebook(t, func() {
			h = fit(t, 100, 0.01, train.Options{OnEpoch: []train.Callback{callback}})
		})
		checkInPlace(t, messages, time.Since(start))
		ids[messages[0].DisplayID] = true
		want, _ := plots.Loss("Loss", plots.LossOptions{Log: true}, plots.Run{History: h}).PNG()
		checkPicture(t, messages[len(messages)-1], want)
	}
	if len(ids) != 2 {
		t.Error("the second run draws over the first")
	}
}

func TestOutsideANotebook(t *testing.T) {
	t.Setenv(plots.Folder, t.TempDir())
	if got := fmt.Sprint(fit(t, 3, 0.01, train.Options{
		OnStep:  []train.Callback{plots.ShowProgress()},
		OnEpoch: []train.Callback{plots.Live("Live loss", plots.LossOptions{}, sentence)},
	}).Status); got != "completed" {
		t.Errorf("training is %s", got)
	}
	frames := []*plots.Chart{weights(), weights()}
	plots.Player("p", []string{"a", "b"}, frames, sentence)
	plots.Animate(time.Second, []*plots.Chart{lasso(), lasso()}, sentence)
	for file, start := range map[string]string{
		"live-loss.png": "\x89PNG", "weights.html": "<!DOCTYPE html>", "lasso.gif": "GIF89a",
	} {
		data, err := os.ReadFile(filepath.Join(os.Getenv(plots.Folder), file))
		if err != nil || !strings.HasPrefix(string(data), start) {
			t.Errorf("%s: %v, %.20q", file, err, data)
		}
	}
}
