package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/descent-go/descent/internal/cell"
	"github.com/descent-go/descent/internal/display"
	"github.com/descent-go/descent/tools/kernel/wire"
)

// What a program writes goes to the guard. GoNB gets marks instead, each with a
// number, and sends them on among its other messages, so that the guard knows where
// in their order a piece belongs. What goes to stderr passes through GoNB, which
// knows the cells of a panic's lines, with a mark behind it.
var marker = regexp.MustCompile("\x00g([0-9]+)\x00")

// Displays have their mark in a message like theirs, in numbers of types that no other
// encoder of GoNB's pipe has.
const (
	displayMarks display.Encoder = 200_000
	displayMark                  = "guard/mark"
)

// A chunk is a piece of output that waits for its mark.
type chunk struct {
	text string
	seen chan struct{}
}

// launch answers the program that GoNB started for a cell.
func (k *kernel) launch(r *run, request wire.Request) wire.Reply {
	program := request.Dir + ".run"
	if r == nil || len(request.Args) != 1 || request.Args[0] != strconv.Itoa(k.gonb.Pid) || len(request.FDs) != 3 {
		return wire.Reply{Status: wire.Direct, Args: []string{program}}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stops > 0 {
		return wire.Reply{Status: wire.Refuse}
	}
	r.program, _ = os.FindProcess(request.Pid)
	reply := wire.Reply{Args: []string{program}}
	if k.settings.memory > 0 {
		limit := k.settings.memory
		reply.Args = append(reply.Args, fmt.Sprint("GUARD_LIMIT=", limit+limit/8+256<<20))
		if env(request, "GOMEMLIMIT") == "" {
			reply.Args = append(reply.Args, fmt.Sprint("GOMEMLIMIT=", limit/10*9))
		}
		go k.watchMemory(r, request.Pid)
	}
	if r.cell.Has("%capture") { // GoNB copies the bytes into a file
		reply.Status = wire.Direct
		return reply
	}
	p, err := k.newPump(r, request)
	if err != nil {
		fmt.Fprintln(os.Stderr, "guard:", err)
		reply.Status = wire.Direct
		return reply
	}
	reply.FDs = p.theirs()
	if p.displayPath != "" {
		reply.Args = append(reply.Args, "GONB_PIPE="+p.displayPath)
	}
	go p.run()
	return reply
}

// watchMemory ends a program that uses more memory than allowed.
func (k *kernel) watchMemory(r *run, pid int) {
	for {
		select {
		case <-r.done:
			return
		case <-time.After(50 * time.Millisecond):
		}
		if residentMemory(pid) > k.settings.memory {
			r.mu.Lock()
			r.over = true
			r.program.Kill()
			r.mu.Unlock()
			return
		}
	}
}

// A pump moves what a program writes.
type pump struct {
	k           *kernel
	r           *run
	pid         int
	folder      string
	files       [3]*os.File // what the program writes to, by stream, then closed here
	in          [3]int      // where the pump reads: stdout, stderr, displays
	inputRead   *os.File    // for the program
	inputWrite  *os.File
	gonb        [3]*os.File // GoNB's ends: standard input, output, error
	display     *os.File    // GoNB's pipe for displays, once opened
	unmarked    bool        // something was written there, and no mark
	displayPath string
	gonbDisplay string
	rest        [2][]byte // halves of letters
	printed     int64
	cut         bool
	next        int // number of a chunk
	pending     chan struct{}
	order       *order
	buffer      []byte
	queue       []piece
	queued      int    // bytes
	shown       []byte // read from the pipe for displays, and not yet a whole message
}

const (
	stdout = iota
	stderr
	displays
)

// newPump makes the pipes of a program.
func (k *kernel) newPump(r *run, request wire.Request) (*pump, error) {
	p := &pump{k: k, r: r, pid: request.Pid, gonbDisplay: env(request, "GONB_PIPE"), in: [3]int{-1, -1, -1}, buffer: make([]byte, 1<<16)}
	for i, fd := range request.FDs {
		n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, err
		}
		p.gonb[i] = os.NewFile(uintptr(n), "gonb")
	}
	var err error
	if p.folder, err = os.MkdirTemp(k.dir, "p"); err != nil {
		return nil, err
	}
	for i := range p.in {
		if i == displays && p.gonbDisplay == "" {
			continue
		}
		path := filepath.Join(p.folder, strconv.Itoa(i))
		if err := unix.Mkfifo(path, 0o600); err != nil {
			return nil, err
		}
		if p.in[i], err = unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err != nil {
			return nil, err
		}
		if i == displays {
			p.displayPath = path
			continue
		}
		if p.files[i], err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
			return nil, err
		}
	}
	if p.inputRead, p.inputWrite, err = os.Pipe(); err != nil {
		return nil, err
	}
	p.order = newOrder(p)
	r.answer = p.inputWrite
	return p, nil
}

// theirs returns the files for the program, which the one who sends them closes.
func (p *pump) theirs() []int {
	var all []int
	for _, f := range []*os.File{p.inputRead, p.files[stdout], p.files[stderr]} {
		n, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			n = -1
		}
		all = append(all, n)
		f.Close()
	}
	return all
}

// run moves bytes until the program has ended.
func (p *pump) run() {
	defer p.close()
	go io.Copy(p.inputWrite, p.gonb[0]) // what GoNB itself gives to the program
	go p.watchInput()
	process := openProcess(p.pid)
	if process >= 0 {
		defer unix.Close(process)
	}
	for {
		fds := append(p.polled(), unix.PollFd{Fd: int32(process), Events: unix.POLLIN})
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return
		}
		ended := fds[3].Revents != 0
		p.move()
		for i := range p.in {
			if ended {
				p.pass(i, true)
			}
			if ended && i == displays {
				p.passDisplays(0)
			}
		}
		p.flush()
		if ended || process < 0 && p.in[stdout] < 0 && p.in[stderr] < 0 {
			return
		}
	}
}

// polled returns what to ask poll about the pipes.
func (p *pump) polled() []unix.PollFd {
	var fds []unix.PollFd
	for _, fd := range p.in {
		fds = append(fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	return fds
}

// move reads all that is there, in the order in which it was written as far as the
// system tells it.
func (p *pump) move() {
	defer p.flush()
	for {
		notices := p.order.next()
		behind := false // with stdout no longer
		for at, i := range notices {
			switch {
			case i == stdout && behind:
				continue
			case i == stderr && !p.order.tight:
				p.pass(stdout, true) // from now on it is known what is older
				behind = true
				p.order.tighten(p)
			case i != stdout && !p.order.tight && !slices.Contains(notices[at:], stdout):
				p.pass(stdout, true) // all of it is older
			}
			if i == displays {
				p.passDisplays(count(notices[at+1:], displays))
			} else {
				p.pass(i, false)
			}
		}
		if len(notices) > 0 {
			continue
		}
		fds := p.polled()
		if len(p.queue) > 0 && p.queue[len(p.queue)-1].stream == stderr {
			unix.Poll(fds, 1) // a panic comes in many small pieces
		} else {
			unix.Poll(fds, 0)
		}
		ready := slices.IndexFunc(fds, func(fd unix.PollFd) bool { return fd.Revents != 0 })
		if n, _ := gobMessage(p.shown); ready < 0 && n == 0 {
			return
		}
		if p.order.soon() {
			continue
		}
		if ready < 0 { // data without a notice
			ready = displays
		}
		if ready == displays {
			p.passDisplays(0)
		} else {
			p.pass(ready, true)
		}
	}
}

func count(all []int, i int) (n int) {
	for _, other := range all {
		if other == i {
			n++
		}
	}
	return n
}

// A piece is what was written to a stream.
type piece struct {
	stream int
	data   []byte
}

// pass takes what one write has written to a stream, or all that is there.
func (p *pump) pass(i int, all bool) {
	for p.in[i] >= 0 {
		n, err := unix.Read(p.in[i], p.buffer)
		if err == unix.EINTR {
			continue
		}
		if err == nil && n == 0 {
			p.ended(i)
		}
		if err != nil || n == 0 {
			break
		}
		if i == displays {
			p.shown = append(p.shown, p.buffer[:n]...)
			continue
		}
		p.add(i, p.buffer[:n])
		p.order.count(p, i)
		if !all && n < packet {
			return
		}
	}
}

// passDisplays takes what was written to the pipe for displays before one of its
// notices: all, but for one display for each of the later notices. A notice may stand
// for several writes.
func (p *pump) passDisplays(later int) {
	p.pass(displays, true)
	var ends []int // of displays
	at := 0
	for {
		n, display := gobMessage(p.shown[at:])
		if n == 0 {
			break
		}
		if at += n; display {
			ends = append(ends, at)
		}
	}
	if later > 0 {
		at = 0
		if n := len(ends) - later; n > 0 {
			at = ends[n-1]
		}
	}
	p.add(displays, p.shown[:at])
	p.shown = append([]byte(nil), p.shown[at:]...)
}

// gobMessage returns how long the first message is, or 0 if it is not there yet, and
// whether it is a display. Messages are in the format gob: the length, then a number
// whose last bit tells whether a type is defined.
func gobMessage(b []byte) (n int, display bool) {
	length, size := gobSize(b)
	if size == 0 || length > len(b)-size {
		return 0, false
	}
	id, _ := gobSize(b[size : size+length])
	return size + length, id&1 == 0
}

// gobSize reads a number without a sign, and returns how long it is there. From 128 on
// its bytes stand behind their number, negated.
func gobSize(b []byte) (value, size int) {
	if len(b) == 0 {
		return 0, 0
	}
	value, size = int(b[0]), 1
	if value > 0x7f {
		size += 0x100 - value
		if size > 9 || size > len(b) {
			return 0, 0
		}
		value = 0
		for _, next := range b[1:size] {
			value = value<<8 | int(next)
		}
	}
	return max(value, 0), size
}

// ended closes a pipe that nobody writes to any more.
func (p *pump) ended(i int) {
	unix.Close(p.in[i])
	p.in[i] = -1
	if i == displays { // another writer may come
		if fd, err := unix.Open(p.displayPath, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err == nil {
			p.in[i] = fd
		}
	}
}

// add puts a piece into the queue, behind one of the same stream if there is one.
func (p *pump) add(i int, data []byte) {
	if len(data) == 0 {
		return
	}
	if n := len(p.queue); n > 0 && p.queue[n-1].stream == i {
		p.queue[n-1].data = append(p.queue[n-1].data, data...)
	} else {
		p.queue = append(p.queue, piece{i, append([]byte(nil), data...)})
	}
	if p.queued += len(data); p.queued > 1<<15 {
		p.flush()
	}
}

// flush passes the queue on.
func (p *pump) flush() {
	for _, q := range p.queue {
		if q.stream == displays {
			p.show(q.data)
		} else {
			p.print(q.stream, q.data)
		}
	}
	p.queue, p.queued = p.queue[:0], 0
}

// show passes a display on to GoNB, after all that was printed before.
func (p *pump) show(data []byte) {
	if !p.unmarked {
		p.settle()
	}
	if p.display == nil {
		f, err := os.OpenFile(p.gonbDisplay, os.O_WRONLY, 0)
		if err != nil {
			return
		}
		p.display = f
		f.Write(bytes.Join(displayMarks.Types(), nil))
	}
	p.display.Write(data)
	p.unmarked = true
}

// print passes a piece of output on, in whole letters.
func (p *pump) print(i int, data []byte) {
	if i == stderr {
		p.r.mu.Lock()
		p.r.tail = append(p.r.tail, data...)
		if over := len(p.r.tail) - 1<<16; over > 0 {
			p.r.tail = append([]byte(nil), p.r.tail[over:]...)
		}
		p.r.mu.Unlock()
	}
	if p.printed += int64(len(data)); p.printed > p.k.output {
		if !p.cut {
			p.cut = true
			p.settle()
			p.mark("\n" + p.k.words.Say("cut", p.k.output>>20) + "\n")
		}
		return
	}
	data = append(p.rest[i], data...)
	whole := len(data) - incomplete(data)
	p.rest[i] = append([]byte(nil), data[whole:]...)
	if whole > 0 {
		p.write(i, string(data[:whole]))
	}
}

// incomplete returns how many bytes at the end are the beginning of a letter.
func incomplete(data []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(data); n++ {
		if b := data[len(data)-n]; utf8.RuneStart(b) {
			if !utf8.FullRune(data[len(data)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

func (p *pump) write(i int, text string) {
	text = strings.ReplaceAll(text, "\x00", "\u2400")
	if i == stdout {
		p.mark(text)
		return
	}
	p.settle()
	for len(text) > 0 {
		n := min(len(text), 1<<13)
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n--
		}
		number, c := p.chunk("")
		fmt.Fprintf(p.gonb[2], "%s\x00g%d\x00", text[:n], number)
		p.wait(c)
		text = text[n:]
	}
}

// chunk makes a chunk with a number.
func (p *pump) chunk(text string) (int, chunk) {
	c := chunk{text, make(chan struct{})}
	p.r.mu.Lock()
	p.next++
	number := p.next
	p.r.chunks[number] = c
	p.r.mu.Unlock()
	p.pending = c.seen
	return number, c
}

// mark sends text to the client when its mark comes along. The guard does not go far ahead.
func (p *pump) mark(text string) {
	if p.unmarked || p.next%16 == 15 {
		p.settle()
	}
	number, _ := p.chunk(text)
	fmt.Fprintf(p.gonb[1], "\x00g%d\x00", number)
}

// settle waits until GoNB has sent all marks, and all displays, behind which it puts one.
func (p *pump) settle() {
	if p.unmarked {
		p.unmarked = false
		number, _ := p.chunk("")
		p.display.Write(displayMarks.Message(display.Data{Content: map[string]any{displayMark: strconv.Itoa(number)}}))
	}
	if p.pending != nil {
		p.wait(chunk{seen: p.pending})
		p.pending = nil
	}
}

func (p *pump) wait(c chunk) {
	select {
	case <-c.seen:
	case <-p.k.quit:
	case <-time.After(2 * time.Second): // GoNB has lost it
	}
}

// close says what is left and lets GoNB go on.
func (p *pump) close() {
	for i, rest := range p.rest {
		if len(rest) > 0 {
			p.write(i, string(rest))
		}
	}
	p.r.mu.Lock()
	over := p.r.over
	p.r.mu.Unlock()
	if over {
		p.write(stderr, p.k.words.Say("memory", p.k.settings.memory>>20)+"\n")
	}
	p.settle()
	if p.display != nil {
		p.display.Close()
	}
	p.r.mu.Lock()
	p.r.answer = nil
	p.r.mu.Unlock()
	p.inputWrite.Close()
	for _, f := range p.gonb {
		f.Close()
	}
	for _, fd := range p.in {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	p.order.close()
	os.RemoveAll(p.folder)
}

// onStream puts the chunks in the places of their marks.
func (k *kernel) onStream(r *run, m *message) {
	var c struct{ Name, Text string }
	json.Unmarshal(m.content, &c)
	if !strings.Contains(c.Text, "\x00g") {
		text := cell.Plain(c.Text)
		r.mu.Lock()
		ours := r.program != nil
		r.mu.Unlock()
		if ours && c.Name == "stderr" && exitLine.MatchString(text) {
			return // the error says it
		}
		m.set(map[string]any{"text": text})
		k.publish(m)
		return
	}
	var b strings.Builder
	at := 0
	var seen []chan struct{}
	for _, i := range marker.FindAllStringSubmatchIndex(c.Text, -1) {
		b.WriteString(c.Text[at:i[0]])
		at = i[1]
		n, _ := strconv.Atoi(c.Text[i[2]:i[3]])
		r.mu.Lock()
		chunk, ok := r.chunks[n]
		delete(r.chunks, n)
		r.mu.Unlock()
		if ok {
			b.WriteString(chunk.text)
			seen = append(seen, chunk.seen)
		}
	}
	b.WriteString(c.Text[at:])
	if b.Len() > 0 {
		m.set(map[string]any{"text": b.String()})
		k.publish(m)
	}
	for _, s := range seen {
		close(s)
	}
}

// onDisplayMark takes the mark behind displays. It returns false for other data.
func (r *run) onDisplayMark(m *message) bool {
	if !bytes.Contains(m.content, []byte(displayMark)) {
		return false
	}
	var c struct{ Data map[string]any }
	json.Unmarshal(m.content, &c)
	text, ok := c.Data[displayMark].(string)
	if n, err := strconv.Atoi(text); ok && err == nil {
		r.mu.Lock()
		chunk, known := r.chunks[n]
		delete(r.chunks, n)
		r.mu.Unlock()
		if known {
			close(chunk.seen)
		}
	}
	return ok
}

// exitLine is what GoNB prints when a program has failed, and says again in the error.
var exitLine = regexp.MustCompile(`^(?:\^C\n)?(?:exit status \d+|signal: \S+)(?: \(core dumped\))?\n$`)

// watchInput asks for input when the program waits for it.
func (p *pump) watchInput() {
	waited := 0
	for {
		select {
		case <-p.r.done:
			return
		case <-time.After(100 * time.Millisecond):
		}
		p.r.mu.Lock()
		asked, ended := p.r.asked, p.r.answer == nil
		p.r.mu.Unlock()
		if ended {
			return
		}
		if asked {
			continue
		}
		reads, known := readsInput(p.pid)
		if !known { // then a program that can read its input is taken to do so
			source, _ := os.ReadFile(filepath.Join(p.k.tempDir(), "main.go"))
			reads = usesInput.Match(source)
		}
		if !reads {
			waited = 0
			continue
		}
		if waited++; waited < 2 {
			continue // it may be about to read what GoNB has given
		}
		if !p.r.input {
			p.k.stream(p.r, "stderr", p.k.words.Say("no-input")+"\n")
			p.r.mu.Lock()
			if p.r.answer != nil {
				p.r.answer.Close()
				p.r.answer = nil
			}
			p.r.mu.Unlock()
			return
		}
		p.r.mu.Lock()
		p.r.asked = true
		p.r.mu.Unlock()
		m := p.r.request.answer("input_request", map[string]any{"prompt": p.k.words.Say("input") + " ", "password": false})
		p.k.stdin.send(m.frames(p.k.key))
	}
}

// usesInput finds what reads the standard input.
var usesInput = regexp.MustCompile(`\bos\.Stdin\b|\bfmt\.Scan`)

// onStdin takes input, for the program or for GoNB.
func (k *kernel) onStdin(m *message) {
	var c struct{ Value string }
	json.Unmarshal(m.content, &c)
	k.mu.Lock()
	r := k.run_
	k.mu.Unlock()
	if r != nil {
		r.mu.Lock()
		asked, answer := r.asked, r.answer
		r.asked = false
		r.mu.Unlock()
		if asked {
			if answer != nil {
				go func() {
					answer.SetWriteDeadline(time.Now().Add(time.Minute))
					answer.WriteString(c.Value + "\n")
				}()
			}
			return
		}
	}
	inner := *m
	inner.identities = nil
	k.backStdin.send(inner.frames(k.key))
}

// onAsk passes GoNB's own wish for input on.
func (k *kernel) onAsk(m *message) {
	k.mu.Lock()
	r := k.run_
	k.mu.Unlock()
	if r == nil {
		return
	}
	m.identities = r.request.identities
	k.stdin.send(m.frames(k.key))
}
