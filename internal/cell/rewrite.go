package cell

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Marks around what GoNB must carry without looking inside. Decode takes them
// away again, from the file that GoNB has made, before the compiler sees it.
const (
	methodMark = "guardMethod_"
	constMark  = "guardConst_"
	mark       = "/*guard*/"
)

// An edit replaces text between two offsets of a cell.
type edit struct {
	from, to int
	text     string
}

// Rewrite returns the cell as GoNB must see it to read it as the learner means it.
// Every line keeps its number.
func (m *Memory) Rewrite(c *Cell) string {
	m.init()
	if c.Special || c.open >= 0 {
		return c.Text
	}
	edits := c.misread()
	if c.err == nil {
		edits = append(edits, c.hide()...)
		edits = append(edits, m.rename(c)...)
	}
	return apply(c.Text, edits)
}

func apply(text string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.from < at {
			continue // inside of another
		}
		b.WriteString(text[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	b.WriteString(text[at:])
	return b.String()
}

// misread returns edits for lines that GoNB takes for commands although they are
// Go: in raw strings, in comments, and where they begin like a package clause.
func (c *Cell) misread() []edit {
	var edits []edit
	inside := map[int]bool{} // lines that begin inside of a token
	for _, t := range c.tokens {
		if !strings.Contains(t.text, "\n") {
			continue
		}
		from, to := c.lineAt(t.start), c.lineAt(t.end-1)
		bad := false
		for i := from + 1; i <= to; i++ {
			inside[i] = true
			bad = bad || taken(c.lines[i])
		}
		if !bad {
			continue
		}
		if t.kind == token.COMMENT {
			for i := from + 1; i <= to; i++ {
				if taken(c.lines[i]) {
					edits = append(edits, edit{c.offset[i], c.offset[i], " "})
				}
			}
			continue
		}
		// A raw string becomes a sum of quoted ones, one on each of its lines.
		parts := strings.Split(strings.ReplaceAll(c.Text[t.start+1:t.end-1], "\r", ""), "\n")
		for i, part := range parts {
			if i < len(parts)-1 {
				part += "\n"
			}
			parts[i] = strconv.Quote(part)
		}
		edits = append(edits, edit{t.start, t.end, "(" + strings.Join(parts, " +\n") + ")"})
	}
	for i, line := range c.lines {
		if inside[i] || c.command[i] || clause(line) {
			continue
		}
		if taken(line) {
			edits = append(edits, edit{c.offset[i], c.offset[i], " "})
		}
	}
	return edits
}

// taken tells whether GoNB would not read a line as Go.
func taken(line string) bool {
	u := uncomment(line)
	return len(u) > 1 && (u[0] == '%' || u[0] == '!') || strings.HasPrefix(line, "package")
}

// at returns the offset in the cell of a position in the parsed file, which has a
// header in front. It must not lie behind the line that begins func main.
func (c *Cell) at(pos token.Pos) int {
	p := c.fset.Position(pos)
	column := p.Column - 1
	if p.Line == 1 {
		column -= len(header)
	}
	return c.offset[p.Line-1] + column
}

// hide returns edits that make a function of one name of what GoNB would mix up:
// methods of generic types, which it keeps under the spelling of the receiver, and
// blocks of constants, which it keeps one by one.
func (c *Cell) hide() []edit {
	var edits []edit
	for _, d := range c.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || plain(d) || d.Name == nil {
				continue
			}
			from, to := c.at(d.Recv.Pos()), c.at(d.Name.End())
			receiver := c.Text[from:to]
			if strings.ContainsAny(receiver, "\n") || strings.Contains(receiver, "*/") {
				continue
			}
			edits = append(edits, edit{from, to, methodMark + base(d) + "_" + d.Name.Name + "/*" + receiver + "*/"})
		case *ast.GenDecl:
			block := blockName(d)
			if block == "" || block == " " {
				continue
			}
			from, to := c.at(d.Pos()), c.at(d.End())
			edits = append(edits, edit{from, from, "func " + constMark + block[1:] + "() { " + mark},
				edit{to, to, mark + " }"})
		}
	}
	return edits
}

// plain tells whether GoNB knows a method by its type's name alone.
func plain(d *ast.FuncDecl) bool {
	if len(d.Recv.List) == 0 {
		return true
	}
	switch t := d.Recv.List[0].Type.(type) {
	case *ast.Ident:
		return true
	case *ast.StarExpr:
		_, ok := t.X.(*ast.Ident)
		return ok
	}
	return false
}

// rename returns edits that give every import the name under which GoNB's file has
// it, and its uses in the cell as well.
func (m *Memory) rename(c *Cell) []edit {
	var edits []edit
	aliases := m.newAliases(c)
	own := m.imported(c)
	for _, s := range c.file.Imports {
		path, err := strconv.Unquote(s.Path.Value)
		if err != nil || s.Name != nil && (s.Name.Name == "_" || s.Name.Name == ".") {
			continue
		}
		alias := aliases[path]
		switch {
		case s.Name != nil:
			if s.Name.Name != alias {
				edits = append(edits, edit{c.at(s.Name.Pos()), c.at(s.Name.End()), alias})
			}
		case alias != PackageName(path), keyName(path) != alias && version.MatchString(keyName(path)):
			edits = append(edits, edit{c.at(s.Path.Pos()), c.at(s.Path.Pos()), alias + " "})
		}
	}
	unresolved := map[*ast.Ident]bool{}
	for _, id := range c.file.Unresolved {
		unresolved[id] = true
	}
	ast.Inspect(c.file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := s.X.(*ast.Ident)
		if !ok || !unresolved[x] || m.decls[x.Name] != nil {
			return true
		}
		path := own[x.Name]
		if path == "" {
			path = m.latest[x.Name]
		}
		alias := aliases[path]
		if alias == "" {
			alias = m.aliases[path]
		}
		if path != "" && alias != "" && alias != x.Name {
			edits = append(edits, edit{c.at(x.Pos()), c.at(x.End()), alias})
		}
		return true
	})
	return edits
}

var (
	hiddenMethod = regexp.MustCompile(methodMark + `\w+ ?/\*(.*?)\*/ ?`)
	hiddenConst  = regexp.MustCompile(`func ` + constMark + `(\w+)\(\) \{ /\*guard\*/`)
	hiddenNames  = regexp.MustCompile(constMark + `(\w+)|` + methodMark + `([^\W_]+)_(\w+)`)
)

// Plain returns a text of GoNB's for the learner, with the names that hide things
// written as the learner knows them.
func Plain(text string) string {
	if !strings.Contains(text, "guard") {
		return text
	}
	text = strings.ReplaceAll(hiddenMethod.ReplaceAllString(text, "$1"), mark, "")
	return hiddenNames.ReplaceAllStringFunc(text, func(s string) string {
		g := hiddenNames.FindStringSubmatch(s)
		if g[1] != "" {
			return g[1]
		}
		return g[2] + "~" + g[3]
	})
}

// Decode returns the file that the compiler must see instead of the one that GoNB
// has made from all cells, line by line. A name that several declarations have,
// which GoNB keeps apart by kind, belongs to the newest, that of the cell c or the
// one that the memory knows.
func (m *Memory) Decode(file []byte, c *Cell) []byte {
	m.init()
	newest := map[string]string{}
	for name, d := range m.decls {
		newest[name] = d.Home
	}
	if c != nil {
		for _, d := range c.Decls() {
			newest[d.Name] = d.Home
		}
	}
	return unhide(drop(file, newest))
}

// unhide takes the marks away.
func unhide(file []byte) []byte {
	if !bytes.Contains(file, []byte("guard")) {
		return file
	}
	file = hiddenMethod.ReplaceAll(file, []byte("$1"))
	file = hiddenConst.ReplaceAll(file, nil)
	return bytes.ReplaceAll(file, []byte(mark+" }"), nil)
}

// drop takes the older ones of several declarations of a name out of the file.
func drop(file []byte, newest map[string]string) []byte {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", file, parser.SkipObjectResolution)
	if err != nil {
		return file
	}
	type place struct {
		home     string
		from, to token.Pos
		blank    bool // becomes _, since others are declared with it
	}
	all := map[string][]place{}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if strings.HasPrefix(name, constMark) && len(d.Body.List) == 1 {
				s, ok := d.Body.List[0].(*ast.DeclStmt)
				if !ok {
					continue
				}
				g := s.Decl.(*ast.GenDecl)
				for _, s := range g.Specs {
					for _, id := range s.(*ast.ValueSpec).Names {
						all[id.Name] = append(all[id.Name], place{"const " + strings.TrimPrefix(name, constMark), id.Pos(), id.End(), true})
					}
				}
				continue
			}
			if strings.HasPrefix(name, methodMark) || d.Recv != nil || name == "main" || name == "init" {
				continue
			}
			all[name] = append(all[name], place{"func", d.Pos(), d.End(), false})
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					for _, id := range s.Names {
						if len(s.Names) > 1 || !d.Lparen.IsValid() {
							all[id.Name] = append(all[id.Name], place{d.Tok.String(), id.Pos(), id.End(), true})
						} else {
							all[id.Name] = append(all[id.Name], place{d.Tok.String(), s.Pos(), s.End(), false})
						}
					}
				case *ast.TypeSpec:
					if d.Lparen.IsValid() {
						all[s.Name.Name] = append(all[s.Name.Name], place{"type", s.Pos(), s.End(), false})
					} else {
						all[s.Name.Name] = append(all[s.Name.Name], place{"type", d.Pos(), d.End(), false})
					}
				}
			}
		}
	}
	var edits []edit
	for name, places := range all {
		if name == "_" || len(places) < 2 || !slices.ContainsFunc(places, func(p place) bool { return p.home == newest[name] }) {
			continue
		}
		for _, p := range places {
			if p.home == newest[name] {
				continue
			}
			from, to := fset.Position(p.from).Offset, fset.Position(p.to).Offset
			text := "_"
			if !p.blank {
				text = strings.Repeat("\n", bytes.Count(file[from:to], []byte("\n")))
			}
			edits = append(edits, edit{from, to, text})
		}
	}
	sort.Slice(edits, func(i, j int) bool { return edits[i].from < edits[j].from })
	return []byte(apply(string(file), edits))
}

// Compose returns a file with the declarations that run and the cell, for a tool
// that completes or explains names, and the offset in it of one in the cell.
func (m *Memory) Compose(c *Cell, offset int) (string, int) {
	m.init()
	if c.Special || offset > len(c.Text) || len(c.command) == 0 {
		return "", -1
	}
	line := c.lineAt(offset)
	if c.command[line] {
		return "", -1
	}
	own := map[string]bool{}
	for _, d := range c.Decls() {
		own[d.Name] = true
	}
	names := m.imported(c)
	var head, tail strings.Builder
	head.WriteString("package main;")
	for name, path := range m.latest {
		if names[name] == "" {
			head.WriteString(" import " + name + " " + strconv.Quote(path) + ";")
		}
	}
	written := map[string]bool{}
	for _, d := range m.decls {
		if own[d.Name] || written[d.Text] {
			continue
		}
		written[d.Text] = true
		text := d.Text
		switch kind, _, _ := strings.Cut(d.Home, " "); kind {
		case "var", "type":
			text = kind + " " + text
		case "const":
			if d.Home == "const" {
				text = "const " + text
			}
		}
		tail.WriteString("\n" + text + "\n")
	}
	before := head.Len()
	column := offset - c.offset[line]
	lines := strings.Split(strings.TrimPrefix(c.code, header), "\n")
	at := before
	for i := range line {
		at += len(lines[i]) + 1
	}
	if column > len(lines[line]) {
		return "", -1
	}
	return head.String() + strings.Join(lines, "\n") + tail.String(), at + column
}
