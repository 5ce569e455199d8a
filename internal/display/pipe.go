//go:build !js

package display

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// The environment variables in which GoNB names its pipes.
const (
	toKernel   = "GONB_PIPE"
	fromKernel = "GONB_PIPE_BACK"
)

// Notebook reports whether the program runs in a notebook cell.
func Notebook() bool { return os.Getenv(toKernel) != "" }

// A connection is the program's end of the pipes.
type connection struct {
	mu        sync.Mutex
	out       *os.File
	err       error
	told      bool // the error
	in        *os.File
	syncs     int
	answered  map[int]chan struct{}
	receivers map[string]func(text string)
}

// open opens the pipe to the kernel, once.
var open = sync.OnceValue(func() *connection {
	c := &connection{answered: map[int]chan struct{}{}, receivers: map[string]func(string){}}
	if c.out, c.err = os.OpenFile(os.Getenv(toKernel), os.O_WRONLY, 0); c.err != nil {
		return c
	}
	for _, m := range encoder.Types() { // one by one: the kernel's guard takes a write for a message
		if _, c.err = c.out.Write(m); c.err != nil {
			break
		}
	}
	return c
})

// write sends a message and reports whether it could. The first error is said on
// standard error: the program can do without the notebook.
func (c *connection) write(message []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		_, c.err = c.out.Write(message)
	}
	if c.err != nil && !c.told {
		c.told = true
		fmt.Fprintln(os.Stderr, "display: the notebook's kernel takes nothing:", c.err)
	}
	return c.err == nil
}

// Show shows data in the cell.
func Show(d Data) { open().write(encoder.Message(d)) }

// Sync waits until the kernel has read everything shown, so that it keeps its place
// in the printed output. After [Listen], Sync waits for the kernel's answer.
// Without Listen it reads nothing from the kernel: GoNB's package in the same
// program may read too, and two readers of a pipe take messages from each other.
func Sync() {
	c := open()
	c.mu.Lock()
	if c.in == nil {
		c.mu.Unlock()
		c.drain()
		return
	}
	answered := make(chan struct{})
	c.syncs++
	n := c.syncs
	c.answered[n] = answered
	c.mu.Unlock()
	if c.write(encoder.Message(Data{Content: map[string]any{commValue: value{"#gonbui/sync", n}}})) {
		<-answered
	}
}

// drain waits until the pipe is empty, but not for ever.
func (c *connection) drain() {
	for end := time.Now().Add(time.Second); c.out != nil && unread(c.out) && time.Now().Before(end); {
		time.Sleep(100 * time.Microsecond)
	}
}

// Listen calls receive with each text that the notebook's page sends to an address.
// It returns an error if the program contains GoNB's package, which receives them
// instead.
func Listen(address string, receive func(text string)) error {
	if info, ok := debug.ReadBuildInfo(); ok && slices.ContainsFunc(info.Deps, func(m *debug.Module) bool { return m.Path == gonb }) {
		return errors.New("display: a program that uses GoNB's package gonbui cannot also hear the page in another way")
	}
	c := open()
	c.mu.Lock()
	if c.in == nil {
		in, err := os.Open(os.Getenv(fromKernel))
		if err != nil {
			c.mu.Unlock()
			return fmt.Errorf("display: %w", err)
		}
		c.in = in
		go c.listen(in)
	}
	c.receivers[address] = receive
	c.mu.Unlock()
	c.write(encoder.Message(Data{Content: map[string]any{commSubscribe: subscription(address)}}))
	return nil
}

// listen reads what the kernel says until it ends.
func (c *connection) listen(in *os.File) {
	d := decoder{in: bufio.NewReader(in)}
	for {
		v, err := d.next()
		c.mu.Lock()
		if err != nil { // nobody answers any more
			for _, answered := range c.answered {
				close(answered)
			}
			c.in, c.answered = nil, map[int]chan struct{}{}
			c.mu.Unlock()
			return
		}
		receiver := c.receivers[v.address]
		if n, ok := v.content.(int); ok && v.address == "#gonbui/sync_ack" && c.answered[n] != nil {
			close(c.answered[n])
			delete(c.answered, n)
		}
		c.mu.Unlock()
		if text, ok := v.content.(string); ok && receiver != nil {
			go receiver(text) // it may show something and wait
		}
	}
}
