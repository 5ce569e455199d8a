package format_test

import (
	"io"
	"path/filepath"

	"github.com/descent-go/descent/lib/format"
)

func init() {
	benchmarks["NPYFile.Slice"] = func(n int) func() {
		x := timedTensor(n)
		x.Type = format.Float32 // float64s are only mapped
		name := filepath.Join(folder, "slice.npy")
		noError(format.WriteFile(name, func(w io.Writer) error { return format.WriteNPY(w, x) }))
		buffer := make([]float64, len(x.Data))
		return func() {
			f, err := format.OpenNPY(name)
			noError(err)
			_, err = f.Slice(0, f.Len(), buffer)
			noError(err)
			noError(f.Close())
		}
	}
}
