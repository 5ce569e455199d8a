package cell

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Program is what a cell runs as where GoNB is not: a file of Go for each cell that takes part, in which every line has
// its number.
type Program struct {
	Files   []File
	Imports []string // the paths of all packages that the files name, sorted
	Runs    bool     // the cell runs something; one that only declares is compiled and not run
}

// A File is one of a program. Messages of the compiler call it cell3.go for cell 3.
type File struct{ Name, Text string }

// fileName is what the compiler calls a cell.
func fileName(number int) string { return fmt.Sprintf("cell%d.go", number) }

// A Resolve finds a package by the name that a file uses and what it uses of it, as goimports does. It returns the import path, or "".
type Resolve func(name string, members []string) string

// A remembered is a cell that has compiled.
type remembered struct {
	cell    *Cell
	number  int
	imports map[string]string // what names stood for when it compiled
}

// Number returns the number of the cell in a file's name, as messages have it, or 0.
func Number(file string) int {
	file = file[strings.LastIndexByte(file, '/')+1:]
	number, found := strings.CutPrefix(strings.TrimSuffix(file, ".go"), "cell")
	n, err := strconv.Atoi(number)
	if !found || err != nil {
		return 0
	}
	return n
}

// Program returns the program of a cell: its own declarations, those of cells that have compiled unless a newer one has
// replaced them, and what it runs. Declarations that the cell has nothing to do with are left out, and so are imports that a
// file does not use. Those that it lacks are the ones of the cells before, and then those that resolve finds.
func (m *Memory) Program(c *Cell, number int, resolve Resolve) (*Program, error) {
	m.init()
	if c.err != nil {
		return nil, c.err
	}
	p := &Program{Runs: c.main() != nil || c.exec() != "" || c.Has("%test")}
	owner := m.owners()
	for _, d := range c.Decls() {
		owner[d.Name] = c
	}
	m.prune(c, owner)
	paths := map[string]bool{}
	for i, r := range m.cells {
		if text := r.cell.others(owner); text != "" {
			file := write(text, r.number, r.imports, nil, owner, resolve, paths)
			p.Files = append(p.Files, File{fmt.Sprintf("%03d.go", i), file})
		}
	}
	text := strings.TrimPrefix(c.code, header)
	if name := c.exec(); name != "" {
		text += "\nfunc main() { " + name + "() }\n"
	}
	text = blank(text, c.spans(isImport))
	p.Files = append(p.Files, File{"cell.go", write(text, number, m.seenBy(c), c.effects(), owner, resolve, paths)})
	if c.Has("%test") {
		p.Files = append(p.Files, File{"test.go", c.tests()})
		paths["testing"], paths["regexp"] = true, true
	} else if c.main() == nil && c.exec() == "" {
		p.Files = append(p.Files, File{"main.go", "package main\n\nfunc main() {}\n"})
	}
	p.Imports = slices.Sorted(maps.Keys(paths))
	return p, nil
}

// Chapter returns the cells of a chapter as one program, in which the environment variable
// [Variable] says by its number which of them runs; cells that do not parse take no part. It
// begins with a new program where a cell declares a name again; numbers has those whose
// statements are in a program.
func Chapter(cells []*Cell, resolve Resolve) (programs []*Program, numbers [][]int) {
	begin := 0
	var m Memory
	m.init()
	declared := map[string]bool{}
	for i, c := range cells {
		again := slices.ContainsFunc(c.Decls(), func(d *Decl) bool { return declared[d.Name] })
		if again && i > begin {
			p, n := m.chapter(begin, resolve)
			programs, numbers = append(programs, p), append(numbers, n)
			begin = i
		}
		for _, d := range c.Decls() {
			declared[d.Name] = true
		}
		if c.err == nil {
			m.Compiled(c, i+1)
		}
	}
	p, n := m.chapter(begin, resolve)
	return append(programs, p), append(numbers, n)
}

// Variable is the environment variable that says which cell of a chapter's program runs.
const Variable = "DESCENT_CELL"

// chapter writes the program of the cells from begin on, with what those before declare.
func (m *Memory) chapter(begin int, resolve Resolve) (*Program, []int) {
	p := &Program{Runs: true}
	owner, paths := m.owners(), map[string]bool{"os": true}
	var numbers []int
	var cases strings.Builder
	for i, r := range m.cells {
		text := r.cell.others(owner)
		if main := r.cell.main(); main != nil && r.number > begin {
			name := fmt.Sprintf("descentCell%d", r.number)
			numbers = append(numbers, r.number)
			fmt.Fprintf(&cases, "\tcase \"%d\":\n\t\t%s()\n", r.number, name)
			edits := append(r.cell.dead(owner), r.cell.spans(isImport)...)
			edits = append(edits, span{r.cell.spot(main.Name.Pos()), r.cell.spot(main.Name.End()), name})
			text = blank(strings.TrimPrefix(r.cell.code, header), edits)
		}
		if text != "" {
			p.Files = append(p.Files, File{fmt.Sprintf("%03d.go", i), write(text, r.number, r.imports, r.cell.effects(), owner, resolve, paths)})
		}
	}
	p.Files = append(p.Files, File{"main.go", fmt.Sprintf("package main\n\nimport \"os\"\n\nfunc main() {\n\tswitch os.Getenv(%q) {\n%s\t}\n}\n", Variable, cases.String())})
	p.Imports = slices.Sorted(maps.Keys(paths))
	return p, numbers
}

// owners returns the cell that has declared each name last.
func (m *Memory) owners() map[string]*Cell {
	owner := map[string]*Cell{}
	for _, r := range m.cells {
		for _, d := range r.cell.Decls() {
			if m.decls[d.Name] != nil {
				owner[d.Name] = r.cell
			}
		}
	}
	return owner
}

// prune takes away the owners of what a cell's program does as well without, so that it is linked from few packages: a
// declaration that stays is one that the cell reaches, one that reaches what the cell declares and so may no longer fit to it,
// or one that acts or is checked as soon as a program has it.
func (m *Memory) prune(c *Cell, owner map[string]*Cell) {
	uses, methods := map[string]map[string]bool{}, map[string][]string{}
	own := map[string]bool{}
	for name, cell := range owner {
		if d := m.decls[name]; d != nil && cell != c {
			uses[name] = d.uses
		}
		if base, _, ok := strings.Cut(name, "."); ok {
			methods[base] = append(methods[base], name)
		}
	}
	for _, d := range c.Decls() {
		own[d.Name] = true
	}
	todo := []map[string]bool{own}
	for _, d := range c.file.Decls {
		todo = append(todo, identifiers(d))
	}
	if name := c.exec(); name != "" {
		todo = append(todo, map[string]bool{name: true})
	}
	for _, r := range m.cells {
		if r.cell.Parsed() {
			todo = append(todo, r.cell.acts(owner)...)
		}
	}
	if len(own) > 0 {
		todo = append(todo, above(own, uses))
	}
	need := map[string]bool{}
	for len(todo) > 0 {
		names := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for name := range names {
			if need[name] {
				continue
			}
			need[name] = true
			todo = append(todo, uses[name])
			for _, method := range methods[name] { // an interface calls it by no name that stands here
				need[method] = true
				todo = append(todo, uses[method])
			}
		}
	}
	for name, cell := range owner {
		if cell != c && !need[name] {
			delete(owner, name)
		}
	}
}

// above returns the names of the declarations, by what each uses, that reach one of some names.
func above(names map[string]bool, uses map[string]map[string]bool) map[string]bool {
	users := map[string][]string{}
	for name, all := range uses {
		for used := range all {
			users[used] = append(users[used], name)
		}
		if base, _, ok := strings.Cut(name, "."); ok {
			users[name] = append(users[name], base) // who has the type has its methods
		}
	}
	found := map[string]bool{}
	for todo := slices.Collect(maps.Keys(names)); len(todo) > 0; todo = todo[1:] {
		for _, user := range users[todo[0]] {
			if !found[user] {
				found[user] = true
				todo = append(todo, user)
			}
		}
	}
	return found
}

// acts returns the identifiers of the cell's declarations that act, or are checked, as soon as a program has them: of
// functions init, of variables that a call sets, and of what has no name. Only those count that the cell owns.
func (c *Cell) acts(owner map[string]*Cell) []map[string]bool {
	mine := map[string]bool{}
	for _, d := range c.Decls() {
		if owner[d.Name] == c {
			mine[d.Name] = true
		}
	}
	if len(mine) == 0 {
		return nil // then its file has none of them
	}
	var all []map[string]bool
	add := func(n ast.Node, named bool) {
		all = append(all, identifiers(n))
		if !named {
			all = append(all, mine) // a cell that owns nothing any more would have no file
		}
	}
	for _, d := range c.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				add(d, false)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				names := specNames(s)
				blank := slices.ContainsFunc(names, func(id *ast.Ident) bool { return id.Name == "_" })
				owns := slices.ContainsFunc(names, func(id *ast.Ident) bool { return mine[id.Name] })
				switch {
				case blank && d.Tok == token.CONST: // it stays, and so do the constants beside it
					add(d, true)
				case blank:
					add(s, false)
				case owns && d.Tok == token.VAR && calls(s):
					add(s, true)
				}
			}
		}
	}
	return all
}

// calls tells whether a piece of Go calls something, or receives from a channel.
func calls(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// seenBy returns what the names of packages stand for in a cell: its own imports, and
// those of the cells before.
func (m *Memory) seenBy(c *Cell) map[string]string {
	all := maps.Clone(m.latest)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, m.imported(c))
	return all
}

// effects returns the cell's imports that are made for their effect alone, or of all
// names, as they are written.
func (c *Cell) effects() []string {
	var all []string
	for _, s := range c.file.Imports {
		if s.Name != nil && (s.Name.Name == "_" || s.Name.Name == ".") {
			all = append(all, s.Name.Name+" "+s.Path.Value)
		}
	}
	return all
}

// main returns the cell's func main, which %% makes too, or nil.
func (c *Cell) main() *ast.FuncDecl {
	if c.Special || c.file == nil {
		return nil
	}
	for _, d := range c.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "main" {
			return f
		}
	}
	return nil
}

// exec returns the function that %exec runs, or "".
func (c *Cell) exec() string {
	for _, i := range c.Starts {
		if words := strings.Fields(uncomment(c.lines[i])); len(words) > 1 && words[0] == "%exec" {
			return words[1]
		}
	}
	return ""
}

// A span is of bytes that are replaced by text; text that is only blanked is "".
type span struct {
	from, to int
	text     string
}

// spot is an offset in the code without its header.
func (c *Cell) spot(pos token.Pos) int { return c.fset.Position(pos).Offset - len(header) }

func isImport(d ast.Decl) bool {
	g, ok := d.(*ast.GenDecl)
	return ok && g.Tok == token.IMPORT
}

// spans returns where the declarations are that a function chooses.
func (c *Cell) spans(choose func(ast.Decl) bool) []span {
	var all []span
	for _, d := range c.file.Decls {
		if choose(d) {
			all = append(all, span{c.spot(d.Pos()), c.spot(d.End()), ""})
		}
	}
	return all
}

// others returns the text of the cell with nothing but the declarations that it owns,
// or "" if there are none.
func (c *Cell) others(owner map[string]*Cell) string {
	if c.Special || c.err != nil {
		return ""
	}
	if !slices.ContainsFunc(c.Decls(), func(d *Decl) bool { return owner[d.Name] == c }) {
		return ""
	}
	main := c.main()
	edits := append(c.dead(owner), c.spans(func(d ast.Decl) bool { return isImport(d) || main != nil && d == main })...)
	return blank(strings.TrimPrefix(c.code, header), edits)
}

// dead returns edits that take away the declarations that another cell has replaced.
func (c *Cell) dead(owner map[string]*Cell) []span {
	gone := func(name string) bool { return name != "_" && owner[name] != c }
	var edits []span
	add := func(n ast.Node, text string) { edits = append(edits, span{c.spot(n.Pos()), c.spot(n.End()), text}) }
	for _, d := range c.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = base(d) + "." + name
			}
			if name != "main" && name != "init" && gone(name) {
				add(d, "")
			}
		case *ast.GenDecl:
			alive := d.Tok == token.IMPORT
			var inner []span
			for _, s := range d.Specs {
				names := specNames(s)
				dead := 0
				for _, id := range names {
					if gone(id.Name) {
						inner = append(inner, span{c.spot(id.Pos()), c.spot(id.End()), "_"})
						dead++
					}
				}
				if _, ok := s.(*ast.TypeSpec); ok && dead > 0 || dead == len(names) && d.Tok == token.VAR {
					inner = append(inner[:len(inner)-dead], span{c.spot(s.Pos()), c.spot(s.End()), ""})
				}
				alive = alive || dead < len(names)
			}
			if alive {
				edits = append(edits, inner...)
			} else {
				add(d, "")
			}
		}
	}
	return edits
}

func specNames(s ast.Spec) []*ast.Ident {
	switch s := s.(type) {
	case *ast.ValueSpec:
		return s.Names
	case *ast.TypeSpec:
		return []*ast.Ident{s.Name}
	}
	return nil
}

// blank replaces spans of a text, in which lines stay lines.
func blank(text string, spans []span) string {
	var edits []edit
	for _, s := range spans {
		replace := s.text
		if replace == "" {
			replace = strings.Repeat("\n", strings.Count(text[s.from:s.to], "\n"))
		}
		edits = append(edits, edit{s.from, s.to, replace})
	}
	return apply(text, edits)
}

// tests returns a file that runs the cell's tests, as go test does.
func (c *Cell) tests() string {
	var tests, benchmarks strings.Builder
	for _, d := range c.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || len(f.Type.Params.List) != 1 {
			continue
		}
		name := f.Name.Name
		switch {
		case strings.HasPrefix(name, "Test"):
			fmt.Fprintf(&tests, "{%q, %s}, ", name, name)
		case strings.HasPrefix(name, "Benchmark"):
			fmt.Fprintf(&benchmarks, "{%q, %s}, ", name, name)
		}
	}
	return fmt.Sprintf(`package main

import (
	"regexp"
	"testing"
)

func main() {
	testing.Main(regexp.MatchString, []testing.InternalTest{%s}, []testing.InternalBenchmark{%s}, nil)
}
`, tests.String(), benchmarks.String())
}

// write writes a file with the imports that its text uses, all before its first line.
func write(text string, number int, imports map[string]string, effects []string, owner map[string]*Cell, resolve Resolve, paths map[string]bool) string {
	var b strings.Builder
	b.WriteString("package main")
	add := func(line, path string) {
		fmt.Fprintf(&b, "; import %s", line)
		paths[path] = true
	}
	for _, e := range effects {
		path, _ := strconv.Unquote(e[2:])
		add(e, path)
	}
	if f, err := parser.ParseFile(token.NewFileSet(), "", header+text, 0); err == nil {
		used := Packages(f)
		for _, name := range slices.Sorted(maps.Keys(used)) {
			if owner[name] != nil {
				continue
			}
			path := imports[name]
			if path == "" && resolve != nil {
				path = resolve(name, used[name])
			}
			if path != "" {
				add(name+" "+strconv.Quote(path), path)
			}
		}
	}
	fmt.Fprintf(&b, "\n//line %s:1\n%s\n", fileName(number), text)
	return b.String()
}

// Packages returns the names in a file that must be packages, each with what is used of
// it, sorted.
func Packages(f *ast.File) map[string][]string {
	unresolved := map[*ast.Ident]bool{}
	for _, id := range f.Unresolved {
		unresolved[id] = true
	}
	used := map[string][]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && unresolved[x] {
				used[x.Name] = append(used[x.Name], s.Sel.Name)
			}
		}
		return true
	})
	for name, members := range used {
		slices.Sort(members)
		used[name] = slices.Compact(members)
	}
	return used
}

// Parsed tells whether the cell is Go without a mistake of syntax.
func (c *Cell) Parsed() bool { return !c.Special && c.err == nil }

// Reach returns the identifiers that running the cell may need, those of the
// declarations that it uses included, without its own.
func (m *Memory) Reach(c *Cell) map[string]bool {
	m.init()
	if reach := m.reach(c); reach != nil {
		return reach
	}
	return map[string]bool{}
}

// A SyntaxError is one that Go's parser found in a cell.
type SyntaxError struct {
	Line int // from 1
	Text string
}

// SyntaxErrors returns the first error of each line of the cell, as the compiler does.
func (c *Cell) SyntaxErrors() []SyntaxError {
	var list scanner.ErrorList
	if !errors.As(c.err, &list) {
		return nil
	}
	var all []SyntaxError
	for _, e := range list {
		if len(all) > 0 && e.Pos.Line > len(c.lines) {
			break // at the brace that closes func main, which nobody has written
		}
		if n := len(all); n == 0 || all[n-1].Line != e.Pos.Line {
			all = append(all, SyntaxError{min(e.Pos.Line, len(c.lines)), e.Msg})
		}
	}
	return all
}

// Imports returns the paths that the cell itself imports.
func (c *Cell) Imports() []string {
	var all []string
	if !c.Special {
		for _, im := range c.imports() {
			all = append(all, im.Path)
		}
	}
	return all
}
