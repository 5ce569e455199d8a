// Package cell reads the cells of a Go notebook, as the kernel GoNB reads them
// and as the learner means them, and mends the difference.
//
// GoNB looks at the beginnings of lines: one that begins with ! is a command for
// a shell, one that begins with % a command for the kernel, one that begins with
// "package" is dropped. That is wrong inside of a raw string or a comment. This
// package reads cells with go/scanner and go/parser. It finds what cannot work,
// rewrites what GoNB would misread, line by line, and remembers which version of
// a declaration is the one that runs.
package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// A Cell is the text of one cell, read.
type Cell struct {
	Text    string
	Special bool // a cell of another language: %%bash, %%writefile and the like
	Starts  []int
	// Starts has the lines, from 0, at which func main begins: %%, %main, %exec.

	lines   []string
	command []bool // lines for the kernel or the shell
	tokens  []tok
	open    int // the line of a raw string or comment without an end, or -1
	file    *ast.File
	fset    *token.FileSet
	code    string // what was parsed; line n of it is line n of the cell
	err     error  // of the parser
	offset  []int  // of each line in Text
}

// A tok is a token of Go, with its offset in the cell.
type tok struct {
	kind       token.Token
	text       string
	start, end int
}

// special has the commands that make the whole cell something other than Go.
var special = map[string]bool{"%%writefile": true, "%%script": true, "%%bash": true, "%%sh": true, "%%gx": true}

// header goes in front of a cell's first line for the parser.
const header = "package main;"

// Read reads a cell.
func Read(text string) *Cell {
	c := &Cell{Text: text, lines: strings.Split(text, "\n"), open: -1}
	c.command = make([]bool, len(c.lines))
	if special[firstWord(uncomment(c.lines[0]))] {
		c.Special = true
		return c
	}
	for i, at := 0, 0; i < len(c.lines); i++ {
		c.offset = append(c.offset, at)
		at += len(c.lines[i]) + 1
	}
	c.scan()
	c.parse()
	return c
}

// uncomment takes away the prefix under which GoNB's commands may hide from Go tools.
func uncomment(line string) string { return strings.TrimPrefix(line, "//gonb:") }

func firstWord(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}

// scan finds the tokens of Go and the lines that are commands. A command may hold
// anything, an apostrophe for instance, so that Go's scanner starts anew behind it.
func (c *Cell) scan() {
	for line := 0; line < len(c.lines); {
		if c.isCommand(line) {
			for {
				c.command[line] = true
				more := strings.HasSuffix(c.lines[line], `\`)
				line++
				if !more || line == len(c.lines) {
					break
				}
			}
			continue
		}
		line = c.scanLine(line)
	}
	for i, line := range c.lines {
		if c.command[i] && starts(uncomment(line)) {
			c.Starts = append(c.Starts, i)
		}
	}
}

// scanLine scans one line, and those that a raw string or comment adds to it. It
// returns the line after them.
func (c *Cell) scanLine(line int) int {
	base := c.offset[line]
	src := []byte(c.Text[base:])
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	failed := false
	s.Init(file, src, func(_ token.Position, msg string) {
		failed = failed || strings.Contains(msg, "not terminated")
	}, scanner.ScanComments)
	end := len(c.lines[line]) // of the line, in src
	for {
		pos, kind, text := s.Scan()
		start := int(pos) - file.Base()
		if kind == token.EOF || start > end {
			break
		}
		if kind == token.SEMICOLON && text == "\n" {
			continue
		}
		stop := start + length(src[start:], kind, text)
		c.tokens = append(c.tokens, tok{kind, text, base + start, base + stop})
		for stop > end { // the token goes on in the next line
			line++
			if line == len(c.lines) {
				break
			}
			end += 1 + len(c.lines[line])
		}
		if failed && (kind == token.STRING && src[start] == '`' || kind == token.COMMENT && src[start+1] == '*') {
			c.open = c.lineAt(base + start)
			return len(c.lines)
		}
		failed = false
		if line == len(c.lines) {
			return line
		}
	}
	return line + 1
}

// length returns how long a token is in the source. Go's scanner takes carriage
// returns out of raw strings and comments.
func length(src []byte, kind token.Token, text string) int {
	switch {
	case kind == token.STRING && src[0] == '`':
		if i := strings.IndexByte(string(src[1:]), '`'); i >= 0 {
			return i + 2
		}
		return len(src)
	case kind == token.COMMENT && src[1] == '*':
		if i := strings.Index(string(src[2:]), "*/"); i >= 0 {
			return i + 4
		}
		return len(src)
	case text == "":
		return len(kind.String())
	}
	return len(text)
}

// isCommand tells whether a line that begins outside of any token is a command.
func (c *Cell) isCommand(line int) bool {
	text := uncomment(c.lines[line])
	if len(text) < 2 || strings.TrimSpace(text[1:]) == "" {
		return false
	}
	switch text[0] {
	case '%':
		return true
	case '!':
		return text != c.lines[line] || !c.wantsOperand()
	}
	return false
}

// wantsOperand tells whether Go's next token belongs to an expression that has begun.
func (c *Cell) wantsOperand() bool {
	for i := len(c.tokens) - 1; i >= 0; i-- {
		switch k := c.tokens[i].kind; k {
		case token.COMMENT:
			continue
		case token.LPAREN, token.LBRACK, token.COMMA, token.PERIOD:
			return true
		case token.INC, token.DEC, token.RPAREN, token.RBRACK, token.RBRACE, token.LBRACE, token.SEMICOLON, token.COLON:
			return false
		default:
			return k.IsOperator()
		}
	}
	return false
}

// starts tells whether GoNB begins func main at a command.
func starts(line string) bool {
	return strings.HasPrefix(line, "%main") || strings.HasPrefix(line, "%exec") ||
		strings.HasPrefix(line, "%%") && (len(line) == 2 || line[2] == ' ' || line[2] == '\t')
}

// lineAt returns the line, from 0, of an offset in the text.
func (c *Cell) lineAt(offset int) int { return strings.Count(c.Text[:offset], "\n") }

// parse parses the cell as a file of Go in which every line has its place.
func (c *Cell) parse() {
	lines := make([]string, len(c.lines))
	closing := ""
	for i, line := range c.lines {
		switch {
		case !c.command[i]:
			lines[i] = line
			if clause(line) {
				lines[i] = ""
			}
		case !starts(uncomment(line)) || strings.HasPrefix(uncomment(line), "%exec"):
		case closing == "":
			lines[i], closing = "func main() {", "\n}"
		}
	}
	c.code = header + strings.Join(lines, "\n") + closing + "\n"
	c.fset = token.NewFileSet()
	c.file, c.err = parser.ParseFile(c.fset, "", c.code, parser.ParseComments|parser.AllErrors)
}

// clause tells whether a line is a package clause, which GoNB drops.
func clause(line string) bool {
	rest, ok := strings.CutPrefix(line, "package")
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') && !strings.ContainsAny(rest, "=:.(")
}

// line returns the line, from 0, of a position in the parsed file.
func (c *Cell) line(pos token.Pos) int { return c.fset.Position(pos).Line - 1 }

// source returns the text of a node.
func (c *Cell) source(n ast.Node) string {
	from, to := c.fset.Position(n.Pos()).Offset, c.fset.Position(n.End()).Offset
	if from > to || to > len(c.code) {
		return ""
	}
	return c.code[from:to]
}

// Has tells whether the cell has a command of the kernel, as "%capture".
func (c *Cell) Has(command string) bool {
	for i, line := range c.lines {
		if !c.Special && c.command[i] && firstWord(uncomment(line)) == command {
			return true
		}
	}
	return false
}

// Commands returns the commands of the kernel and the shell, without those that
// begin func main.
func (c *Cell) Commands() []string {
	var all []string
	for i, line := range c.lines {
		if !c.Special && c.command[i] && !starts(uncomment(line)) {
			all = append(all, uncomment(line))
		}
	}
	return all
}

// A Problem is why a cell cannot work. Its ID is a sentence in package explain.
type Problem struct {
	Line int // from 1
	ID   string
	Args []any
}

// Problem returns what GoNB would answer with something worse than an error, or
// with an error that says nothing, or nil.
func (c *Cell) Problem() *Problem {
	if c.Special {
		return nil
	}
	if c.open >= 0 {
		return &Problem{c.open + 1, "no-end", nil}
	}
	for _, t := range c.tokens {
		if t.kind != token.COMMENT {
			continue
		}
		if rest, ok := strings.CutPrefix(t.text, "//go:embed "); ok {
			return &Problem{c.lineAt(t.start) + 1, "embed", []any{strings.TrimSpace(rest)}}
		}
	}
	if len(c.Starts) > 1 {
		return &Problem{c.Starts[1] + 1, "second-main", []any{c.Starts[0] + 1, strings.TrimSpace(c.lines[c.Starts[1]])}}
	}
	if p := c.outside(); p != nil {
		return p
	}
	for _, d := range c.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if len(c.Starts) == 1 && d.Name.Name == "main" && d.Recv == nil && c.line(d.Pos()) != c.Starts[0] {
				return &Problem{c.line(d.Pos()) + 1, "main-and-start", []any{strings.TrimSpace(c.lines[c.Starts[0]])}}
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.ImportSpec); ok && s.Path != nil && s.Path.Value == `"C"` {
					return &Problem{c.line(s.Pos()) + 1, "cgo", nil}
				}
			}
		}
	}
	return nil
}

// outside returns the problem of a statement that is in no function.
func (c *Cell) outside() *Problem {
	limit := len(c.Text)
	start := -1
	if len(c.Starts) == 1 && !strings.HasPrefix(uncomment(c.lines[c.Starts[0]]), "%exec") {
		start = c.Starts[0]
		limit = c.offset[start]
	}
	depth, fresh, last := 0, true, -1
	for i, t := range c.tokens {
		if t.start >= limit {
			break
		}
		if t.kind == token.COMMENT {
			continue
		}
		line := c.lineAt(t.start)
		// The scanner started anew at every line, so that the semicolons that Go inserts are made here.
		if depth == 0 && last >= 0 && line != c.lineAt(c.tokens[last].end-1) && ends(c.tokens[last].kind) {
			fresh = true
		}
		last = i
		if depth == 0 && fresh {
			switch t.kind {
			case token.PACKAGE, token.IMPORT, token.FUNC, token.VAR, token.CONST, token.TYPE, token.SEMICOLON:
			case token.RBRACE, token.RPAREN, token.RBRACK:
				return nil // the parser says it better
			default:
				if clause(c.lines[line]) {
					continue
				}
				if start >= 0 {
					return &Problem{line + 1, "before-start", []any{strings.TrimSpace(c.lines[line]), start + 1}}
				}
				return &Problem{line + 1, "no-start", []any{strings.TrimSpace(c.lines[line])}}
			}
			fresh = false
		}
		switch t.kind {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
			if depth < 0 {
				return nil
			}
		case token.SEMICOLON:
			fresh = depth == 0
		}
	}
	return nil
}

// ends tells whether Go puts a semicolon at the end of a line that ends with such a token.
func ends(k token.Token) bool {
	switch k {
	case token.IDENT, token.INT, token.FLOAT, token.IMAG, token.CHAR, token.STRING, token.BREAK, token.CONTINUE,
		token.FALLTHROUGH, token.RETURN, token.INC, token.DEC, token.RPAREN, token.RBRACK, token.RBRACE, token.SEMICOLON:
		return true
	}
	return false
}

// Complete tells whether a console should run the text, ask for more of it, or
// neither: "complete", "incomplete", "invalid".
func (c *Cell) Complete() string {
	if c.Special {
		if strings.HasSuffix(c.Text, "\n") {
			return "complete"
		}
		return "incomplete"
	}
	if c.open >= 0 {
		return "incomplete"
	}
	depth := 0
	for _, t := range c.tokens {
		switch t.kind {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		}
		if depth < 0 {
			return "invalid"
		}
	}
	if depth > 0 || c.wantsOperand() {
		return "incomplete"
	}
	if c.err != nil && c.Problem() == nil {
		return "invalid"
	}
	return "complete"
}

// String says what the cell is, for tests.
func (p *Problem) String() string { return fmt.Sprint(p.Line, " ", p.ID, " ", p.Args) }
