package plots_test

import (
	"bytes"
	"errors"
	"fmt"
	"image/gif"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/plots"
)

func TestSave(t *testing.T) {
	dir := t.TempDir()
	for format, start := range map[string]string{"png": "\x89PNG", "SVG": "<svg "} {
		file := filepath.Join(dir, "chart."+format)
		if err := plots.Save(weights(), file); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(string(data), start) {
			t.Errorf("%s: %v, %.20q", format, err, data)
		}
	}
	if err := plots.Save(weights(), filepath.Join(dir, "no", "chart.png")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into a missing folder: %v", err)
	}
	if err := plots.Save(weights(), filepath.Join(dir, "chart.pdf")); err == nil || !strings.Contains(err.Error(), ".svg") {
		t.Error("an unknown format is no error")
	}
	broken := plots.Lines("t", "x", "y")
	if err := plots.Save(broken, filepath.Join(dir, "broken.png")); err != broken.Err() {
		t.Errorf("a chart with an error: %v", err)
	}
}

func TestShowPanicsWhereItCannotWrite(t *testing.T) {
	t.Setenv(plots.Folder, filepath.Join(t.TempDir(), "no"))
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("panic with %v", err)
		}
	}()
	plots.Show(weights(), "A sentence.")
}

func TestGIF(t *testing.T) {
	a, b := plots.Lines("t", "x", "y", plots.Series{Y: []float64{1, 2, 1}}), plots.Lines("t", "x", "y", plots.Series{Y: []float64{1, 2, 1.5}})
	data, err := plots.GIF(100*time.Millisecond, a, b, b)
	if err != nil {
		t.Fatal(err)
	}
	moving, err := gif.DecodeAll(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(moving.Image) != 3 || moving.Config.Width != 640 || moving.Config.Height != 400 {
		t.Errorf("%d frames of %d×%d", len(moving.Image), moving.Config.Width, moving.Config.Height)
	}
	if got := fmt.Sprint(moving.Delay); got != "[10 10 200]" {
		t.Errorf("delays are %s", got)
	}
	if r := moving.Image[1].Rect; r.Dx() > 400 || r.Empty() {
		t.Errorf("the second frame holds %v, want what has changed, on the right half", r)
	}
	if r := moving.Image[2].Rect; r.Dx() != 1 {
		t.Errorf("the third frame holds %v, and nothing has changed", r)
	}
	if _, err := plots.GIF(1, a, weights()); err == nil || !strings.Contains(err.Error(), "same size") {
		t.Errorf("frames of two sizes: %v", err)
	}
	if _, err := plots.GIF(1); err == nil {
		t.Error("an animation without frames is no error")
	}
}
