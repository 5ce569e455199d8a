// Instructions counts the instructions that an arm64 processor executes for products,
// functions and Adam, with the kernels and in plain Go, and writes a table of
// docs/performance.md. make instructions runs it: QEMU emulates the processor, so that
// what cannot be timed on another machine can be counted.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/descent-go/descent/tools/document"
)

// A line of the table is a task of one size. Instructions are counted for each unit of its work.
type line struct {
	task, what, unit string
	size             int
	units            int // of the work
}

// lines returns all lines.
func lines() []line {
	var all []line
	for _, bits := range []string{"64", "32"} {
		for _, n := range []int{64, 128, 256} {
			all = append(all, line{"product" + bits, fmt.Sprintf("product of %d×%d×%d, float%s", n, n, n, bits), "multiply-add", n, n * n * n})
		}
		all = append(all, line{"layer" + bits, "product of 64×512×512, float" + bits, "multiply-add", 512, 64 * 512 * 512})
	}
	all = append(all,
		line{"ten64", "product of 128×784×10, float64", "multiply-add", 784, 128 * 784 * 10},
		line{"vector64", "matrix of 256×256 and vector, float64", "multiply-add", 256, 256 * 256})
	for _, name := range []string{"exp", "sigmoid", "tanh"} {
		for _, bits := range []string{"64", "32"} {
			all = append(all, line{name + bits, name + ", float" + bits, "number", 10000, 10000})
		}
	}
	return append(all, line{"adam64", "a step of Adam, float64", "parameter", 10000, 10000})
}

func main() {
	folder := flag.String("folder", ".lab/instructions", "where the programs neon and plain are")
	emulator := flag.String("emulator", "qemu-aarch64", "QEMU's for programs of arm64")
	file := flag.String("file", "docs/performance.md", "the document with the table; empty for none")
	flag.Parse()
	if err := run(*emulator, *folder, *file); err != nil {
		fmt.Fprintln(os.Stderr, "instructions:", err)
		os.Exit(1)
	}
}

func run(emulator, folder, file string) error {
	table := "| work | instructions for each | kernel | plain Go | fewer |\n|---|---|---|---|---|\n"
	for _, l := range lines() {
		var each [2]float64
		for i, program := range []string{"neon", "plain"} {
			n, err := l.count(emulator, filepath.Join(folder, program))
			if err != nil {
				return fmt.Errorf("%s, %s: %w", program, l.what, err)
			}
			each[i] = float64(n) / float64(l.units)
		}
		row := fmt.Sprintf("| %s | %s | %.2f | %.2f | %.1f times |\n", l.what, l.unit, each[0], each[1], each[1]/each[0])
		fmt.Print(row)
		table += row
	}
	if file == "" {
		return nil
	}
	return document.Fill(file, map[string]string{"instructions": table})
}

// count returns how many instructions a repetition takes: what a run with two has more
// than one with one. The first is left out, since it has buffers to make.
func (l line) count(emulator, program string) (int, error) {
	var total [2]int
	for i := range total {
		var err error
		if total[i], err = instructions(emulator, program, l.task, strconv.Itoa(l.size), strconv.Itoa(i+1)); err != nil {
			return 0, err
		}
	}
	return total[1] - total[0], nil
}

// instructions counts what a program executes beside Go's runtime, whose threads look after
// the program for as long as it takes. QEMU says which instructions
// each of its blocks has when it translates it, and the address of each block that it
// executes.
func instructions(emulator, program string, args ...string) (int, error) {
	log, err := os.CreateTemp("", "blocks")
	if err != nil {
		return 0, err
	}
	_ = log.Close()
	defer func() { _ = os.Remove(log.Name()) }()
	_ = os.Remove(log.Name()) // only the name is needed
	if err := exec.Command("mkfifo", log.Name()).Run(); err != nil {
		return 0, err
	}
	c := exec.Command(emulator, append([]string{"-d", "in_asm,exec,nochain", "-D", log.Name(), program}, args...)...)
	c.Env = append(os.Environ(), "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	var message bytes.Buffer
	c.Stderr = &message
	if err := c.Start(); err != nil {
		return 0, err
	}
	pipe, err := os.Open(log.Name())
	if err != nil {
		return 0, err
	}
	n, err := sum(pipe)
	_ = pipe.Close()
	if waited := c.Wait(); waited != nil {
		return 0, fmt.Errorf("%w: %s", waited, message.String())
	}
	return n, err
}

// sum reads the log. A block is listed after "IN: function", one line for each instruction
// that begins with its address, and executed in lines such as
// "Trace 0: 0x7f6c48000100 [0000000000000000/0000000000011000/00000000/ff000000] function".
func sum(log io.Reader) (total int, err error) {
	length := map[uint64]int{} // of the block at an address
	var block uint64
	var other bool // the block is the runtime's
	r := bufio.NewReaderSize(log, 1<<20)
	for {
		text, err := r.ReadSlice('\n')
		switch {
		case err == io.EOF:
			return total, nil
		case err != nil:
			return 0, err
		}
		switch {
		case bytes.HasPrefix(text, []byte("Trace")):
			address, err := executed(text)
			if err != nil {
				return 0, err
			}
			total += length[address]
		case bytes.HasPrefix(text, []byte("IN:")):
			block, other = 0, bytes.Contains(text, []byte("runtime"))
		case bytes.HasPrefix(text, []byte("0x")):
			end := bytes.IndexByte(text, ':')
			if end < 0 {
				return 0, fmt.Errorf("a line without an address: %q", text)
			}
			address, err := strconv.ParseUint(string(text[2:end]), 16, 64)
			if err != nil {
				return 0, err
			}
			if block == 0 {
				block = address
				length[block] = 0
			}
			if !other {
				length[block]++
			}
		}
	}
}

// executed returns the address of a block.
func executed(text []byte) (uint64, error) {
	_, rest, ok := bytes.Cut(text, []byte("/"))
	address, _, closed := bytes.Cut(rest, []byte("/"))
	if !ok || !closed {
		return 0, fmt.Errorf("a line without an address: %q", text)
	}
	return strconv.ParseUint(string(address), 16, 64)
}
