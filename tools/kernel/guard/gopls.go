package main

import (
	"encoding/json"
	"errors"
	"fmt"
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

// A gopls is a kernel's connection to the broker of all kernels.
type gopls struct {
	mu   sync.Mutex // one question at a time
	conn net.Conn
	in   *json.Decoder
}

const (
	goplsPatience = 15 * time.Second
	goplsIdle     = 3 * time.Second // without a kernel, after which the broker ends
)

// position is a place in a file, as the protocol counts.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// A question is what a kernel asks the broker.
type question struct {
	Dir    string // in which GoNB builds
	Method string
	Text   string // of a file of Go
	At     position
}

// dialGopls connects to the broker of all kernels, and starts it if there is none.
func (k *kernel) dialGopls() (net.Conn, error) {
	path := filepath.Join(filepath.Dir(k.dir), fmt.Sprintf("gopls-%d", os.Getuid()))
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
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-broker="+path, program)
	cmd.Dir = filepath.Dir(path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go cmd.Wait()
	for range 200 {
		if c, err := net.Dial("unix", path); err == nil {
			return c, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil, errors.New("the broker of gopls does not answer")
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
		conn, err := k.dialGopls()
		if err != nil {
			return err
		}
		g.conn, g.in = conn, json.NewDecoder(conn)
	}
	g.conn.SetDeadline(time.Now().Add(goplsPatience))
	var result json.RawMessage
	err := json.NewEncoder(g.conn).Encode(question{k.tempDir(), method, text, at})
	if err == nil {
		err = g.in.Decode(&result)
	}
	if err != nil {
		g.conn.Close()
		g.conn = nil
		return err
	}
	if len(result) == 0 || string(result) == "null" {
		return nil
	}
	return json.Unmarshal(result, answer)
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
