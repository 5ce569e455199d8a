package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestMessages: what is put together can be read, and what is forged cannot.
func TestMessages(t *testing.T) {
	key := []byte("key")
	m := &message{session: "s", user: "u", id: "1", header: []byte(`{"msg_id":"1"}`)}
	a := m.answer("status", map[string]any{"execution_state": "idle"})
	a.identities = [][]byte{[]byte("topic")}
	frames := a.frames(key)
	got, err := read(frames, key)
	if err != nil || got.kind != "status" || got.parentID != "1" || string(got.identities[0]) != "topic" {
		t.Errorf("%+v, %v", got, err)
	}
	got.set(map[string]any{"execution_state": "busy"})
	if _, err := read(got.frames(key), key); err != nil || !strings.Contains(string(got.content), "busy") {
		t.Errorf("%s, %v", got.content, err)
	}
	frames[len(frames)-1] = []byte(`{"execution_state":"forged"}`)
	if _, err := read(frames, key); err == nil {
		t.Error("a forged message was taken")
	}
	for n := range frames {
		if _, err := read(frames[:n], key); err == nil {
			t.Error("a short message was taken", n)
		}
	}
}

// TestIncomplete: letters stay whole wherever a chunk ends.
func TestIncomplete(t *testing.T) {
	text := "aé€😀"
	for n := range len(text) + 1 {
		piece := []byte(text[:n])
		whole := piece[:len(piece)-incomplete(piece)]
		if !utf8.Valid(whole) || len(piece)-len(whole) > 3 {
			t.Errorf("%q", whole)
		}
	}
	if n := incomplete([]byte{'a', 0x80, 0x80, 0x80}); n != 0 {
		t.Error(n, "bytes that are no letter are held back")
	}
}

// TestNeeded: unused imports go, and where one is missing goimports must look.
func TestNeeded(t *testing.T) {
	got := string(needed([]byte("package main\nimport (\n\t\"fmt\"\n\t\"os\"\n\trand \"math/rand/v2\"\n)\nfunc f() { fmt.Println(rand.Int()) }\n"), nil))
	if !strings.Contains(got, `"fmt"`) || strings.Contains(got, `"os"`) || !strings.Contains(got, "v2") || strings.Count(got, "\n") != 7 {
		t.Error(got)
	}
	for _, text := range []string{"package main\nfunc f() { fmt.Println() }", "package main\nfunc {"} {
		if got := needed([]byte(text), nil); got != nil {
			t.Errorf("%s", got)
		}
	}
	if got := needed([]byte("package main\nvar x struct{ a int }\nfunc f() { x.a = 1 }"), nil); got == nil {
		t.Error("a variable is taken for a package")
	}
}

// TestLearn: what goimports has added from the standard library is known from then on,
// for the same use of a package.
func TestLearn(t *testing.T) {
	added := map[string]string{}
	source := []byte("package main\nfunc f() { rand.Int(); mat.NewDense() }\n")
	learn(added, source, []byte("package main\nimport \"math/rand\"\nimport \"gonum.org/v1/gonum/mat\"\nfunc f() { rand.Int(); mat.NewDense() }\n"))
	got := string(needed([]byte("package main\nimport \"fmt\"\nfunc f() { fmt.Println(rand.Int()) }\n"), added))
	if want := "package main; import \"math/rand\"\nimport \"fmt\"\nfunc f() { fmt.Println(rand.Int()) }\n"; got != want {
		t.Errorf("%q", got)
	}
	for _, text := range []string{"package main\nfunc f() { rand.Read() }", "package main\nfunc f() { mat.NewDense() }"} {
		if got := needed([]byte(text), added); got != nil {
			t.Errorf("%s", got)
		}
	}
}

// TestDisplayMessages: the pipe for displays is cut at the ends of messages, and what a
// later notice stands for waits for it.
func TestDisplayMessages(t *testing.T) {
	definition, short, long := []byte{2, 0x7f, 3}, []byte{2, 8, 1}, append([]byte{0xfe, 0x01, 0x00, 8}, make([]byte, 255)...)
	all := bytes.Join([][]byte{definition, short, long, definition, short, {3, 'c'}}, nil)
	for later, want := range []int{3 + 3 + 259 + 3 + 3, 3 + 3 + 259, 3 + 3, 0, 0} {
		p := &pump{in: [3]int{-1, -1, -1}, shown: bytes.Clone(all)}
		p.passDisplays(later)
		if p.queued != want || len(p.shown) != len(all)-want {
			t.Errorf("%d notices later: %d bytes, want %d; %d wait", later, p.queued, want, len(p.shown))
		}
	}
}
