package save_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

func noError(err error) {
	if err != nil {
		panic(err)
	}
}

// folder is where the benchmarks write.
var folder string

// timedModel has 10n weights.
func timedModel(n int) *model.Linear {
	m := model.NewSoftmax(n, 10)
	m.Init(1)
	return m
}

// timedCheckpoint has θ and a state of the optimizer of n numbers each.
func timedCheckpoint(n int) *train.Checkpoint {
	theta := timedModel(n/10 + 1).Params()[:n]
	return &train.Checkpoint{Epoch: 1, Step: 1, Theta: theta, Optimizer: map[string][]float64{"m": theta, "v": theta}}
}

// reads makes a benchmark of reading a model's file.
func reads(run func(path string, file []byte, m model.Model)) func(n int) func() {
	return func(n int) func() {
		m, path := timedModel(n), filepath.Join(folder, "m.safetensors")
		noError(save.Model(path, m, nil))
		file, err := os.ReadFile(path)
		noError(err)
		return func() { run(path, file, m) }
	}
}

// foreigners makes a benchmark of reading the tensors of a dense layer of 10n weights.
func foreigners(weight string, shape func(n int) []int, load func(path string, m model.Model, names map[string]string) error) func(n int) func() {
	return func(n int) func() {
		path := filepath.Join(folder, "foreign.safetensors")
		noError(format.WriteFile(path, func(w io.Writer) error {
			return format.WriteSafetensors(w, &format.Safetensors{Tensors: map[string]format.Tensor{
				weight: {Shape: shape(n), Data: make([]float64, 10*n)}, "0.bias": {Shape: []int{10}, Data: make([]float64, 10)},
			}})
		}))
		m, err := model.NewNetwork(model.Features(n), 1, model.Dense{Units: 10})
		noError(err)
		return func() { noError(load(path, m, nil)) }
	}
}

var benchmarks = timed.List{
	"Model": func(n int) func() {
		m := timedModel(n)
		return func() { noError(save.Model(filepath.Join(folder, "m"), m, nil)) }
	},
	"WriteModel": func(n int) func() { m := timedModel(n); return func() { noError(save.WriteModel(io.Discard, m, nil)) } },
	"Load":       reads(func(path string, _ []byte, m model.Model) { noError(save.Load(path, m, nil)) }),
	"ReadModel":  reads(func(_ string, file []byte, m model.Model) { noError(save.ReadModel(bytes.NewReader(file), m, nil)) }),
	"Describe":   reads(func(path string, _ []byte, _ model.Model) { _, err := save.Describe(path); noError(err) }),
	"DescribeModel": reads(func(_ string, file []byte, _ model.Model) {
		_, err := save.DescribeModel(bytes.NewReader(file))
		noError(err)
	}),
	"LoadPyTorch": foreigners("0.weight", func(n int) []int { return []int{10, n} }, save.LoadPyTorch),
	"LoadKeras":   foreigners("0.kernel", func(n int) []int { return []int{n, 10} }, save.LoadKeras),
	"Checkpoint": func(n int) func() {
		c := timedCheckpoint(n)
		return func() { noError(save.Checkpoint(filepath.Join(folder, "c"), c)) }
	},
	"LoadCheckpoint": func(n int) func() {
		path := filepath.Join(folder, "c")
		noError(save.Checkpoint(path, timedCheckpoint(n)))
		return func() { _, err := save.LoadCheckpoint(path); noError(err) }
	},
}

func BenchmarkSave(b *testing.B) {
	folder = b.TempDir()
	benchmarks.Run(b)
}

// TestAllOfSaveIsTimed: what grows with the weights has a benchmark at three sizes.
func TestAllOfSaveIsTimed(t *testing.T) {
	folder = t.TempDir()
	benchmarks.Check(t, "Every") // makes a callback, which is Checkpoint
	benchmarks.Once()
}
