package save_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

// fillAll sets every field, however deep, to something other than zero, so that a
// field that Checkpoint forgets shows.
func fillAll(v reflect.Value, next *int) {
	*next++
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*next))
	case reflect.Float64:
		v.SetFloat(float64(*next) + 0.1)
	case reflect.Struct:
		for i := range v.NumField() {
			fillAll(v.Field(i), next)
		}
	case reflect.Array:
		for i := range v.Len() {
			fillAll(v.Index(i), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			fillAll(v.Index(i), next)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"a", "b/c", ""} {
			value := reflect.New(v.Type().Elem()).Elem()
			fillAll(value, next)
			v.SetMapIndex(reflect.ValueOf(key), value)
		}
	default:
		panic("a checkpoint has a " + v.Kind().String())
	}
}

func fullCheckpoint() *train.Checkpoint {
	c, next := new(train.Checkpoint), 0
	fillAll(reflect.ValueOf(c).Elem(), &next)
	return c
}

func roundTrip(t *testing.T, c *train.Checkpoint) *train.Checkpoint {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.checkpoint")
	if err := save.Checkpoint(path, c); err != nil {
		t.Fatal(err)
	}
	got, err := save.LoadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCheckpointRoundTrip(t *testing.T) {
	c := fullCheckpoint()
	c.Records[1].Elapsed = 1<<62 + 1 // 146 years
	c.Records[2].Step = math.MaxInt >> 10
	if got := roundTrip(t, c); !reflect.DeepEqual(got, c) {
		t.Errorf("got %+v, want %+v", got, c)
	}
	empty := &train.Checkpoint{Theta: []float64{}, Epoch: 1}
	got := roundTrip(t, empty)
	if got.Epoch != 1 || len(got.Theta)+len(got.Records)+len(got.Path)+len(got.Memory) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestCheckpointNotFinite(t *testing.T) {
	c := fullCheckpoint()
	odd := math.Float64frombits(0x7ff8dead_beef0001) // a NaN with a payload
	c.Records[0].ValLoss, c.Records[0].Loss, c.GradNorm = math.NaN(), math.Inf(-1), math.NaN()
	c.Memory["a"] = []float64{math.Inf(1), odd, math.Copysign(0, -1)}
	got := roundTrip(t, c)
	if !math.IsNaN(got.Records[0].ValLoss) || !math.IsInf(got.Records[0].Loss, -1) || !math.IsNaN(got.GradNorm) {
		t.Errorf("record %+v, gradient norm %v", got.Records[0], got.GradNorm)
	}
	for i, v := range got.Memory["a"] {
		if math.Float64bits(v) != math.Float64bits(c.Memory["a"][i]) {
			t.Errorf("memory %d is %x, want %x", i, math.Float64bits(v), math.Float64bits(c.Memory["a"][i]))
		}
	}
}

func TestCheckpointErrors(t *testing.T) {
	dir := t.TempDir()
	ragged := fullCheckpoint()
	ragged.Path[1] = nil
	wantError(t, save.Checkpoint(filepath.Join(dir, "c"), ragged), "the checkpoint's path has 0 parameters, its model 3")
	wantError(t, save.Checkpoint(filepath.Join(dir, "missing", "c"), fullCheckpoint()), "missing")
	_, err := save.LoadCheckpoint(filepath.Join(dir, "none"))
	wantError(t, err, "none")
	if err := save.Model(filepath.Join(dir, "m"), model.NewLinear(1, 1), nil); err != nil {
		t.Fatal(err)
	}
	_, err = save.LoadCheckpoint(filepath.Join(dir, "m.safetensors"))
	wantError(t, err, "m.safetensors: it is no checkpoint")

	type file = format.Safetensors
	for name, c := range map[string]struct {
		damage func(*file)
		want   string
	}{
		"version":        {func(f *file) { f.Metadata["descent"] = `{"format":"descent/checkpoint","version":9}` }, "version 9"},
		"no checksum":    {func(f *file) { delete(f.Metadata, "descent.sha256") }, "no checksum, so it is damaged"},
		"no metadata":    {func(f *file) { f.Metadata = nil }, "no checkpoint"},
		"theta missing":  {func(f *file) { delete(f.Tensors, "theta"); delete(f.Tensors, "path") }, `"theta" is missing`},
		"numbers short":  {func(f *file) { f.Tensors["numbers"] = format.Tensor{Shape: []int{1}, Data: []float64{1}} }, `"numbers" of shape [1]`},
		"unknown":        {func(f *file) { f.Tensors["x"] = format.Tensor{Data: []float64{1}} }, `"x" of shape []: a checkpoint has no such tensor`},
		"unknown group":  {func(f *file) { f.Tensors["x/y"] = format.Tensor{Shape: []int{1}, Data: []float64{1}} }, `"x/y"`},
		"single number":  {func(f *file) { f.Tensors["memory/y"] = format.Tensor{Data: []float64{1}} }, `"memory/y"`},
		"another type":   {func(f *file) { f.Tensors["memory/y"] = format.Tensor{Data: []float64{1}, Type: format.Uint8} }, "uint8, want float64"},
		"path too wide":  {func(f *file) { f.Tensors["path"] = format.Tensor{Shape: []int{1, 4}, Data: make([]float64, 4)} }, "path has 4 parameters, its model 3"},
		"path of rank 1": {func(f *file) { f.Tensors["path"] = format.Tensor{Shape: []int{4}, Data: make([]float64, 4)} }, `"path" of shape [4]`},
		"half an epoch":  {func(f *file) { f.Tensors["records"].Data[0] = 1.5 }, "epoch 1.5"},
		"epoch NaN":      {func(f *file) { f.Tensors["records"].Data[0] = math.NaN() }, "epoch NaN"},
		"endless":        {func(f *file) { f.Tensors["records"].Data[8] = 1e18 }, "1e+18 seconds"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := save.EncodeCheckpoint(fullCheckpoint())
			if err != nil {
				t.Fatal(err)
			}
			c.damage(f)
			_, err = save.LoadCheckpoint(write(t, f) + ".safetensors")
			wantError(t, err, c.want)
		})
	}
}

// A training is everything of which Fit makes a run, made anew each time.
type training struct {
	model model.Model
	x     *mat.Dense
	y     *mat.Dense
	opt   train.Options
}

// linearTraining has early stopping with its memory, a schedule with a memory,
// moments in the optimizer, batches of unequal size and a recorded path.
func linearTraining(*testing.T) training {
	x, y := regression(23, 3, 1)
	valX, valY := regression(9, 3, 2)
	return training{model.NewLinear(3, 1), x, y, train.Options{
		Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.3),
		Epochs: 12, BatchSize: 8, Seed: 5, RecordPath: true,
		Validation: &train.Data{X: valX, Y: valY},
		OnEpoch:    []train.Callback{train.EarlyStopping(3, 0)},
	}}
}

// networkTraining has dropout, running statistics, momentum and no validation:
// its records hold NaN.
func networkTraining(t *testing.T) training {
	x, y := regression(21, 4, 3)
	n, err := model.NewNetwork(model.Features(4), 7,
		model.Dense{Units: 5}, model.NewBatchNorm(), model.ReLU{}, model.Dropout{Rate: 0.4}, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	return training{n, x, y, train.Options{
		Loss: loss.MSE{}, Optimizer: &optim.SGD{Momentum: 0.9, Nesterov: true}, Schedule: optim.Constant(0.02),
		Epochs: 4, BatchSize: 5, Seed: 9,
	}}
}

// regression returns m samples of a plane with noise.
func regression(m, n int, seed uint64) (x, y *mat.Dense) {
	r := rand.New(rand.NewPCG(seed, 0))
	x, y = mat.NewDense(m, n, nil), mat.NewDense(m, 1, nil)
	for i := range m {
		target := r.NormFloat64()
		for j := range n {
			v := r.NormFloat64()
			x.Set(i, j, v)
			target += float64(j+1) * v
		}
		y.Set(i, 0, target)
	}
	return x, y
}

// outcome is all of a training that must not depend on interruptions, as bits.
func outcome(m model.Model, h *train.History) (all []uint64, status train.Status) {
	all = bits(m)
	for _, r := range h.Records {
		for _, v := range []float64{float64(r.Epoch), float64(r.Step), r.Passes, r.Loss, r.Penalty, r.ValLoss, r.Rate, r.GradNorm} {
			all = append(all, math.Float64bits(v))
		}
	}
	for _, theta := range h.Path {
		for _, v := range theta {
			all = append(all, math.Float64bits(v))
		}
	}
	return all, h.Status
}

// TestResumeAtEveryStep writes a checkpoint after each update, and goes on from
// each of the files.
func TestResumeAtEveryStep(t *testing.T) {
	for name, build := range map[string]func(*testing.T) training{"linear": linearTraining, "network": networkTraining} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := func(step int) string { return filepath.Join(dir, fmt.Sprint("step", step)) }
			whole, steps := build(t), 0
			whole.opt.OnStep = []train.Callback{func(s *train.State) error {
				steps = s.Step
				return save.Checkpoint(path(s.Step), s.Checkpoint())
			}}
			h, err := train.Fit(context.Background(), whole.model, whole.x, whole.y, whole.opt)
			if err != nil {
				t.Fatal(err)
			}
			want, status := outcome(whole.model, h)
			if name == "linear" && status != train.Stopped {
				t.Fatalf("early stopping did not stop: %v", h)
			}
			if steps < 12 {
				t.Fatalf("only %d steps", steps)
			}
			for step := 1; step <= steps; step++ {
				c, err := save.LoadCheckpoint(path(step))
				if err != nil {
					t.Fatal(err)
				}
				rest := build(t)
				rest.opt.Resume = c
				h, err := train.Fit(context.Background(), rest.model, rest.x, rest.y, rest.opt)
				if err != nil {
					t.Fatal(err)
				}
				if got, s := outcome(rest.model, h); !slices.Equal(got, want) || s != status {
					t.Errorf("resumed after step %d of %d it ends otherwise: %v", step, steps, h)
				}
			}
		})
	}
}

// TestResumeAfterInterrupt presses the stop button in the middle of an epoch.
func TestResumeAfterInterrupt(t *testing.T) {
	whole := networkTraining(t)
	h, err := train.Fit(context.Background(), whole.model, whole.x, whole.y, whole.opt)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := outcome(whole.model, h)
	path := filepath.Join(t.TempDir(), "c")
	ctx, stop := context.WithCancel(context.Background())
	cut := networkTraining(t)
	cut.opt.OnStep = []train.Callback{func(s *train.State) error {
		if s.Step == 8 {
			stop()
		}
		return nil
	}}
	for s, err := range train.Epochs(ctx, cut.model, cut.x, cut.y, cut.opt) {
		if err == nil {
			err = save.Checkpoint(path, s.Checkpoint())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := save.LoadCheckpoint(path)
	if err != nil || c.Step != 8 {
		t.Fatalf("step %d, error %v", c.Step, err)
	}
	rest := networkTraining(t)
	rest.opt.Resume = c
	if h, err = train.Fit(context.Background(), rest.model, rest.x, rest.y, rest.opt); err != nil {
		t.Fatal(err)
	}
	if got, _ := outcome(rest.model, h); !slices.Equal(got, want) {
		t.Error("the interrupted training ends otherwise")
	}
}

func TestEvery(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c")
	run := linearTraining(t)
	run.opt.OnEpoch = []train.Callback{save.Every(path, 5), func(s *train.State) error {
		c, err := save.LoadCheckpoint(path)
		switch want := s.Epoch / 5 * 5; {
		case want == 0 && !errors.Is(err, fs.ErrNotExist):
			t.Errorf("epoch %d: there is a checkpoint already; error %v", s.Epoch, err)
		case want > 0 && (err != nil || c.Epoch != want || len(c.Records) != want):
			t.Errorf("epoch %d: checkpoint %+v, error %v", s.Epoch, c, err)
		}
		return nil
	}}
	if _, err := train.Fit(context.Background(), run.model, run.x, run.y, run.opt); err != nil {
		t.Fatal(err)
	}
	for _, callback := range []train.Callback{save.Every(path, 0), save.Every(filepath.Join(path, "no folder"), 1)} {
		run.opt.OnEpoch = []train.Callback{callback}
		h, err := train.Fit(context.Background(), run.model, run.x, run.y, run.opt)
		if err == nil || h.Status != train.Failed {
			t.Errorf("status %v, error %v", h.Status, err)
		}
	}
}

// A small file that announces much costs little.
func TestLoadMemory(t *testing.T) {
	const text = `{"__metadata__":{"descent":"{\"format\":\"descent/checkpoint\",\"version\":1}"},` +
		`"theta":{"dtype":"F64","shape":[144115188075855872],"data_offsets":[0,1152921504606846976]}}`
	file := append([]byte{byte(len(text)), 0, 0, 0, 0, 0, 0, 0}, text...)
	path := filepath.Join(t.TempDir(), "c")
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := save.LoadCheckpoint(path)
	runtime.ReadMemStats(&after)
	wantError(t, err, "the data end after 0 of 144115188075855872 numbers")
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("%d bytes allocated", got)
	}
}
