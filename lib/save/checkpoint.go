package save

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/train"
)

const (
	checkpointFormat  = "descent/checkpoint"
	checkpointVersion = 2 // 1 has no checksum
)

// counters are the integers of a checkpoint; all other numbers, which may be NaN
// or infinite, are tensors.
type counters struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Epoch   int    `json:"epoch"`
	Batch   int    `json:"batch"`
	Batches int    `json:"batches"`
	Step    int    `json:"step"`
	Pending int    `json:"pending,omitempty"`
}

// Checkpoint writes c to the file at path, as safetensors. It replaces the file
// atomically: a process killed meanwhile leaves the previous checkpoint.
func Checkpoint(path string, c *train.Checkpoint) error {
	file, err := encodeCheckpoint(c)
	if err == nil {
		err = format.WriteFile(path, func(w io.Writer) error { return format.WriteSafetensors(w, file) })
	}
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// Every returns a callback for train.Options.OnEpoch that writes a checkpoint to
// path after every given number of epochs. Resumed training first calls the
// callbacks that follow it in the list.
func Every(path string, epochs int) train.Callback {
	return func(s *train.State) error {
		if epochs < 1 {
			return fmt.Errorf("save: a checkpoint every %d epochs, want at least 1", epochs)
		}
		if s.Epoch%epochs != 0 {
			return nil
		}
		return Checkpoint(path, s.Checkpoint())
	}
}

// vectors are the maps of a checkpoint, by the first part of their tensors' names.
func vectors(c *train.Checkpoint) map[string]map[string][]float64 {
	return map[string]map[string][]float64{
		"buffers": c.Buffers, "optimizer": c.Optimizer, "schedule": c.Schedule, "memory": c.Memory,
	}
}

func vector(v []float64) format.Tensor { return format.Tensor{Shape: []int{len(v)}, Data: v} }

func encodeCheckpoint(c *train.Checkpoint) (*format.Safetensors, error) {
	header, err := json.Marshal(counters{checkpointFormat, checkpointVersion, c.Epoch, c.Batch, c.Batches, c.Step, c.Pending})
	if err != nil {
		return nil, err
	}
	tensors := map[string]format.Tensor{
		"theta":   vector(c.Theta),
		"numbers": vector([]float64{c.Rate, c.GradNorm, c.BatchLoss, c.Sums[0], c.Sums[1], c.Sums[2]}),
		"records": encodeRecords(c.Records),
	}
	for group, m := range vectors(c) {
		for name, v := range m {
			tensors[group+"/"+name] = vector(v)
		}
	}
	if len(c.Path) > 0 {
		path := format.Tensor{Shape: []int{len(c.Path), len(c.Theta)}}
		for _, theta := range c.Path {
			if len(theta) != len(c.Theta) {
				return nil, fmt.Errorf("the checkpoint's path has %d parameters, its model %d", len(theta), len(c.Theta))
			}
			path.Data = append(path.Data, theta...)
		}
		tensors["path"] = path
	}
	file := &format.Safetensors{Metadata: map[string]string{descriptorKey: string(header)}, Tensors: tensors}
	return file, addChecksum(file)
}

const recordColumns = 10

// encodeRecords makes a row of each record. The time is split, since a float64
// does not hold the nanoseconds of a year.
func encodeRecords(records []train.Record) format.Tensor {
	t := format.Tensor{Shape: []int{len(records), recordColumns}}
	for _, r := range records {
		t.Data = append(t.Data, float64(r.Epoch), float64(r.Step), r.Passes, r.Loss, r.Penalty, r.ValLoss, r.Rate, r.GradNorm,
			float64(r.Elapsed/time.Second), float64(r.Elapsed%time.Second))
	}
	return t
}

// LoadCheckpoint reads a file written by Checkpoint, for train.Options.Resume. It
// returns an error for a file with even a single wrong bit. train.Fit checks
// whether the checkpoint fits the model, the data and the options.
func LoadCheckpoint(path string) (*train.Checkpoint, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("save: %w", err)
	}
	defer f.Close()
	c, err := decodeCheckpoint(f)
	if err != nil {
		return nil, fmt.Errorf("save: %s: %w", path, err)
	}
	return c, nil
}

func decodeCheckpoint(r io.Reader) (*train.Checkpoint, error) {
	f, err := open(r)
	if err != nil {
		return nil, err
	}
	c, err := f.checkpoint()
	if err := f.verify(err); err != nil {
		return nil, err
	}
	return c, nil
}

// checkpoint reads the file.
func (f *reader) checkpoint() (*train.Checkpoint, error) {
	var n counters
	if err := json.Unmarshal([]byte(f.Metadata[descriptorKey]), &n); err != nil || n.Format != checkpointFormat {
		return nil, fmt.Errorf("it is no checkpoint")
	}
	if n.Version < 1 || n.Version > checkpointVersion {
		return nil, fmt.Errorf("it has version %d of the format, want at most %d: use the version of this library that wrote it", n.Version, checkpointVersion)
	}
	if err := f.need(n.Version); err != nil {
		return nil, err
	}
	for _, t := range f.Tensors {
		// Then what is read takes no more memory than it takes in the file.
		if t.Type != format.Float64 {
			return nil, fmt.Errorf("tensor %q holds %s, want float64", t.Name, t.Type)
		}
	}
	tensors, err := f.ReadTensors(f, math.MaxInt)
	if err != nil {
		return nil, err
	}
	c := &train.Checkpoint{
		Epoch: n.Epoch, Batch: n.Batch, Batches: n.Batches, Step: n.Step, Pending: n.Pending,
		Buffers: map[string][]float64{}, Optimizer: map[string][]float64{},
		Schedule: map[string][]float64{}, Memory: map[string][]float64{},
	}
	for _, t := range f.Tensors {
		if err := decodeTensor(c, t.Name, tensors[t.Name]); err != nil {
			return nil, fmt.Errorf("tensor %q of shape %v: %w", t.Name, t.Shape, err)
		}
	}
	for _, name := range []string{"theta", "numbers", "records"} {
		if _, ok := tensors[name]; !ok {
			return nil, fmt.Errorf("tensor %q is missing", name)
		}
	}
	if len(c.Path) > 0 && len(c.Path[0]) != len(c.Theta) {
		return nil, fmt.Errorf("its path has %d parameters, its model %d", len(c.Path[0]), len(c.Theta))
	}
	return c, nil
}

// decodeTensor puts a tensor into its place.
func decodeTensor(c *train.Checkpoint, name string, t format.Tensor) error {
	group, rest, ok := strings.Cut(name, "/")
	if m := vectors(c)[group]; ok && m != nil && len(t.Shape) == 1 {
		m[rest] = t.Data
		return nil
	}
	d := t.Data
	switch {
	case name == "theta" && len(t.Shape) == 1:
		c.Theta = d
	case name == "numbers" && len(t.Shape) == 1 && len(d) == 6:
		c.Rate, c.GradNorm, c.BatchLoss = d[0], d[1], d[2]
		copy(c.Sums[:], d[3:])
	case name == "records" && len(t.Shape) == 2 && t.Shape[1] == recordColumns:
		return decodeRecords(c, d)
	case name == "path" && len(t.Shape) == 2 && len(d) > 0:
		for k := range t.Shape[0] {
			c.Path = append(c.Path, d[k*t.Shape[1]:(k+1)*t.Shape[1]:(k+1)*t.Shape[1]])
		}
	default:
		return fmt.Errorf("a checkpoint has no such tensor")
	}
	return nil
}

func decodeRecords(c *train.Checkpoint, d []float64) error {
	for ; len(d) > 0; d = d[recordColumns:] {
		if !isCount(d[0], 1<<53) || !isCount(d[1], 1<<53) || !isCount(d[8], 1<<33) || !isCount(d[9], 1e9) {
			return fmt.Errorf("epoch %g, step %g, %g seconds and %g nanoseconds cannot be", d[0], d[1], d[8], d[9])
		}
		c.Records = append(c.Records, train.Record{
			Epoch: int(d[0]), Step: int(d[1]), Passes: d[2], Loss: d[3], Penalty: d[4], ValLoss: d[5], Rate: d[6], GradNorm: d[7],
			Elapsed: time.Duration(d[8])*time.Second + time.Duration(d[9]),
		})
	}
	return nil
}

// isCount reports an integer from 0 to most.
func isCount(v, most float64) bool { return v == math.Trunc(v) && 0 <= v && v <= most }
