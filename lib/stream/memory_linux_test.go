package stream_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/stream"
	"github.com/descent-go/descent/lib/train"
)

const (
	largeRows = 1 << 20 // of 32 numbers: 256 MB
	largeCols = 32
	room      = 128 << 20 // bytes that a process may use beyond what Go's runtime has at its start
	workEnv   = "DESCENT_STREAM_TEST"
)

// works are what a process does with the file, all of whose rows it needs.
var works = map[string]func(file string) error{
	"train.Stream": func(file string) error {
		_, err := train.Stream(context.Background(), model.NewLinear(largeCols-1, 1), stream.Shuffle(stream.NPY{X: file}.Batches(4096), 16384, 4096, 1),
			train.Options{Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.1), Epochs: 2})
		return err
	},
	"solve.StreamLeastSquares": func(file string) error {
		report, err := solve.StreamLeastSquares(model.NewLinear(largeCols-1, 1), stream.NPY{X: file}.Batches(4096), solve.StreamOptions{Refinements: 1})
		if err == nil && report.Rows != largeRows {
			err = fmt.Errorf("%d rows were read", report.Rows)
		}
		return err
	},
	"format.ReadNPY": func(file string) error { // which needs more memory than there is
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = format.ReadNPY(f, largeRows*largeCols)
		return err
	},
}

// TestMain does the work that a parent asks for, under a limit.
func TestMain(m *testing.M) {
	parts := strings.SplitN(os.Getenv(workEnv), " ", 3)
	if len(parts) < 3 {
		os.Exit(m.Run())
	}
	bytes, err := strconv.ParseUint(parts[1], 10, 64)
	if err == nil {
		err = limit(bytes)
	}
	if err == nil {
		err = works[parts[0]](parts[2])
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("done")
	os.Exit(0)
}

// limit lets the data of the process grow by bytes at the most. Mapped files do not count.
func limit(bytes uint64) error {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, after, found := strings.Cut(string(text), "VmData:")
	if !found {
		return errors.New("there is no VmData in /proc/self/status")
	}
	var kilobytes uint64
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		return err
	}
	most := kilobytes<<10 + bytes
	return unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: most, Max: most})
}

// TestLargerThanMemory streams a file of 256 MB with 128 MB of memory. Reading the file
// into memory fails there, and works with 2 GB, which shows that the limit holds.
func TestLargerThanMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes a file of 256 MB")
	}
	file := filepath.Join(t.TempDir(), "large.npy")
	if err := format.WriteFile(file, writeLarge); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(name string, bytes int) (string, error) {
		c := exec.Command(program)
		c.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", workEnv, name, bytes, file), "GOMAXPROCS=2", "GOGC=50")
		out, err := c.CombinedOutput()
		return string(out), err
	}
	for _, name := range []string{"train.Stream", "solve.StreamLeastSquares"} {
		if out, err := run(name, room); err != nil || out != "done\n" {
			t.Errorf("%s: %v, output %.500s", name, err, out)
		}
	}
	// A Go program without memory ends in one of several ways.
	if out, err := run("format.ReadNPY", room); err == nil {
		if runtime.GOARCH != "amd64" {
			t.Skip("the limit does not hold: an emulator of this processor does not have it")
		}
		t.Errorf("the limit does not hold: format.ReadNPY has output %.500s", out)
	}
	if out, err := run("format.ReadNPY", 15*room); err != nil || out != "done\n" {
		t.Errorf("format.ReadNPY with much memory: %v, output %.500s", err, out)
	}
}

// writeLarge writes rows of small whole numbers, the last of which is the target.
func writeLarge(w io.Writer) error {
	header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", largeRows, largeCols)
	header += strings.Repeat(" ", 117-len(header)) + "\n"
	if _, err := fmt.Fprintf(w, "\x93NUMPY\x01\x00\x76\x00%s", header); err != nil {
		return err
	}
	var block []byte
	for row := range largeRows {
		for col := range largeCols {
			block = binary.LittleEndian.AppendUint64(block, math.Float64bits(float64((row*(2*col+3)^row>>3)%17)))
		}
		if row%4096 == 4095 {
			if _, err := w.Write(block); err != nil {
				return err
			}
			block = block[:0]
		}
	}
	return nil
}
