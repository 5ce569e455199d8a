package main

import (
	"fmt"
	"path/filepath"

	"github.com/descent-go/descent/plots"
	"github.com/descent-go/descent/tools/bench/side"
)

// A size is a point of the growth of time and memory with the data.
type size struct {
	Samples, Features int
	Seconds, Memory   float64 // for ten iterations; at the most, in bytes
}

func (s size) data() float64 { return 8 * float64(s.Samples) * float64(s.Features+1) }

// growth measures gradient descent on more and more samples, and on more and
// more features, each size in a separate process.
func (b *bench) growth() (samples, features []size, err error) {
	for i := 1; i <= 8; i++ {
		s, err := b.size(50_000*i, 100)
		if err != nil {
			return nil, nil, err
		}
		samples = append(samples, s)
		if s, err = b.size(200_000, 25*i); err != nil {
			return nil, nil, err
		}
		features = append(features, s)
	}
	return samples, features, nil
}

func (b *bench) size(samples, features int) (s size, err error) {
	threads := b.threads[len(b.threads)-1]
	if err := b.end("ours", threads); err != nil {
		return s, err
	}
	a := side.Args{
		Samples: samples, Features: features, Loss: "logistic", Optimizer: "gd", Rate: 0.1, Epochs: 10,
	}
	result, seconds, err := b.best("ours", threads, "growth", a)
	if err != nil {
		return s, err
	}
	return size{samples, features, seconds, result[0]}, nil
}

// drawGrowth writes the two charts, and returns them as Markdown with what they show.
func drawGrowth(folder string, samples, features []size) (string, error) {
	time := plots.Lines("Time of ten iterations of gradient descent", "data, MB", "time, ms",
		series("more samples, 100 features", samples, func(s size) float64 { return s.Seconds * 1e3 }),
		series("more features, 200,000 samples", features, func(s size) float64 { return s.Seconds * 1e3 }))
	time.Plot.Y.Min = 0
	if err := plots.Save(time, filepath.Join(folder, "performance-time.png")); err != nil {
		return "", err
	}
	alone := func(s size) float64 { return s.data() / 1e6 }
	memory := plots.Lines("Memory of the process that trains", "data, MB", "largest resident size, MB",
		series("more samples, 100 features", samples, func(s size) float64 { return s.Memory / 1e6 }),
		series("more features, 200,000 samples", features, func(s size) float64 { return s.Memory / 1e6 }),
		series("the data alone", samples, alone))
	memory.Plot.Y.Min = 0
	if err := plots.Save(memory, filepath.Join(folder, "performance-memory.png")); err != nil {
		return "", err
	}
	t := table{head: []string{"growing", "time for 100 MB more", "R² of a straight line", "memory beside the data, smallest and largest"}}
	for _, g := range []struct {
		name  string
		sizes []size
	}{{"samples", samples}, {"features", features}} {
		t.add(append([]string{g.name}, growthLine(g.sizes)...)...)
	}
	return "![Two rising lines, the time of ten iterations over the size of the data: one for more samples, one for more features.](performance-time.png)\n\n" +
		"![Two lines, the memory of the process over the size of the data, above that of the data alone.](performance-memory.png)\n\n" +
		t.String(), nil
}

// growthLine is what the straight line through the times says, and the memory
// that is not data.
func growthLine(sizes []size) []string {
	var x, y, beside []float64
	for _, s := range sizes {
		x, y, beside = append(x, s.data()), append(y, s.Seconds), append(beside, (s.Memory-s.data())/1e6)
	}
	slope, _, r2 := line(x, y)
	return []string{
		seconds(slope * 1e8), fmt.Sprintf("%.4f", r2),
		fmt.Sprintf("%.0f MB, %.0f MB", quantile(beside, 0), quantile(beside, 1)),
	}
}

func series(name string, sizes []size, y func(size) float64) plots.Series {
	s := plots.Series{Name: name}
	for _, v := range sizes {
		s.X, s.Y = append(s.X, v.data()/1e6), append(s.Y, y(v))
	}
	return s
}
