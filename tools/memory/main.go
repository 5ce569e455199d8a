// Memory trains on data that are larger than memory, under a limit that the system
// enforces, and writes docs/memory.md. make memory runs it.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/lib/format"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
}

const (
	gigabyte  = 1e9
	agreement = 1e-12 // to which parameters must agree
	share     = 0.8   // of the speed of reading alone that a cold pass must have
)

// settings are those of the command line.
type settings struct {
	small, large float64 // GB: of the file, and of the rows that are made
	limit        uint64  // bytes
	batch        int
	repeat       int // of what is timed
	folder, file string
}

func run() error {
	var s settings
	limit := flag.Float64("limit", 1, "GB of data that a process may have")
	flag.Float64Var(&s.small, "file", 2, "GB of the file that is also read into memory")
	flag.Float64Var(&s.large, "large", 40, "GB of rows that are made as they are asked for")
	flag.IntVar(&s.batch, "batch", 8192, "rows of a batch")
	flag.IntVar(&s.repeat, "repeat", 5, "how often the cold file is read")
	flag.StringVar(&s.folder, "folder", ".lab/memory", "where the file is")
	flag.StringVar(&s.file, "document", "docs/memory.md", "the document to write; empty for none")
	work := flag.String("job", "", "what this process is to do, as JSON; set by the program itself")
	flag.Parse()
	if *work != "" {
		return child(*work)
	}
	s.limit = uint64(*limit * gigabyte)
	text, err := s.measure()
	fmt.Print(text)
	if err != nil || s.file == "" {
		return err
	}
	return format.WriteFile(s.file, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// child does the job and writes the result.
func child(text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	r, err := do(j)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// start does the job in another process.
func start(j job) (r result, err error) {
	text, err := json.Marshal(j)
	if err != nil {
		return r, err
	}
	program, err := os.Executable()
	if err != nil {
		return r, err
	}
	c := exec.Command(program, "-job", string(text))
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		return r, fmt.Errorf("%s: %w: %.500s", j.Task, err, said.String())
	}
	err = json.Unmarshal(out.Bytes(), &r)
	fmt.Fprintf(os.Stderr, "%s: %.1f s, %.0f MB of memory, %d passes\n", j.Task, r.Seconds, float64(r.Own)/1e6, r.Passes)
	return r, err
}

// rowsOf returns an even number of rows that fill the given GB.
func rowsOf(gb float64) int { return int(gb*gigabyte/(8*columns)) &^ 1 }

// writeRows writes the file, unless it is there.
func writeRows(name string, rows int, seed uint64) error {
	if f, err := format.OpenNPY(name); err == nil {
		same := len(f.Shape) == 2 && f.Shape[0] == rows && f.Shape[1] == columns
		if err := f.Close(); err != nil || same {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return format.WriteFile(name, func(w io.Writer) error {
		header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", rows, columns)
		out := bufio.NewWriterSize(w, 1<<20)
		fmt.Fprintf(out, "\x93NUMPY\x01\x00\x76\x00%-117s\n", header)
		theta, one, bytes := truth(), make([]float64, columns), make([]byte, 8*columns)
		for i := range rows {
			row(one, seed, uint64(i), theta)
			for j, v := range one {
				binary.LittleEndian.PutUint64(bytes[8*j:], math.Float64bits(v))
			}
			if _, err := out.Write(bytes); err != nil {
				return err
			}
		}
		return out.Flush()
	})
}

// scientific writes a small number as 1.2·10⁻³.
func scientific(v float64) string {
	if v == 0 {
		return "0"
	}
	mantissa, exponent, _ := strings.Cut(fmt.Sprintf("%.1e", v), "e-0")
	if exponent == "" {
		mantissa, exponent, _ = strings.Cut(mantissa, "e-")
	}
	return mantissa + "·10⁻" + superscript.Replace(exponent)
}

var superscript = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
