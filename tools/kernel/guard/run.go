package main

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/descent-go/descent/internal/cell"
	"github.com/descent-go/descent/internal/explain"
)

// A run is a cell that runs.
type run struct {
	request *message
	cell    *cell.Cell
	code    string // as the learner wrote it
	refused string // why it does not run, or ""
	silent  bool
	input   bool // the client can be asked for input
	replied chan *message
	idle    chan struct{}
	done    chan struct{}

	mu       sync.Mutex
	number   int  // as the learner sees it in front of the cell
	compiled bool // the cell's program
	failed   bool
	stops    int
	build    *exec.Cmd       // of a tool that works for the cell
	program  *os.Process     // of the cell
	over     bool            // more memory was used than allowed
	errors   []explain.Place // what GoNB said with a place in a cell
	tail     []byte          // the end of what was written to stderr
	asked    bool            // for input, and not yet answered
	answer   *os.File        // where input goes
	chunks   map[int]chunk
}

// execute runs the requests of the queue, one after the other.
func (k *kernel) execute() {
	for m := range k.requests {
		k.mu.Lock()
		aborted := k.arrived[m.id].Before(k.abortBefore)
		delete(k.arrived, m.id)
		k.mu.Unlock()
		if aborted {
			k.reply(&k.shell, m, "execute_reply", map[string]any{"status": "aborted"})
			continue
		}
		k.runCell(m)
	}
}

func (k *kernel) runCell(m *message) {
	request := struct {
		Code         string          `json:"code"`
		Silent       bool            `json:"silent"`
		StoreHistory *bool           `json:"store_history"`
		AllowStdin   *bool           `json:"allow_stdin"`
		StopOnError  *bool           `json:"stop_on_error"`
		Expressions  json.RawMessage `json:"user_expressions"`
	}{}
	json.Unmarshal(m.content, &request)
	is := func(b *bool) bool { return b == nil || *b }
	r := &run{request: m, cell: cell.Read(request.Code), code: request.Code, silent: request.Silent, input: is(request.AllowStdin),
		replied: make(chan *message, 1), idle: make(chan struct{}), done: make(chan struct{}), chunks: map[int]chunk{}}
	text, notes := k.prepare(r)
	k.mu.Lock()
	k.run_ = r
	k.mu.Unlock()
	for _, note := range notes {
		k.stream(r, "stdout", note+"\n")
	}
	inner := *m
	inner.set(map[string]any{"code": text, "silent": request.Silent, "store_history": is(request.StoreHistory) && !request.Silent,
		"allow_stdin": r.input})
	k.forward(&inner)

	var reply *message
	select {
	case reply = <-r.replied:
	case <-k.quit:
		return
	}
	select {
	case <-r.idle:
	case <-time.After(10 * time.Second):
	case <-k.quit:
		return
	}
	close(r.done)
	k.remember(r)
	var c struct {
		Status string `json:"status"`
	}
	json.Unmarshal(reply.content, &c)
	failed := c.Status == "error" || r.refused != ""
	if failed {
		name, value, traceback := k.explain(r, reply)
		reply.set(map[string]any{"status": "error", "ename": name, "evalue": value, "traceback": traceback})
		if r.refused != "" {
			k.publish(m.answer("error", map[string]any{"ename": name, "evalue": value, "traceback": traceback}))
		}
	}
	r.mu.Lock()
	stopped := r.stops > 0
	r.mu.Unlock()
	k.mu.Lock()
	if failed && is(request.StopOnError) || stopped {
		k.abortBefore = time.Now()
	}
	k.run_ = nil
	k.mu.Unlock()
	reply.identities = m.identities
	k.shell.send(reply.frames(k.key))
	k.status(m, "idle")
}

// prepare returns the cell for GoNB, and lines to print before it runs.
func (k *kernel) prepare(r *run) (text string, notes []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p := r.cell.Problem(); p != nil {
		r.refused = k.words.Say("here", p.Line, k.words.Say(p.ID, p.Args...))
		return "", nil
	}
	if stale := k.memory.Stale(r.cell); len(stale) > 0 {
		refuse := k.settings.stale == "refuse" || k.memory.Calls(r.cell, k.refuse)
		for _, s := range stale {
			if refuse {
				r.refused = k.words.Say("stale-refused", s.Name, s.New, s.Old, s.New)
				return "", nil
			}
			notes = append(notes, k.words.Say("stale", s.Name, s.Old, s.New))
		}
	}
	return k.memory.Rewrite(r.cell), notes
}

// remember keeps what the cell has declared, or that it has not.
func (k *kernel) remember(r *run) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, command := range r.cell.Commands() {
		if r.refused != "" {
			break
		}
		words := strings.Fields(command)
		switch words[0] {
		case "%reset":
			if len(words) == 1 {
				k.memory.Forget()
			}
		case "%rm", "%remove":
			if len(words) > 1 {
				k.memory.Forget(words[1:]...)
			}
		}
	}
	switch {
	case r.compiled:
		k.memory.Compiled(r.cell, r.number)
	case r.failed || r.refused != "":
		k.memory.Failed(r.cell, r.number)
	}
}

// stream prints text in a cell.
func (k *kernel) stream(r *run, name, text string) {
	k.publish(r.request.answer("stream", map[string]any{"name": name, "text": text}))
}

// onPublished passes on what GoNB says to everybody.
func (k *kernel) onPublished(m *message) {
	k.mu.Lock()
	r := k.run_
	k.mu.Unlock()
	if r == nil || m.parentID != r.request.id {
		if m.kind == "status" && m.parentID == "" {
			return
		}
		k.publish(m)
		return
	}
	switch m.kind {
	case "status":
		if strings.Contains(string(m.content), `"idle"`) {
			select {
			case <-r.idle:
			default:
				close(r.idle)
			}
			return // runCell says it when it has replied
		}
	case "execute_input":
		var c struct {
			Count int `json:"execution_count"`
		}
		json.Unmarshal(m.content, &c)
		r.mu.Lock()
		r.number = c.Count
		r.mu.Unlock()
		m.set(map[string]any{"code": r.code})
	case "stream":
		k.onStream(r, m)
		return
	case "error":
		r.mu.Lock()
		r.failed = true
		r.mu.Unlock()
		name, value, traceback := k.explain(r, m)
		m.set(map[string]any{"ename": name, "evalue": value, "traceback": traceback})
	case "display_data":
		if r.onDisplayMark(m) || !r.onDisplay(m) {
			return
		}
	}
	k.publish(m)
}

// errorRow is a line of GoNB's HTML about an error, with its place.
var errorRow = regexp.MustCompile(`(?s)(?:<span class="gonb-cell-line-info">Cell(?:\[(\d+)\]: | )Line (\d+)</span> )?` +
	`<span class="gonb-err-location">([^<]*)</span></span>(.*?)<div class="gonb-err-context">`)

// onDisplay reads what GoNB shows of an error. It returns false for what nobody needs
// to see: that a tool was ended because the cell was stopped.
func (r *run) onDisplay(m *message) bool {
	text := string(m.content)
	if !strings.Contains(text, "gonb-err") {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stops > 0 {
		return false
	}
	var c struct {
		Data map[string]any `json:"data"`
	}
	json.Unmarshal(m.content, &c)
	page, _ := c.Data["text/html"].(string)
	page = cell.Plain(marker.ReplaceAllString(page, ""))
	c.Data["text/html"] = page
	m.set(map[string]any{"data": c.Data})
	for _, row := range errorRow.FindAllStringSubmatch(page, -1) {
		p := explain.Place{Text: strings.TrimSpace(html.UnescapeString(row[4]))}
		p.Cell, _ = strconv.Atoi(row[1])
		p.Line, _ = strconv.Atoi(row[2])
		if p.Cell == 0 {
			p.Cell = r.number
		}
		r.errors = append(r.errors, p)
	}
	return true
}

// explain returns what to say of the end of a cell that failed: the name and value of
// the error, and lines below.
func (k *kernel) explain(r *run, m *message) (name, value string, traceback []string) {
	var c struct {
		Name      string   `json:"ename"`
		Value     string   `json:"evalue"`
		Traceback []string `json:"traceback"`
	}
	json.Unmarshal(m.content, &c)
	k.mu.Lock()
	names := k.memory.Names()
	k.mu.Unlock()
	for _, d := range r.cell.Decls() {
		names = append(names, d.Name)
	}
	r.mu.Lock()
	over, stops, compiled, places, tail := r.over, r.stops, r.compiled, slices.Clone(r.errors), string(r.tail)
	r.mu.Unlock()
	switch {
	case r.refused != "":
		return "refused", r.refused, []string{r.refused}
	case over:
		text := k.words.Say("memory", k.settings.memory>>20)
		return "memory", text, []string{text}
	case stops > 0:
		text := k.words.Say("stopped")
		return "stopped", text, []string{text}
	case compiled:
		value = c.Value
		traceback = []string{c.Value}
		if first := explain.FirstPanic(tail); first != "" {
			value, traceback = first, []string{first}
		}
		for i, p := range places {
			if p.Line > 0 && i < 3 {
				traceback = append(traceback, fmt.Sprintf("cell [%d], line %d", p.Cell, p.Line))
			}
		}
		if r.cell.Has("%test") && explain.FirstPanic(tail) == "" {
			return "ERROR", value, traceback // the tests have said what is wrong
		}
		if says := k.words.Panic(tail + "\n" + c.Value); says != "" {
			traceback = append(traceback, "→ "+says)
		}
		return "ERROR", value, traceback
	}
	traceback = k.words.Failure(places, names, func(name string) int {
		k.mu.Lock()
		defer k.mu.Unlock()
		return k.memory.FailedIn(name)
	})
	if len(traceback) > 0 {
		value = traceback[0]
	}
	if value == "" {
		value, traceback = cell.Plain(c.Value), c.Traceback
	}
	return "ERROR", value, traceback
}

// stop ends what the cell does, at whatever stage it is. The second stop kills.
func (k *kernel) stop() {
	k.mu.Lock()
	r := k.run_
	k.abortBefore = time.Now()
	k.mu.Unlock()
	if r == nil {
		return
	}
	r.mu.Lock()
	r.stops++
	stops := r.stops
	if r.build != nil && r.build.Process != nil {
		syscall.Kill(-r.build.Process.Pid, syscall.SIGKILL)
	}
	if r.program != nil {
		r.program.Signal(os.Interrupt)
	}
	r.mu.Unlock()
	if stops > 1 {
		k.killBelow()
		return
	}
	go k.keepStopping(r)
}

// keepStopping repeats the interrupt for commands of the shell, which GoNB forgets to
// stop at times, until the cell has ended. A program gets one, so that it can end
// itself well, and is killed when it takes too long.
func (k *kernel) keepStopping(r *run) {
	end := time.After(k.patience)
	for {
		r.mu.Lock()
		program := r.program
		r.mu.Unlock()
		if program == nil {
			for _, pid := range k.below() {
				syscall.Kill(pid, syscall.SIGINT)
			}
		}
		select {
		case <-r.done:
			return
		case <-end:
			k.killBelow()
			end = time.After(time.Second)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// below returns the processes that GoNB has started, and those that they have.
func (k *kernel) below() []int {
	parent := parents()
	var all []int
	for pid := range parent {
		for p, depth := parent[pid], 0; p > 1 && depth < 100; p, depth = parent[p], depth+1 {
			if p == k.gonb.Pid {
				all = append(all, pid)
				break
			}
		}
	}
	return all
}

func (k *kernel) killBelow() {
	for _, pid := range k.below() {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}
