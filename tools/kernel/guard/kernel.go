package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/descent-go/descent/internal/cell"
)

// A connection is what Jupyter's connection file says.
type connection struct {
	Transport string `json:"transport"`
	IP        string `json:"ip"`
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	Stdin     int    `json:"stdin_port"`
	IOPub     int    `json:"iopub_port"`
	Heartbeat int    `json:"hb_port"`
	Key       string `json:"key"`
	Scheme    string `json:"signature_scheme"`
	Name      string `json:"kernel_name,omitempty"`
}

func (c connection) address(port int) string {
	if c.Transport == "ipc" {
		return fmt.Sprintf("ipc://%s-%d", c.IP, port)
	}
	return fmt.Sprintf("tcp://%s:%d", c.IP, port)
}

// A socket is one that several goroutines write to.
type socket struct {
	zmq4.Socket
	mu sync.Mutex
}

func (s *socket) send(frames [][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.SendMulti(zmq4.NewMsgFrom(frames...))
}

// A kernel is the guard's whole state. Front is what Jupyter connects to, back is GoNB.
type kernel struct {
	settings
	connection connection
	key        []byte

	dir, standin, tools string
	program             string // GoNB's
	lock                *os.File
	gonb                *os.Process
	gonbEnded           chan error
	watchdog            io.WriteCloser
	quit                chan struct{}
	quitOnce            sync.Once

	shell, control, stdin, iopub, heartbeat socket // front
	backShell, backStdin, backIOPub         socket

	requests chan *message // to execute
	info     chan struct{} // closed when kernelInfo is known
	infoOnce sync.Once
	infoText []byte

	mu          sync.Mutex
	memory      cell.Memory
	run_        *run      // the cell that runs
	abortBefore time.Time // requests that came before are not run
	arrived     map[string]time.Time
	clients     map[string]*message // requests forwarded to GoNB, by id
	imports     importCache
	programs    programCache
	gopls       gopls
}

// listen opens the sockets that Jupyter connects to.
func (k *kernel) listen() error {
	k.key = []byte(k.connection.Key)
	k.quit = make(chan struct{})
	k.info = make(chan struct{})
	k.requests = make(chan *message, 100_000)
	k.clients = map[string]*message{}
	k.arrived = map[string]time.Time{}
	ctx := context.Background()
	k.shell.Socket = zmq4.NewRouter(ctx)
	k.control.Socket = zmq4.NewRouter(ctx)
	k.stdin.Socket = zmq4.NewRouter(ctx)
	k.iopub.Socket = zmq4.NewPub(ctx)
	k.heartbeat.Socket = zmq4.NewRep(ctx)
	c := k.connection
	for _, s := range []struct {
		socket *socket
		port   int
	}{{&k.shell, c.Shell}, {&k.control, c.Control}, {&k.stdin, c.Stdin}, {&k.iopub, c.IOPub}, {&k.heartbeat, c.Heartbeat}} {
		if err := s.socket.Listen(c.address(s.port)); err != nil {
			return err
		}
	}
	return nil
}

// innerConnection writes the connection file for GoNB: Unix sockets in the folder of
// this kernel, and the same key, so that what passes unchanged keeps its signature.
func (k *kernel) innerConnection(path string) error {
	inner := connection{"ipc", filepath.Join(k.dir, "z"), 1, 2, 3, 4, 5, k.connection.Key, k.connection.Scheme, k.connection.Name}
	data, err := json.Marshal(inner)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// serve connects to GoNB and starts all that goes on until the end.
func (k *kernel) serve() {
	ctx := context.Background()
	inner := connection{Transport: "ipc", IP: filepath.Join(k.dir, "z")}
	id := zmq4.WithID(zmq4.SocketIdentity("guard")) // GoNB answers on stdin to the identity that asked on shell
	k.backShell.Socket = zmq4.NewDealer(ctx, id, zmq4.WithDialerRetry(5*time.Millisecond), zmq4.WithDialerMaxRetries(-1))
	k.backStdin.Socket = zmq4.NewDealer(ctx, id, zmq4.WithDialerRetry(5*time.Millisecond), zmq4.WithDialerMaxRetries(-1))
	k.backIOPub.Socket = zmq4.NewSub(ctx, zmq4.WithDialerRetry(5*time.Millisecond), zmq4.WithDialerMaxRetries(-1))
	go k.echo()
	go k.loop(&k.control, k.onControl)
	go k.loop(&k.shell, k.onShell)
	go k.loop(&k.stdin, k.onStdin)
	go func() {
		for _, s := range []struct {
			socket *socket
			port   int
		}{{&k.backIOPub, 4}, {&k.backStdin, 3}, {&k.backShell, 1}} {
			if err := s.socket.Dial(inner.address(s.port)); err != nil {
				fmt.Fprintln(os.Stderr, "guard:", err)
				k.end()
				return
			}
		}
		k.backIOPub.SetOption(zmq4.OptionSubscribe, "")
		go k.loop(&k.backShell, k.onReply)
		go k.loop(&k.backStdin, k.onAsk)
		go k.loop(&k.backIOPub, k.onPublished)
		k.askInfo()
		go k.execute()
	}()
}

func (k *kernel) end() { k.quitOnce.Do(func() { close(k.quit) }) }

// echo is the heartbeat.
func (k *kernel) echo() {
	for {
		m, err := k.heartbeat.Recv()
		if err != nil {
			return
		}
		k.heartbeat.Send(m)
	}
}

// loop handles the messages of a socket.
func (k *kernel) loop(s *socket, handle func(*message)) {
	for {
		z, err := s.Recv()
		if err != nil {
			select {
			case <-k.quit:
				return
			case <-time.After(10 * time.Millisecond):
				continue
			}
		}
		m, err := read(z.Frames, k.key)
		if err != nil {
			fmt.Fprintln(os.Stderr, "guard:", err)
			continue
		}
		handle(m)
	}
}

// publish sends a message to everybody.
func (k *kernel) publish(m *message) {
	p := *m
	p.identities = [][]byte{[]byte(p.kind)}
	k.iopub.send(p.frames(k.key))
}

func (k *kernel) status(parent *message, state string) {
	k.publish(parent.answer("status", map[string]any{"execution_state": state}))
}

// reply answers a request that the guard handles itself, with the states around it. A
// client that shows the last state must see that a cell still runs.
func (k *kernel) reply(s *socket, m *message, kind string, content any) {
	k.status(m, "busy")
	s.send(m.answer(kind, content).frames(k.key))
	k.status(m, "idle")
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.run_ != nil {
		k.status(k.run_.request, "busy")
	}
}

// onControl handles what goes ahead of the queue.
func (k *kernel) onControl(m *message) {
	switch m.kind {
	case "interrupt_request":
		k.stop()
		k.reply(&k.control, m, "interrupt_reply", map[string]any{"status": "ok"})
	case "shutdown_request":
		var c struct {
			Restart bool `json:"restart"`
		}
		json.Unmarshal(m.content, &c)
		k.reply(&k.control, m, "shutdown_reply", map[string]any{"status": "ok", "restart": c.Restart})
		k.publish(m.answer("shutdown_reply", map[string]any{"status": "ok", "restart": c.Restart}))
		time.Sleep(20 * time.Millisecond) // the sockets send in the background
		k.end()
	case "kernel_info_request":
		go func() {
			<-k.info
			k.reply(&k.control, m, "kernel_info_reply", json.RawMessage(k.infoText))
		}()
	default:
		k.forward(m)
	}
}

// onShell sorts the requests.
func (k *kernel) onShell(m *message) {
	switch m.kind {
	case "execute_request":
		k.mu.Lock()
		k.arrived[m.id] = time.Now()
		k.mu.Unlock()
		k.requests <- m
	case "kernel_info_request":
		go func() {
			<-k.info
			k.reply(&k.shell, m, "kernel_info_reply", json.RawMessage(k.infoText))
		}()
	case "shutdown_request":
		k.onControl(m)
	case "is_complete_request":
		var c struct{ Code string }
		json.Unmarshal(m.content, &c)
		answer := map[string]any{"status": cell.Read(c.Code).Complete()}
		if answer["status"] == "incomplete" {
			answer["indent"] = "\t"
		}
		k.reply(&k.shell, m, "is_complete_reply", answer)
	case "history_request":
		k.reply(&k.shell, m, "history_reply", map[string]any{"status": "ok", "history": []any{}})
	case "complete_request":
		go func() { k.reply(&k.shell, m, "complete_reply", k.complete(m)) }()
	case "inspect_request":
		go func() { k.reply(&k.shell, m, "inspect_reply", k.inspect(m)) }()
	default:
		k.forward(m)
	}
}

// forward passes a request to GoNB, and remembers who asked.
func (k *kernel) forward(m *message) {
	k.mu.Lock()
	k.clients[m.id] = m
	if len(k.clients) > 10_000 { // some are never answered
		k.clients = map[string]*message{m.id: m}
	}
	k.mu.Unlock()
	inner := *m
	inner.identities = nil
	k.backShell.send(inner.frames(k.key))
}

// onReply passes GoNB's replies to who asked.
func (k *kernel) onReply(m *message) {
	if m.kind == "kernel_info_reply" {
		k.setInfo(m)
		return
	}
	k.mu.Lock()
	request, r := k.clients[m.parentID], k.run_
	delete(k.clients, m.parentID)
	k.mu.Unlock()
	if r != nil && m.parentID == r.request.id && m.kind == "execute_reply" {
		r.replied <- m
		return
	}
	if request == nil {
		return
	}
	m.identities = request.identities
	k.shell.send(m.frames(k.key))
}

// askInfo asks GoNB for what it says of itself.
func (k *kernel) askInfo() {
	m := (&message{session: newID(), header: []byte("{}")}).answer("kernel_info_request", map[string]any{})
	m.identities = nil
	k.backShell.send(m.frames(k.key))
}

// setInfo keeps what GoNB says of itself, with the guard's name.
func (k *kernel) setInfo(m *message) {
	var info map[string]any
	if json.Unmarshal(m.content, &info) != nil {
		return
	}
	version := gonbVersion(k.program)
	info["implementation"] = "guard+gonb"
	info["implementation_version"] = guardVersion + "+" + version
	info["banner"] = fmt.Sprintf("Go kernel: GoNB %s behind the guard %s", version, guardVersion)
	info["status"] = "ok"
	info["supported_features"] = []string{}
	if l, ok := info["language_info"].(map[string]any); ok {
		l["codemirror_mode"], l["pygments_lexer"] = "go", "go"
		if v, ok := l["version"].(string); ok {
			l["version"] = strings.TrimPrefix(v, "go")
		}
	}
	k.infoOnce.Do(func() {
		k.infoText, _ = json.Marshal(info)
		close(k.info)
	})
}

// died says that GoNB has ended, in the cell that ran.
func (k *kernel) died() {
	k.mu.Lock()
	r := k.run_
	k.mu.Unlock()
	if r != nil {
		text := k.words.Say("kernel-died")
		k.publish(r.request.answer("error", map[string]any{"ename": "kernel", "evalue": text, "traceback": []string{text}}))
	}
	time.Sleep(50 * time.Millisecond)
}
