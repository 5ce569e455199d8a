// Package display shows data in the cell of a notebook. It speaks the protocol of the
// kernel GoNB without GoNB's own packages, which would make the program of each cell
// that draws larger: messages in the format of encoding/gob, over two named pipes.
package display

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Data is what Jupyter's message display_data holds.
type Data struct {
	Content  map[string]any // by MIME type, each a string or a []byte
	Metadata map[string]any // of strings, ints and such maps
	ID       string         // of an element that the next data with the ID replaces, or ""
}

// MIME types of Data.
const (
	HTML = "text/html"
	Text = "text/plain"
	PNG  = "image/png"
)

// The environment variables in which GoNB names its pipes.
const (
	toKernel   = "GONB_PIPE"
	fromKernel = "GONB_PIPE_BACK"
)

// Notebook tells whether the program is that of a cell.
func Notebook() bool { return os.Getenv(toKernel) != "" }

// NewID returns an ID that no other element has.
func NewID() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }

// encoder has numbers that encoding/gob, which counts from 64, does not get to.
const encoder Encoder = 100_000

// A connection is the program's end of the pipes.
type connection struct {
	out, in *os.File
	err     error
	told    bool // the error

	mu        sync.Mutex
	syncs     int
	answered  map[int]chan struct{}
	receivers map[string]func(text string)
}

// open opens the pipes, once.
var open = sync.OnceValue(func() *connection {
	c := &connection{answered: map[int]chan struct{}{}, receivers: map[string]func(string){}}
	if c.out, c.err = os.OpenFile(os.Getenv(toKernel), os.O_WRONLY, 0); c.err != nil {
		return c
	}
	for _, m := range encoder.Types() { // one by one: the kernel's guard takes a write for a message
		if _, c.err = c.out.Write(m); c.err != nil {
			return c
		}
	}
	if withGoNB() {
		return c
	}
	if c.in, c.err = os.Open(os.Getenv(fromKernel)); c.err == nil {
		go c.listen()
	}
	return c
})

// withGoNB tells whether the program also contains GoNB's package, which then reads
// the pipe from the kernel: two readers would take messages from each other.
var withGoNB = func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.ContainsFunc(info.Deps, func(m *debug.Module) bool { return m.Path == "github.com/janpfeifer/gonb" })
}

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

// Sync waits until the kernel has taken all that was shown, so that it keeps its place
// among what is printed. In a program that contains GoNB's own package, whose answer
// that would be, it waits until the pipe is empty, where the system can tell.
func Sync() {
	c := open()
	answered := make(chan struct{})
	c.mu.Lock()
	if c.in == nil || c.err != nil {
		c.mu.Unlock()
		for range 1000 {
			if c.out == nil || unread(c.out) == 0 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		return
	}
	c.syncs++
	n := c.syncs
	c.answered[n] = answered
	c.mu.Unlock()
	if c.write(encoder.Message(Data{Content: map[string]any{commValue: value{"#gonbui/sync", n}}})) {
		<-answered
	}
}

// Listen calls receive with each text that the notebook's page sends to an address. It
// returns an error if the program contains GoNB's own package, which takes them.
func Listen(address string, receive func(text string)) error {
	c := open()
	c.mu.Lock()
	if c.in == nil {
		c.mu.Unlock()
		return errors.Join(errors.New("display: the program cannot hear the page: does it use GoNB's own package gonbui?"), c.err)
	}
	c.receivers[address] = receive
	c.mu.Unlock()
	c.write(encoder.Message(Data{Content: map[string]any{commSubscribe: subscription(address)}}))
	return nil
}

// listen reads what the kernel says until it ends.
func (c *connection) listen() {
	d := decoder{in: bufio.NewReader(c.in)}
	for {
		v, err := d.next()
		c.mu.Lock()
		if err != nil { // nobody answers any more
			for _, answered := range c.answered {
				close(answered)
			}
			c.in, c.answered = nil, nil
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
