package beam

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn3x1[context.Context, []byte, func(int, []byte), error](&shardFn{})
	register.DoFn3x1[context.Context, int, func(*[]byte) bool, error](&blockFn{})
	register.Emitter2[int, []byte]()
	register.Iter1[[]byte]()
}

// A kind is what one pass computes: the part of a shard, and the sum of two parts. Parts travel as bytes.
type kind struct {
	part  func(ctx context.Context, spec []byte, d Data, file string) ([]byte, error)
	merge func(a, b []byte) ([]byte, error)
}

var kinds = map[string]kind{}

// define makes a kind known to driver and workers, and returns its name. Parts are of type P, and merge adds b to a.
func define[S, P any](name string, part func(ctx context.Context, spec *S, d Data, file string) (*P, error), merge func(a, b *P) error) passKind[S, P] {
	kinds[name] = kind{
		part: func(ctx context.Context, spec []byte, d Data, file string) ([]byte, error) {
			s := new(S)
			if err := decode(spec, s); err != nil {
				return nil, err
			}
			p, err := part(ctx, s, d, file)
			if err != nil {
				return nil, err
			}
			return encode(p)
		},
		merge: func(a, b []byte) ([]byte, error) {
			x, y := new(P), new(P)
			if err := errors.Join(decode(a, x), decode(b, y)); err != nil {
				return nil, err
			}
			if err := merge(x, y); err != nil {
				return nil, err
			}
			return encode(x)
		},
	}
	return passKind[S, P]{name}
}

// A passKind is a kind with the types of its settings and its parts.
type passKind[S, P any] struct{ name string }

// run does a pass over all shards.
func (k passKind[S, P]) run(ctx context.Context, e *Engine, what string, d Data, spec S) (*P, error) {
	b, err := encode(&spec)
	if err != nil {
		return nil, err
	}
	sum, err := e.pass(ctx, what, job{Kind: k.name, Spec: b, Data: d})
	if err != nil {
		return nil, err
	}
	p := new(P)
	return p, decode(sum, p)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	return b.Bytes(), err
}

func decode(b []byte, v any) error { return gob.NewDecoder(bytes.NewReader(b)).Decode(v) }

// A job is what all workers of a pass know. Data has no files here: each task names its own.
type job struct {
	Kind string
	Spec []byte
	Data Data
}

// A task is a shard, and the block to which its part is added. Count is the number of shards in the block.
type task struct {
	Index, Block, Count int
	File                string
}

// A part is the sum of a shard or a block, or the fault that the data have there.
type part struct {
	Index int
	Count int
	Sum   []byte
	Fault string
}

// blockSize is the number of shards whose parts are added first. It depends on the number of shards alone: so do the bits of the
// sum.
func blockSize(shards int) int { return int(math.Ceil(math.Sqrt(float64(shards)))) }

// tasks returns the tasks of all shards, by block.
func tasks(files []string) [][]task {
	size := blockSize(len(files))
	var all [][]task
	for i, f := range files {
		b := i / size
		if b == len(all) {
			all = append(all, nil)
		}
		all[b] = append(all[b], task{Index: i, Block: b, Count: min(size, len(files)-b*size), File: f})
	}
	return all
}

// pipeline returns the Beam pipeline that computes the sums of some blocks and writes each to a file in dir.
func pipeline(j job, blocks [][]task, dir string) (*apache.Pipeline, error) {
	b, err := encode(&j)
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for _, block := range blocks {
		for _, t := range block {
			one, err := encode(&t)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	p, s := apache.NewPipelineWithRoot()
	parts := apache.ParDo(s, &shardFn{Job: b}, apache.Reshuffle(s, apache.CreateList(s, all)))
	apache.ParDo0(s, &blockFn{Job: b, Dir: dir}, apache.GroupByKey(s, parts))
	return p, nil
}

// shardFn computes the part of a shard.
type shardFn struct {
	Job []byte
}

func (f *shardFn) ProcessElement(ctx context.Context, element []byte, emit func(int, []byte)) error {
	var j job
	var t task
	if err := errors.Join(decode(f.Job, &j), decode(element, &t)); err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	k, ok := kinds[j.Kind]
	if !ok {
		return fmt.Errorf("beam: this worker does not know the pass %q: driver and workers are different programs", j.Kind)
	}
	p := part{Index: t.Index, Count: t.Count}
	sum, err := k.part(ctx, j.Spec, j.Data, t.File)
	if fault := (invalidError{}); errors.As(err, &fault) {
		p.Fault = fmt.Sprintf("%s: %v", t.File, err)
	} else if err != nil {
		return fmt.Errorf("beam: %s: %w", t.File, err)
	}
	p.Sum = sum
	b, err := encode(&p)
	if err != nil {
		return err
	}
	emit(t.Block, b)
	return nil
}

// blockFn adds the parts of a block in the order of the shards.
type blockFn struct {
	Job []byte
	Dir string
}

func (f *blockFn) ProcessElement(ctx context.Context, block int, each func(*[]byte) bool) error {
	var j job
	if err := decode(f.Job, &j); err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	var parts []part
	var b []byte
	for each(&b) {
		var p part
		if err := decode(b, &p); err != nil {
			return fmt.Errorf("beam: %w", err)
		}
		parts = append(parts, p)
	}
	sum, err := add(kinds[j.Kind], parts)
	if err != nil {
		return err
	}
	sum.Index = block
	if b, err = encode(&sum); err != nil {
		return err
	}
	return writeFile(ctx, blockFile(f.Dir, block), binaryChecksum(b))
}

// add adds parts in the order of their indexes. It refuses more or fewer than there should be.
func add(k kind, parts []part) (part, error) {
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.Index, b.Index) })
	if len(parts) == 0 || len(parts) != parts[0].Count {
		return part{}, fmt.Errorf("beam: the engine brought %d parts of a block together, and not all of it", len(parts))
	}
	sum := parts[0]
	for i, p := range parts[1:] {
		if p.Index == parts[i].Index {
			return part{}, fmt.Errorf("beam: the engine brought the part of shard %d twice", p.Index)
		}
		if sum.Fault != "" {
			break
		}
		if p.Fault != "" {
			sum = p
			break
		}
		var err error
		if sum.Sum, err = k.merge(sum.Sum, p.Sum); fault(err) {
			sum.Fault = err.Error()
		} else if err != nil {
			return part{}, fmt.Errorf("beam: %w", err)
		}
	}
	return sum, nil
}

func fault(err error) bool { return errors.As(err, new(invalidError)) }

func blockFile(dir string, block int) string { return join(dir, fmt.Sprintf("block-%05d", block)) }

// join joins a folder, which may be an address such as gs://bucket/folder, and a name.
func join(dir, name string) string {
	if strings.Contains(dir, "://") {
		return strings.TrimSuffix(dir, "/") + "/" + name
	}
	return filepath.Join(dir, name)
}

// binaryChecksum appends the CRC-32C of b, so that half a file is not taken for a whole one.
func binaryChecksum(b []byte) []byte {
	c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return append(b, byte(c), byte(c>>8), byte(c>>16), byte(c>>24))
}

func checked(b []byte) ([]byte, error) {
	if len(b) >= 4 {
		if body := b[: len(b)-4 : len(b)-4]; bytes.Equal(binaryChecksum(body), b) {
			return body, nil
		}
	}
	return nil, fmt.Errorf("a file of %d bytes with a wrong checksum", len(b))
}

// writeFile writes a file whole or, where the file system can rename, not at all.
func writeFile(ctx context.Context, name string, b []byte) error {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	defer fs.Close()
	_, renames := fs.(filesystem.Renamer)
	to := name
	if renames {
		to = fmt.Sprintf("%s.%s.tmp", name, unique())
	}
	w, err := fs.OpenWrite(ctx, to)
	if err == nil {
		_, err = io.Copy(w, bytes.NewReader(b))
		err = errors.Join(err, w.Close())
	}
	if err == nil && renames {
		err = filesystem.Rename(ctx, fs, to, name)
	}
	if err != nil {
		return fmt.Errorf("beam: writing %s: %w", name, err)
	}
	return nil
}
