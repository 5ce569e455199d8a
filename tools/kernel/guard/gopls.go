package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/descent-go/descent/internal/cell"
)

// A gopls is a connection to the server of Go's language. All kernels share one
// server, which starts with the first question and ends a little after the last
// kernel.
type gopls struct {
	mu      sync.Mutex // one question at a time
	conn    net.Conn
	in      *bufio.Reader
	id      int
	version int
	idle    *time.Timer
	file    string // its address
}

const (
	goplsPatience = 15 * time.Second
	goplsIdle     = 3 * time.Second
	goplsRest     = time.Minute // without a question, after which gopls may forget
)

// position is a place in a file, as the protocol counts.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// dialGopls connects to the server that all kernels share, and starts it if there is none.
func (k *kernel) dialGopls() (net.Conn, error) {
	base := filepath.Dir(k.dir)
	path := filepath.Join(base, fmt.Sprintf("gopls-%d", os.Getuid()))
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return nil, err
	}
	if c, err := net.Dial("unix", path); err == nil {
		return c, nil
	}
	os.Remove(path)
	program := k.realTool("gopls")
	if !filepath.IsAbs(program) {
		return nil, errors.New("gopls is not on the PATH")
	}
	cmd := exec.Command(program, "-listen=unix;"+path, "-listen.timeout="+goplsIdle.String())
	cmd.Dir = base
	cmd.Env = append(withoutEnv(os.Environ(), "GOGC"), "GOGC=50")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go cmd.Wait()
	for range 200 {
		if c, err := net.Dial("unix", path); err == nil {
			return c, nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return nil, errors.New("gopls does not answer")
}

// tempDir returns the folder in which GoNB builds.
func (k *kernel) tempDir() string {
	all, _ := filepath.Glob(filepath.Join(k.dir, "t", "gonb_*", "go.mod"))
	if len(all) == 0 {
		return ""
	}
	return filepath.Dir(all[0])
}

// ask asks gopls a question about a place in a file of Go.
func (k *kernel) ask(method, text string, at position, answer any) error {
	g := &k.gopls
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.conn == nil {
		if err := k.openGopls(); err != nil {
			return err
		}
	}
	if g.idle != nil {
		g.idle.Stop()
	}
	g.idle = time.AfterFunc(goplsRest, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.conn != nil {
			g.conn.Close()
			g.conn = nil
		}
	})
	g.conn.SetDeadline(time.Now().Add(goplsPatience))
	g.version++
	document := map[string]any{"uri": g.file, "version": g.version}
	err := g.notify("textDocument/didChange", map[string]any{"textDocument": document, "contentChanges": []any{map[string]any{"text": text}}})
	if err == nil {
		err = g.call(method, map[string]any{"textDocument": document, "position": at}, answer)
	}
	if err != nil {
		g.conn.Close()
		g.conn = nil
	}
	return err
}

// openGopls connects and introduces itself.
func (k *kernel) openGopls() error {
	g := &k.gopls
	dir := k.tempDir()
	if dir == "" {
		return errors.New("GoNB has no folder yet")
	}
	conn, err := k.dialGopls()
	if err != nil {
		return err
	}
	g.conn, g.in, g.id = conn, bufio.NewReader(conn), 0
	// A file that GoNB does not have: its main.go would declare everything twice.
	g.file = "file://" + filepath.Join(dir, "guard", "main.go")
	folder := filepath.Join(dir, "guard")
	os.MkdirAll(folder, 0o700)
	conn.SetDeadline(time.Now().Add(goplsPatience))
	var ignored json.RawMessage
	root := "file://" + folder
	err = g.call("initialize", map[string]any{"processId": nil, "rootUri": root,
		"workspaceFolders": []any{map[string]any{"uri": root, "name": "cells"}},
		"capabilities": map[string]any{"textDocument": map[string]any{
			"hover":      map[string]any{"contentFormat": []string{"markdown", "plaintext"}},
			"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": false}}}},
		// Nobody looks at what gopls finds by itself, in the modules of the workspace least of all.
		"initializationOptions": map[string]any{"completeUnimported": true, "completionBudget": "2s",
			"expandWorkspaceToModule": false, "diagnosticsTrigger": "Save"},
	}, &ignored)
	if err == nil {
		err = g.notify("initialized", map[string]any{})
	}
	if err == nil {
		err = g.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
			"uri": g.file, "languageId": "go", "version": g.version, "text": "package main\n"}})
	}
	if err != nil {
		conn.Close()
		g.conn = nil
	}
	return err
}

func (g *gopls) write(m map[string]any) error {
	m["jsonrpc"] = "2.0"
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(g.conn, "Content-Length: %d\r\n\r\n%s", len(data), data)
	return err
}

func (g *gopls) notify(method string, params any) error {
	return g.write(map[string]any{"method": method, "params": params})
}

// call asks and waits for the answer. What gopls asks in between gets an empty answer.
func (g *gopls) call(method string, params, answer any) error {
	g.id++
	if err := g.write(map[string]any{"id": g.id, "method": method, "params": params}); err != nil {
		return err
	}
	for {
		length := 0
		for {
			line, err := g.in.ReadString('\n')
			if err != nil {
				return err
			}
			if line = strings.TrimSpace(line); line == "" {
				break
			}
			fmt.Sscanf(line, "Content-Length: %d", &length)
		}
		data := make([]byte, length)
		if _, err := io.ReadFull(g.in, data); err != nil {
			return err
		}
		var m struct {
			ID     json.RawMessage
			Method string
			Params struct{ Items []any }
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(data, &m); err != nil {
			return err
		}
		switch {
		case m.Method != "" && len(m.ID) > 0:
			var result any
			if m.Method == "workspace/configuration" {
				result = make([]any, len(m.Params.Items))
			}
			if err := g.write(map[string]any{"id": m.ID, "result": result}); err != nil {
				return err
			}
		case m.Method == "" && string(m.ID) == fmt.Sprint(g.id):
			if m.Error != nil {
				return nil // gopls lives, and has nothing to say of this
			}
			if len(m.Result) == 0 || string(m.Result) == "null" {
				return nil
			}
			return json.Unmarshal(m.Result, answer)
		}
	}
}

// positionOf returns the position of an offset in a text.
func positionOf(text string, offset int) position {
	line := strings.Count(text[:offset], "\n")
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	return position{line, len(utf16.Encode([]rune(text[start:offset])))}
}

// word returns where the identifier begins that ends at an offset.
func word(text string, offset int) int {
	for offset > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:offset])
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r < 0x80 {
			break
		}
		offset -= size
	}
	return offset
}

// cursor returns the code of a request and the offset of its cursor, which Jupyter
// counts in characters.
func cursor(m *message) (code string, offset int) {
	var c struct {
		Code string `json:"code"`
		Pos  int    `json:"cursor_pos"`
	}
	json.Unmarshal(m.content, &c)
	for i := range c.Code {
		if c.Pos == 0 {
			return c.Code, i
		}
		c.Pos--
	}
	return c.Code, len(c.Code)
}

var keywords = strings.Fields("break case chan const continue default defer else fallthrough for func go goto if import " +
	"interface map package range return select struct switch type var append cap clear close copy delete len make max min " +
	"new panic print println recover true false nil iota bool byte error float32 float64 int int64 rune string uint any")

// complete answers a request for the rest of a word, also while a cell runs.
func (k *kernel) complete(m *message) any {
	code, offset := cursor(m)
	start := word(code, offset)
	prefix := code[start:offset]
	matches := []string{}
	c := cell.Read(code)
	k.mu.Lock()
	text, at := k.memory.Compose(c, offset)
	names := k.memory.Names()
	k.mu.Unlock()
	if at >= 0 {
		var answer struct {
			Items []struct {
				Label      string
				InsertText string
				TextEdit   *struct{ NewText string }
			}
		}
		if err := k.ask("textDocument/completion", text, positionOf(text, at), &answer); err == nil {
			for _, item := range answer.Items {
				new := item.Label
				if item.TextEdit != nil {
					new = item.TextEdit.NewText
				} else if item.InsertText != "" {
					new = item.InsertText
				}
				if strings.HasPrefix(strings.ToLower(new), strings.ToLower(prefix)) && !slices.Contains(matches, new) {
					matches = append(matches, new)
				}
			}
		}
		if len(matches) == 0 && !strings.HasSuffix(code[:start], ".") {
			for _, d := range c.Decls() {
				names = append(names, d.Name)
			}
			names = append(names, keywords...)
			slices.Sort(names)
			for _, name := range slices.Compact(names) {
				if prefix != "" && strings.HasPrefix(name, prefix) {
					matches = append(matches, name)
				}
			}
		}
	}
	return map[string]any{"status": "ok", "matches": matches, "metadata": map[string]any{},
		"cursor_start": utf8.RuneCountInString(code[:start]), "cursor_end": utf8.RuneCountInString(code[:offset])}
}

// inspect answers what a name is.
func (k *kernel) inspect(m *message) any {
	code, offset := cursor(m)
	data := map[string]any{}
	c := cell.Read(code)
	k.mu.Lock()
	text, at := k.memory.Compose(c, offset)
	k.mu.Unlock()
	if at >= 0 {
		var answer struct{ Contents struct{ Value string } }
		err := k.ask("textDocument/hover", text, positionOf(text, at), &answer)
		if err == nil && answer.Contents.Value == "" && offset > 0 { // the cursor is behind the name
			err = k.ask("textDocument/hover", text, positionOf(text, at-1), &answer)
		}
		if err == nil && answer.Contents.Value != "" {
			data["text/markdown"] = answer.Contents.Value
			data["text/plain"] = strings.NewReplacer("```go\n", "", "```\n", "", "```", "").Replace(answer.Contents.Value)
		}
	}
	return map[string]any{"status": "ok", "found": len(data) > 0, "data": data, "metadata": map[string]any{}}
}
