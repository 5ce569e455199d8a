package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/tools/bench/networks"
	"github.com/descent-go/descent/tools/bench/side"
)

// inputs are the files that both sides read. They are written when first asked
// for, and kept: a name says what is in it, shape and all.
type inputs struct {
	root   string // of the data and of the programs of the sides
	python string // that has the peers
	seed   uint64 // of shapes and numbers; 0 for those of the document
}

// path is that of a file of data. Those of another seed are apart.
func (in inputs) path(name string) string {
	if in.seed == 0 {
		return in.folder("data", name)
	}
	return in.folder(fmt.Sprint("data-", in.seed), name)
}

// present returns the rivals whose packages the peers' Python has.
func (in inputs) present(all []rival) []rival {
	return slices.DeleteFunc(all, func(r rival) bool {
		return r.needs != "" && exec.Command(in.python, "-c", "import "+r.needs).Run() != nil
	})
}

// folder returns a path below the root.
func (in inputs) folder(parts ...string) string {
	return filepath.Join(append([]string{in.root}, parts...)...)
}

// file returns the path of the array that fill draws, with a source that is
// seeded the same each time.
func (in inputs) file(name string, fill func(r *rand.Rand) format.Tensor) (string, error) {
	path := in.path(name + ".npy")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	t := fill(in.source(26))
	err := format.WriteFile(path, func(w io.Writer) error { return format.WriteNPY(w, t) })
	if err != nil {
		return "", fmt.Errorf("the data cannot be written: %w", err)
	}
	return path, nil
}

// normal is an m×n matrix of standard normal numbers.
func (in inputs) normal(m, n int) (string, error) {
	return in.file(fmt.Sprintf("normal-%dx%d", m, n), func(r *rand.Rand) format.Tensor {
		return format.Tensor{Shape: []int{m, n}, Data: draw(r, m*n)}
	})
}

// targets are those of normal(m, n): a line through the features with noise of
// variance 1, or labels drawn with its logistic probability.
func (in inputs) targets(m, n int, logistic bool) (string, error) {
	kind := "values"
	if logistic {
		kind = "labels"
	}
	return in.file(fmt.Sprintf("%s-%dx%d", kind, m, n), func(r *rand.Rand) format.Tensor {
		x, w := draw(r, m*n), draw(r, n)
		y := make([]float64, m)
		for i := range y {
			z := 0.0
			for j, v := range x[i*n : (i+1)*n] {
				z += v * w[j] / math.Sqrt(float64(n))
			}
			switch {
			case !logistic:
				y[i] = z + r.NormFloat64()
			case r.Float64() < model.Sigmoid(2*z):
				y[i] = 1
			}
		}
		return format.Tensor{Shape: []int{m}, Data: y}
	})
}

// order is the order in which train.Fit takes m samples in its first epoch.
func (in inputs) order(m int, seed uint64) (string, error) {
	return in.file(fmt.Sprintf("order-%d-%d", m, seed), func(*rand.Rand) format.Tensor {
		order := make([]float64, m)
		for i := range order {
			order[i] = float64(i)
		}
		swap := func(i, j int) { order[i], order[j] = order[j], order[i] }
		rand.New(rand.NewPCG(seed, 1)).Shuffle(m, swap)
		return format.Tensor{Shape: []int{m}, Data: order, Type: format.Int64}
	})
}

// documents are the rows of a TF-IDF matrix of Euclidean length 1, and labels
// that depend on their words. Word k is as frequent as Zipf's law says, 1/k.
func (in inputs) documents(m, words int) (a side.Args, err error) {
	const length = 100 // words in a document, repetitions included
	r := in.source(27)
	x, y := zipf(r, m, words, length), make([]float64, m)
	weights := draw(r, words)
	for i := range y {
		cols, values := x.Row(i)
		z := 0.0
		for p, j := range cols {
			z += values[p] * weights[j]
		}
		if r.Float64() < model.Sigmoid(3*z) {
			y[i] = 1
		}
	}
	a.Features = words
	for _, part := range []struct {
		path *string
		name string
		data []float64
		typ  format.Type
	}{
		{&a.Ptr, "ptr", floats(x.Ptr), format.Int64},
		{&a.Cols, "cols", floats(x.Cols), format.Int64},
		{&a.Values, "values", x.Values, format.Float64},
		{&a.Y, "labels", y, format.Float64},
	} {
		name := fmt.Sprintf("documents-%dx%d-%s", m, words, part.name)
		*part.path, err = in.file(name, func(*rand.Rand) format.Tensor {
			return format.Tensor{Shape: []int{len(part.data)}, Data: part.data, Type: part.typ}
		})
		if err != nil {
			return a, err
		}
	}
	return a, nil
}

// zipf draws documents and weighs their words by TF-IDF: the count times
// 1 + log(m/documents that have the word).
func zipf(r *rand.Rand, m, words, length int) *sparse.CSR {
	z := rand.NewZipf(r, 1.1, 3, uint64(words-1))
	documents := make([]int, words)
	ptr, cols, values := []int{0}, []int{}, []float64{}
	for range m {
		counts := map[int]float64{}
		for range length {
			counts[int(z.Uint64())]++
		}
		for _, j := range slices.Sorted(maps.Keys(counts)) {
			cols, values = append(cols, j), append(values, counts[j])
			documents[j]++
		}
		ptr = append(ptr, len(cols))
	}
	for i := range m {
		norm := 0.0
		for p := ptr[i]; p < ptr[i+1]; p++ {
			values[p] *= 1 + math.Log(float64(m)/float64(documents[cols[p]]))
			norm += values[p] * values[p]
		}
		for p := ptr[i]; p < ptr[i+1]; p++ {
			values[p] /= math.Sqrt(norm)
		}
	}
	x, err := sparse.NewCSR(m, words, ptr, cols, values)
	if err != nil {
		panic(err)
	}
	return x
}

// images are m pictures of channels × side × side bytes, each a blurred sign of one of
// ten classes with noise, the same in all channels, and their classes.
func (in inputs) images(m, channels, side int) (x, y string, err error) {
	of := fmt.Sprintf("%d", m)
	if channels > 1 {
		of = fmt.Sprintf("%d-%dx%d", m, channels, side)
	}
	x, err = in.file("images-"+of, func(r *rand.Rand) format.Tensor {
		pixels, _ := pictures(r, m, channels, side)
		return format.Tensor{Shape: []int{m, channels * side * side}, Data: pixels, Type: format.Uint8}
	})
	if err != nil {
		return "", "", err
	}
	y, err = in.file("classes-"+of, func(r *rand.Rand) format.Tensor {
		_, classes := pictures(r, m, channels, side)
		return format.Tensor{Shape: []int{m}, Data: classes, Type: format.Int64}
	})
	return x, y, err
}

func pictures(r *rand.Rand, m, channels, side int) (pixels, classes []float64) {
	area := side * side
	signs := make([]float64, 10*area)
	for i := range signs {
		class, row, col := float64(i/area), float64(i/side%side), float64(i%side)
		signs[i] = 128 * (1 + math.Sin((row*math.Cos(class)+col*math.Sin(class))*(0.3+class/20)))
	}
	pixels, classes = make([]float64, 0, m*channels*area), make([]float64, m)
	for i := range classes {
		k := r.IntN(10)
		classes[i] = float64(k)
		for range channels {
			for _, v := range signs[k*area : (k+1)*area] {
				pixels = append(pixels, math.Round(min(max(v/2+60*r.NormFloat64(), 0), 255)))
			}
		}
	}
	return pixels, classes
}

// texts are m rows of characters, each drawn from two that may follow the one before,
// and the character after each.
func (in inputs) texts(m, length int) (x, y string, err error) {
	for _, part := range []struct {
		path *string
		name string
		from int
	}{{&x, "texts", 0}, {&y, "next", 1}} {
		*part.path, err = in.file(fmt.Sprintf("%s-%dx%d", part.name, m, length), func(r *rand.Rand) format.Tensor {
			rows := make([]float64, 0, m*length)
			for range m {
				text := []float64{float64(r.IntN(networks.Characters))}
				for range length {
					next := 3*int(text[len(text)-1]) + 7*r.IntN(2)
					text = append(text, float64(next%networks.Characters))
				}
				rows = append(rows, text[part.from:part.from+length]...)
			}
			return format.Tensor{Shape: []int{m, length}, Data: rows, Type: format.Int64}
		})
		if err != nil {
			return "", "", err
		}
	}
	return x, y, nil
}

// weights are the first weights of a network.
func (in inputs) weights(name string, of func(networks.Build) (*model.Network, error)) (string, error) {
	n, err := of(model.NewNetwork)
	if err != nil {
		return "", err
	}
	return in.file(fmt.Sprintf("weights-%s-%d", name, networks.Seed), func(*rand.Rand) format.Tensor {
		return format.Tensor{Shape: []int{len(n.Params())}, Data: n.Params()}
	})
}

func floats(v []int) []float64 {
	f := make([]float64, len(v))
	for i, e := range v {
		f[i] = float64(e)
	}
	return f
}

func draw(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}
