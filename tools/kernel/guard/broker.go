package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A broker asks one gopls on behalf of all kernels, so that what the kernels have in
// common, nearly all, is in memory once. It starts with the first question, and ends
// a little after the last kernel.
type broker struct {
	mu      sync.Mutex
	program string
	folder  string // in which gopls finds go.mod and go.work; the files of Go are only said
	server  *server
	opened  map[string]int  // the version of each file that gopls knows
	spaces  map[string]bool // the folders that gopls knows
	clients int
	idle    *time.Timer
}

// serveBroker is the guard as a broker.
func serveBroker(path, program string) error {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	b := &broker{program: program, folder: path + ".work"}
	ended := make(chan struct{})
	end := func() {
		defer close(ended)
		listener.Close()
		b.mu.Lock()
		defer b.mu.Unlock()
		b.forget()
		os.RemoveAll(b.folder)
	}
	b.idle = time.AfterFunc(goplsIdle, end)
	for id := 0; ; id++ {
		conn, err := listener.Accept()
		if err != nil {
			<-ended
			return nil
		}
		b.mu.Lock()
		b.clients++
		b.idle.Stop()
		b.mu.Unlock()
		go func() {
			b.serve(conn, fmt.Sprint("kernel", id))
			b.mu.Lock()
			if b.clients--; b.clients == 0 {
				b.idle.Reset(goplsIdle)
			}
			b.mu.Unlock()
		}()
	}
}

// serve answers the questions of one kernel.
func (b *broker) serve(conn net.Conn, name string) {
	defer conn.Close()
	in, out := json.NewDecoder(conn), json.NewEncoder(conn)
	file := ""
	for {
		var q question
		if in.Decode(&q) != nil {
			break
		}
		var answer json.RawMessage
		var err error
		b.mu.Lock()
		if file, answer, err = b.answer(q, name); err != nil {
			b.forget()
		}
		b.mu.Unlock()
		if answer == nil {
			answer = json.RawMessage("null")
		}
		if out.Encode(answer) != nil {
			break
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server != nil && b.opened[file] > 0 {
		delete(b.opened, file)
		b.server.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": file}})
	}
}

// forget ends gopls. The next question starts another.
func (b *broker) forget() {
	if b.server != nil {
		b.server.end()
		b.server = nil
	}
}

var moduleLine = regexp.MustCompile(`(?m)^module .*$`)

// space returns the folder for a kernel's workspace: kernels with the same modules
// have the same.
func (b *broker) space(dir string) (string, error) {
	files := map[string]string{}
	h := sha256.New()
	for _, name := range []string{"go.mod", "go.work", "go.sum", "go.work.sum"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		files[name] = moduleLine.ReplaceAllString(string(data), "module cells")
		fmt.Fprintln(h, name, files[name])
	}
	if files["go.mod"] == "" {
		return "", errors.New("the kernel has no module")
	}
	folder := filepath.Join(b.folder, fmt.Sprintf("%x", h.Sum(nil)[:4]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return folder, nil
}

// answer asks gopls.
func (b *broker) answer(q question, name string) (file string, answer json.RawMessage, err error) {
	folder, err := b.space(q.Dir)
	if err != nil {
		return "", nil, nil
	}
	if b.server == nil {
		if b.server, err = startServer(b.program, b.folder); err != nil {
			return "", nil, err
		}
		b.opened, b.spaces = map[string]int{}, map[string]bool{}
	}
	hung := time.AfterFunc(goplsPatience, b.server.kill)
	defer hung.Stop()
	if !b.spaces[folder] {
		b.spaces[folder] = true
		added := []any{map[string]any{"uri": "file://" + folder, "name": filepath.Base(folder)}}
		if err := b.server.notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{"added": added, "removed": []any{}}}); err != nil {
			return "", nil, err
		}
	}
	file = "file://" + filepath.Join(folder, name, "main.go")
	b.opened[file]++
	if v := b.opened[file]; v == 1 {
		err = b.server.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": file, "languageId": "go", "version": v, "text": q.Text}})
	} else {
		err = b.server.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": file, "version": v},
			"contentChanges": []any{map[string]any{"text": q.Text}}})
	}
	if err == nil {
		answer, err = b.server.call(q.Method, map[string]any{"textDocument": map[string]any{"uri": file}, "position": q.At})
	}
	return file, answer, err
}

// A server is gopls.
type server struct {
	cmd *exec.Cmd
	out io.WriteCloser
	in  *bufio.Reader
	id  int
}

// startServer starts gopls and introduces itself.
func startServer(program, folder string) (*server, error) {
	s := &server{cmd: exec.Command(program, "serve")}
	// The limit is of what Go's own memory may grow to before it is collected: without it most of it is garbage. The last
	// keeps gopls from starting a program that waits for its crash, with a third of its memory.
	s.cmd.Env = append(withoutEnv(os.Environ(), "GOGC"), "GOGC=50", "GOMEMLIMIT=400MiB", "GO_TELEMETRY_CHILD=2")
	s.cmd.Dir = folder
	var err error
	if s.out, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	in, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.in = bufio.NewReader(in)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	_, err = s.call("initialize", map[string]any{"processId": os.Getpid(), "rootUri": nil,
		"capabilities": map[string]any{"workspace": map[string]any{"workspaceFolders": true}, "textDocument": map[string]any{
			"hover":      map[string]any{"contentFormat": []string{"markdown", "plaintext"}},
			"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": false}}}},
		// Nobody looks at what gopls finds by itself.
		"initializationOptions": map[string]any{"completionBudget": "2s", "expandWorkspaceToModule": false, "diagnosticsTrigger": "Save"}})
	if err == nil {
		err = s.notify("initialized", map[string]any{})
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *server) kill() { s.cmd.Process.Kill() }

func (s *server) end() {
	s.out.Close()
	s.kill()
	s.cmd.Wait()
}

func (s *server) write(m map[string]any) error {
	m["jsonrpc"] = "2.0"
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Content-Length: %d\r\n\r\n%s", len(data), data)
	return err
}

func (s *server) notify(method string, params any) error {
	return s.write(map[string]any{"method": method, "params": params})
}

// call asks and waits for the answer. What gopls asks in between gets an empty answer.
func (s *server) call(method string, params any) (json.RawMessage, error) {
	s.id++
	if err := s.write(map[string]any{"id": s.id, "method": method, "params": params}); err != nil {
		return nil, err
	}
	for {
		length := 0
		for {
			line, err := s.in.ReadString('\n')
			if err != nil {
				return nil, err
			}
			if line = strings.TrimSpace(line); line == "" {
				break
			}
			fmt.Sscanf(line, "Content-Length: %d", &length)
		}
		data := make([]byte, length)
		if _, err := io.ReadFull(s.in, data); err != nil {
			return nil, err
		}
		var m struct {
			ID     json.RawMessage
			Method string
			Params json.RawMessage
			Result json.RawMessage
		}
		if err := json.Unmarshal(data, &m); err != nil {
			return nil, err
		}
		switch {
		case m.Method != "" && len(m.ID) > 0:
			var result any
			if m.Method == "workspace/configuration" {
				var p struct{ Items []any }
				json.Unmarshal(m.Params, &p)
				result = make([]any, len(p.Items))
			}
			if err := s.write(map[string]any{"id": m.ID, "result": result}); err != nil {
				return nil, err
			}
		case m.Method == "" && string(m.ID) == fmt.Sprint(s.id):
			return m.Result, nil // none with an error: gopls has nothing to say of this
		}
	}
}
