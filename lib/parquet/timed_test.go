package parquet_test

import (
	"path/filepath"
	"strconv"
	"testing"

	pq "github.com/parquet-go/parquet-go"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/parquet"
)

// folder is where the benchmarks write.
var folder string

// files makes a benchmark of reading a file of n rows of 7 columns.
func files(run func(f parquet.File) error) func(n int) func() {
	return func(n int) func() {
		name := filepath.Join(folder, strconv.Itoa(n)+".parquet")
		if err := pq.WriteFile(name, flats(n), pq.MaxRowsPerRowGroup(10_000)); err != nil {
			panic(err)
		}
		return func() {
			if err := run(parquet.File{Name: name, Targets: []string{"rent"}, Features: []string{"rooms", "area", "share"}}); err != nil {
				panic(err)
			}
		}
	}
}

var benchmarks = timed.List{
	"File.Tables": files(func(f parquet.File) error {
		for _, err := range f.Tables() {
			if err != nil {
				return err
			}
		}
		return nil
	}),
	"File.Batches": files(func(f parquet.File) error {
		for _, err := range f.Batches(64)(1) {
			if err != nil {
				return err
			}
		}
		return nil
	}),
}

func BenchmarkParquet(b *testing.B) {
	folder = b.TempDir()
	benchmarks.Run(b)
}

// TestAllOfParquetIsTimed: what is read has a benchmark at three sizes.
func TestAllOfParquetIsTimed(t *testing.T) {
	folder = t.TempDir()
	benchmarks.Check(t)
	benchmarks.Once()
}
