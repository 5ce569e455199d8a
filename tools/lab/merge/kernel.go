//go:build unix

package main

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// A result is what became of a cell.
type result struct {
	Outputs []output `json:"outputs"`
	Skipped string   `json:"skipped,omitempty"` // why only the kernel can run it
}

// An output of a cell, in the notebook's format.
type output struct {
	Type     string         `json:"output_type"`
	Name     string         `json:"name,omitempty"`
	Text     string         `json:"text,omitempty"`
	Data     map[string]any `json:"data,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`

	id string
}

// MarshalJSON gives each type of output the fields that it must have.
func (o output) MarshalJSON() ([]byte, error) {
	if o.Type == "stream" {
		return json.Marshal(map[string]any{"output_type": o.Type, "name": o.Name, "text": o.Text})
	}
	metadata := o.Metadata
	if metadata == nil {
		metadata = map[string]any{}
	}
	return json.Marshal(map[string]any{"output_type": o.Type, "data": o.Data, "metadata": metadata})
}

// timeout is for one cell, as the runner with the real kernel has it.
const timeout = 10 * time.Minute

// emulator is the environment variable that says what runs programs for another
// processor, for which GOARCH has them compiled.
const emulator = "DESCENT_EMULATOR"

// kernel is the other end of the pipes.
type kernel struct {
	dir      string // where cells run
	out, in  string // named pipes: from the cell, and to it
	settings []string
}

func newKernel(folder, dir string) (*kernel, error) {
	gob.Register(map[string]any{})
	gob.Register([]any{})
	k := &kernel{dir: dir, out: filepath.Join(folder, "out"), in: filepath.Join(folder, "in")}
	for _, pipe := range []string{k.out, k.in} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			return nil, fmt.Errorf("no named pipe can be made in %s: %w", folder, err)
		}
	}
	scratch := filepath.Join(folder, "scratch")
	if err := os.Mkdir(scratch, 0o777); err != nil {
		return nil, err
	}
	full, err := filepath.Abs(dir)
	k.settings = append(os.Environ(), protocol.GONB_PIPE_ENV+"="+k.out, protocol.GONB_PIPE_BACK_ENV+"="+k.in,
		protocol.GONB_TMP_DIR_ENV+"="+scratch, protocol.GONB_DIR_ENV+"="+full)
	return k, err
}

// run runs one cell: its commands to the shell, then its program.
func (k *kernel) run(program string, c *cell) (result, error) {
	if c.kernel != "" {
		return result{Skipped: c.kernel}, nil
	}
	r := result{Outputs: []output{}}
	for _, line := range c.shell {
		if err := k.start(&r, 0, "/bin/bash", "-c", line); err != nil {
			return r, err
		}
	}
	if !c.runs {
		return r, nil
	}
	command := append(strings.Fields(os.Getenv(emulator)), program)
	return r, k.start(&r, c.number, command...)
}

// start runs a command and adds what it prints and shows to the result.
func (k *kernel) start(r *result, number int, command ...string) error {
	// The reader has a writer from the beginning, so that it does not end before the cell has opened its own.
	fromCell, err := os.OpenFile(k.out, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer fromCell.Close()
	writer, err := os.OpenFile(k.out, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer writer.Close()
	toCell, err := os.OpenFile(k.in, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer toCell.Close()

	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = k.dir
	cmd.Env = append(k.settings, fmt.Sprintf("%s=%d", variable, number))
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr

	done := make(chan error, 1)
	shown := &display{to: gob.NewEncoder(toCell)}
	go func() { done <- shown.listen(fromCell) }()
	err = cmd.Run()
	writer.Close()
	listened := <-done
	r.add("stdout", stdout.String())
	r.add("stderr", stderr.String())
	r.Outputs = append(r.Outputs, shown.outputs...)
	if ctx.Err() != nil {
		return fmt.Errorf("it did not end within %v", timeout)
	}
	if err != nil {
		return fmt.Errorf("%w\n%s%s", err, stdout.String(), stderr.String())
	}
	return listened
}

func (r *result) add(name, text string) {
	if text != "" {
		r.Outputs = append(r.Outputs, output{Type: "stream", Name: name, Text: text})
	}
}

// display collects what a cell shows.
type display struct {
	to      *gob.Encoder
	outputs []output
}

// listen reads what the cell sends until it ends, and answers what must be
// answered.
func (d *display) listen(from io.Reader) error {
	messages := gob.NewDecoder(from)
	for {
		var m protocol.DisplayData
		if err := messages.Decode(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("what the cell sent to the kernel cannot be read: %w", err)
		}
		value, isValue := m.Data[protocol.MIMECommValue].(protocol.CommValue)
		_, isSubscription := m.Data[protocol.MIMECommSubscribe]
		switch {
		case isValue && value.Address == protocol.GonbuiSyncAddress:
			if err := d.to.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: value.Value}); err != nil {
				return err
			}
		case isValue, isSubscription: // a widget speaks to the browser, and there is none
		default:
			d.show(m)
		}
	}
}

// show adds an output, or replaces the one with the same id.
func (d *display) show(m protocol.DisplayData) {
	o := output{Type: "display_data", Data: map[string]any{}, Metadata: m.Metadata, id: m.DisplayID}
	for mime, content := range m.Data {
		o.Data[string(mime)] = content // JSON writes bytes in base64, as the format wants them
	}
	for i := range d.outputs {
		if o.id != "" && d.outputs[i].id == o.id {
			d.outputs[i] = o
			return
		}
	}
	d.outputs = append(d.outputs, o)
}
