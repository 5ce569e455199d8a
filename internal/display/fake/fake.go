//go:build unix

// Package fake is the kernel's side of package display, for tests: it keeps what is
// shown and answers. It has GoNB's types again, since a program with GoNB's own
// package leaves the answers to that one.
package fake

import (
	"encoding/gob"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/descent-go/descent/internal/display"
)

// A Message is GoNB's DisplayData.
type Message struct {
	Data      map[string]any
	Metadata  map[string]any
	DisplayID string
}

type commValue struct {
	Address string
	Request bool
	Value   any
}

type commSubscription struct {
	Address     string
	Unsubscribe bool
}

func init() {
	gob.Register(map[string]any{})
	gob.RegisterName("github.com/janpfeifer/gonb/gonbui/protocol.CommValue", commValue{})
	gob.RegisterName("github.com/janpfeifer/gonb/gonbui/protocol.CommSubscription", commSubscription{})
}

// A Kernel is the other end of the pipes.
type Kernel struct {
	dir, to, from string
	ended         chan struct{} // a run

	mu       sync.Mutex
	encoder  *gob.Encoder
	messages []Message
	failure  error
	heard    func(Message)
}

// Start returns the one kernel of a test's process, since package display has one
// connection.
var Start = sync.OnceValues(func() (*Kernel, error) {
	dir, err := os.MkdirTemp("", "kernel")
	if err != nil {
		return nil, err
	}
	k := &Kernel{dir: dir, ended: make(chan struct{}, 1), to: filepath.Join(dir, "to"), from: filepath.Join(dir, "from")}
	for _, pipe := range []string{k.to, k.from} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			return nil, err
		}
	}
	go k.serve()
	return k, nil
})

// Main runs a package's tests and removes the pipes, for TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if k, err := Start(); err == nil {
		os.RemoveAll(k.dir)
	}
	os.Exit(code)
}

func (k *Kernel) serve() {
	in, err := os.Open(k.to)
	if err != nil {
		k.fail(err)
		return
	}
	out, err := os.OpenFile(k.from, os.O_RDWR, 0) // does not wait for a reader
	if err != nil {
		k.fail(err)
		return
	}
	k.encoder = gob.NewEncoder(out)
	decoder := gob.NewDecoder(in)
	for {
		var m Message
		if err := decoder.Decode(&m); err != nil {
			k.fail(err)
			return
		}
		k.receive(m)
	}
}

func (k *Kernel) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failure = err
	close(k.ended)
}

// last is the ID of what ends a run.
const last = "end"

func (k *Kernel) receive(m Message) {
	if sync, ok := m.Data["gonb/comm_value"].(commValue); ok {
		k.Say("#gonbui/sync_ack", sync.Value)
		return
	}
	if m.DisplayID == last {
		k.ended <- struct{}{}
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.messages = append(k.messages, m)
	if k.heard != nil {
		k.heard(m)
	}
}

// Say sends a value to the program, as the page does.
func (k *Kernel) Say(address string, value any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.encoder.Encode(&commValue{Address: address, Value: value})
}

// Run returns what f shows in a notebook. If heard is not nil it is called with each
// message before the kernel takes the next.
func (k *Kernel) Run(f func(), heard func(Message)) ([]Message, error) {
	for name, value := range map[string]string{"GONB_PIPE": k.to, "GONB_PIPE_BACK": k.from} {
		os.Setenv(name, value)
		defer os.Unsetenv(name)
	}
	k.mu.Lock()
	k.messages, k.heard = nil, heard
	k.mu.Unlock()
	f()
	display.Show(display.Data{ID: last})
	<-k.ended
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.messages, k.failure
}
