// Package session is what the page knows of a chapter's cells: what they declare, which of them the reader has changed,
// and what runs for each. It is the kernel's guard without a kernel: the same rules and the same sentences, of the packages
// cell and explain. It runs in a worker of the page, compiled to WebAssembly.
package session

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/cell"
	"github.com/descent-go/descent/internal/explain"
)

// A Chapter is what the page begins with.
type Chapter struct {
	Cells    []string             `json:"cells"`    // the source of each code cell, as it is stored
	Packages map[string][]Package `json:"packages"` // by name: what an import that is missing may be
	Language string               `json:"language"`
}

// A Package can be imported in the page.
type Package struct {
	Path  string   `json:"path"`
	Names []string `json:"names,omitempty"` // what it exports, where several packages have its name
}

// A Session is a chapter that is open in the page.
type Session struct {
	chapter Chapter
	stored  []*cell.Cell
	paths   map[string]bool
	words   explain.Catalogue
	events  []event // what the reader has changed, in the order in which it was run
}

// An event is a changed cell that was compiled, or was not.
type event struct {
	cell   *cell.Cell
	number int
	failed bool
}

// Open begins a chapter.
func Open(c Chapter) *Session {
	s := &Session{chapter: c, words: explain.In(c.Language), paths: map[string]bool{"unsafe": true}}
	for _, text := range c.Cells {
		s.stored = append(s.stored, cell.Read(text))
	}
	for _, all := range c.Packages {
		for _, p := range all {
			s.paths[p.Path] = true
		}
	}
	return s
}

// A Plan is what must be done to run a cell.
type Plan struct {
	Refused []string `json:"refused,omitempty"` // why it cannot run, in lines
	Notes   []string `json:"notes,omitempty"`   // to print before it runs
	Stored  bool     `json:"stored"`            // the program that was compiled beforehand does it
	Files   []File   `json:"files,omitempty"`   // else these, to be compiled
	Imports []string `json:"imports,omitempty"`
	Runs    bool     `json:"runs"`
	Args    []string `json:"args,omitempty"` // of the program
}

// A File is one of a program.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Prepare plans the run of cell number, from 1, with a text.
func (s *Session) Prepare(number int, text string) Plan {
	c := cell.Read(text)
	m := s.memory(number)
	if number <= len(s.stored) && s.stored[number-1].Text == text && !s.touches(m, c) {
		return Plan{Stored: true, Runs: true}
	}
	plan, refused := s.program(m, c, number)
	if refused != nil {
		plan.Refused = refused
		s.events = append(s.events, event{c, number, true})
	}
	return plan
}

// program composes what the cell runs as, or says why it cannot run.
func (s *Session) program(m *cell.Memory, c *cell.Cell, number int) (plan Plan, refused []string) {
	if p := c.Problem(); p != nil {
		return plan, []string{s.words.Say("where", number, p.Line, s.words.Say(p.ID, p.Args...))}
	}
	if c.Special {
		return plan, []string{s.words.Say("page-command", strings.Fields(c.Text)[0])}
	}
	for _, command := range c.Commands() {
		words := strings.Fields(command)
		switch {
		case words[0] == "%test":
			plan.Args = append([]string{"-test.v"}, words[1:]...)
		case words[0] == "%args":
			plan.Args = words[1:]
		default:
			return plan, []string{s.words.Say("page-command", command)}
		}
	}
	for _, old := range m.Stale(c) {
		if m.Calls(c, []string{checks}) {
			return plan, []string{s.words.Say("stale-refused", old.Name, old.New, old.Old, old.New)}
		}
		plan.Notes = append(plan.Notes, s.words.Say("stale", old.Name, old.Old, old.New))
	}
	p, err := m.Program(c, number, s.resolve)
	if err != nil {
		var places []explain.Place
		for _, e := range c.SyntaxErrors() {
			places = append(places, explain.Place{Cell: number, Line: e.Line, Text: e.Text})
		}
		if len(places) == 0 {
			return plan, []string{err.Error()}
		}
		return plan, s.failure(m, c, number, places)
	}
	for _, path := range p.Imports {
		if !s.paths[path] {
			return plan, []string{s.words.Say("page-package", path)}
		}
	}
	plan.Runs, plan.Imports = p.Runs, append(p.Imports, limitsImport)
	for _, f := range p.Files {
		plan.Files = append(plan.Files, File(f))
	}
	plan.Files = append(plan.Files, File(Limits))
	return plan, nil
}

const limitsImport = "runtime/debug"

// Limits is a file that belongs to every program. A recursion without end would take a gigabyte and minutes in a browser
// before Go ends it.
var Limits = cell.File{Name: "limits.go", Text: "package main\n\nimport \"runtime/debug\"\n\nfunc init() { debug.SetMaxStack(64 << 20) }\n"}

// checks is the package of the exercises' checks: they never judge an older version of a function.
const checks = "github.com/descent-go/descent/course/check"

// Compiled takes in what the compiler or the linker said of cell number with a text. It
// returns nil if that is nothing, else why the cell did not compile, in lines.
func (s *Session) Compiled(number int, text, said string, ok bool) []string {
	c := cell.Read(text)
	if ok {
		s.events = append(s.events, event{c, number, false})
		return nil
	}
	m := s.memory(number)
	s.events = append(s.events, event{c, number, true})
	var places []explain.Place
	for _, message := range explain.Messages(said) {
		places = append(places, explain.Place{Cell: cell.Number(message.File), Line: message.Line, Text: message.Text})
	}
	if lines := s.failure(m, c, number, places); len(lines) > 0 {
		return lines
	}
	return []string{strings.TrimSpace(said)}
}

func (s *Session) failure(m *cell.Memory, c *cell.Cell, number int, places []explain.Place) []string {
	names := m.Names()
	for _, d := range c.Decls() {
		names = append(names, d.Name)
	}
	return s.words.Failure(places, names, m.FailedIn)
}

var frame = regexp.MustCompile(`\bcell(\d+)\.go:(\d+)`)

// Ended returns the lines that say why a program ended with a status other than 0, from
// the end of what it wrote to stderr.
func (s *Session) Ended(status int, tail string) []string {
	value := fmt.Sprint("exit status ", status)
	lines := []string{value}
	if first := explain.FirstPanic(tail); first != "" {
		lines = []string{first}
	}
	seen := map[string]bool{}
	for _, m := range frame.FindAllStringSubmatch(tail, -1) {
		number, _ := strconv.Atoi(m[1])
		if line := fmt.Sprintf("cell [%d], line %s", number, m[2]); !seen[line] && len(seen) < 3 {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	if says := s.words.Panic(tail + "\n" + value); says != "" {
		lines = append(lines, "→ "+says)
	}
	return lines
}

// memory returns what is declared when cell number runs: by the stored cells before it, and
// by all that the reader has changed.
func (s *Session) memory(number int) *cell.Memory {
	m := &cell.Memory{}
	for i, c := range s.stored {
		if i+1 < number && c.Parsed() {
			m.Compiled(c, i+1)
		}
	}
	for _, e := range s.events {
		if e.failed {
			m.Failed(e.cell, e.number)
		} else {
			m.Compiled(e.cell, e.number)
		}
	}
	return m
}

// touches tells whether a stored cell uses, or declares itself, what the reader has changed.
func (s *Session) touches(m *cell.Memory, c *cell.Cell) bool {
	if len(s.events) == 0 {
		return false
	}
	reach := m.Reach(c)
	for _, d := range c.Decls() {
		reach[d.Name] = true
	}
	for _, e := range s.events {
		for _, d := range e.cell.Decls() {
			if reach[d.Name] && !s.as(e.number, d) {
				return true
			}
		}
	}
	return false
}

// as tells whether the stored cell has the declaration as it is.
func (s *Session) as(number int, d *cell.Decl) bool {
	return number <= len(s.stored) && slices.ContainsFunc(s.stored[number-1].Decls(), func(old *cell.Decl) bool {
		return old.Name == d.Name && old.Home == d.Home && old.Text == d.Text
	})
}

// resolve finds an import that a cell lacks: the standard library's first, and of several
// with one name the one that exports all that is used.
func (s *Session) resolve(name string, members []string) string {
	for _, p := range s.chapter.Packages[name] {
		if len(p.Names) == 0 || !slices.ContainsFunc(members, func(m string) bool { return !slices.Contains(p.Names, m) }) {
			return p.Path
		}
	}
	return ""
}

// Answer answers a call of the page in JSON: open, prepare, compiled, ended.
func Answer(s **Session, call, argument string) string {
	var a struct {
		Chapter
		Number int    `json:"number"`
		Text   string `json:"text"`
		Said   string `json:"said"`
		OK     bool   `json:"ok"`
		Status int    `json:"status"`
	}
	var reply any
	switch err := json.Unmarshal([]byte(argument), &a); {
	case err != nil:
		reply = map[string]string{"error": err.Error()}
	case call == "open":
		*s = Open(a.Chapter)
		reply = true
	case *s == nil:
		reply = map[string]string{"error": "no chapter is open"}
	case call == "prepare":
		reply = (*s).Prepare(a.Number, a.Text)
	case call == "compiled":
		reply = (*s).Compiled(a.Number, a.Text, a.Said, a.OK)
	case call == "ended":
		reply = (*s).Ended(a.Status, a.Text)
	default:
		reply = map[string]string{"error": "there is no call " + call}
	}
	out, err := json.Marshal(reply)
	if err != nil {
		panic(err) // only the types above
	}
	return string(out)
}
