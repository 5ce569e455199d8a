package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Decl is a declaration at the top level of a cell.
type Decl struct {
	Name string // a method's is Type.Method
	Home string // its kind, and for a constant of a block the block: what GoNB keeps it under
	Text string
	Cell int             // the number of the cell that it stands in
	uses map[string]bool // the identifiers in it
}

// Decls returns the declarations of the cell without func main. It finds what it
// can in a cell that does not parse.
func (c *Cell) Decls() []*Decl {
	if c.Special {
		return nil
	}
	var all []*Decl
	seen := map[string]bool{}
	add := func(name, home string, n ast.Node) {
		if name != "_" && name != "main" && name != "init" {
			all = append(all, &Decl{Name: name, Home: home, Text: c.source(n), uses: identifiers(n)})
			seen[name] = true
		}
	}
	for _, d := range c.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = base(d) + "." + name
			}
			add(name, "func", d)
		case *ast.GenDecl:
			block := blockName(d)
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					var n ast.Node = s
					if block != "" {
						n = d // what a constant is depends on those before it
					}
					for _, name := range s.Names {
						add(name.Name, d.Tok.String()+block, n)
					}
				case *ast.TypeSpec:
					add(s.Name.Name, "type", s)
				}
			}
		}
	}
	if c.err != nil {
		for i, line := range c.lines {
			m := declaration.FindStringSubmatch(line)
			if m == nil || c.command[i] {
				continue
			}
			name := m[3]
			if m[2] != "" {
				name = m[2] + "." + name
			}
			if !seen[name] && name != "main" {
				all = append(all, &Decl{Name: name, Text: c.Text, uses: map[string]bool{}})
				seen[name] = true
			}
		}
	}
	return all
}

// declaration finds what the parser lost after a mistake.
var declaration = regexp.MustCompile(`^(?:func|type|var|const)\s+(\(\s*\w*\s*\*?\s*(\w+)[^)]*\)\s*)?(\w+)`)

// base returns the name of a receiver's type.
func base(d *ast.FuncDecl) string {
	if len(d.Recv.List) == 0 {
		return ""
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// blockName names a block of constants by the first of them that has a name. It
// is empty for a declaration of one constant, which GoNB treats well.
func blockName(d *ast.GenDecl) string {
	if d.Tok != token.CONST {
		return ""
	}
	n, first := 0, ""
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		n += len(s.Names)
		for _, name := range s.Names {
			if first == "" && name.Name != "_" {
				first = name.Name
			}
		}
	}
	if n < 2 {
		return ""
	}
	return " " + first
}

// identifiers returns the names in a piece of Go.
func identifiers(n ast.Node) map[string]bool {
	all := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			all[id.Name] = true
		}
		return true
	})
	return all
}

// An Import is one that a cell declares or a memory knows.
type Import struct{ Name, Path string }

// imports returns the cell's own.
func (c *Cell) imports() []Import {
	var all []Import
	for _, s := range c.file.Imports {
		path, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		im := Import{PackageName(path), path}
		if s.Name != nil {
			im.Name = s.Name.Name
		}
		all = append(all, im)
	}
	return all
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// PackageName guesses a package's name from its path, as goimports does.
func PackageName(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if version.MatchString(last) && len(parts) > 1 {
		last = parts[len(parts)-2]
	}
	if i := strings.LastIndex(last, ".v"); i > 0 {
		last = last[:i]
	}
	last = strings.TrimPrefix(last, "go-")
	return strings.ReplaceAll(strings.TrimSuffix(last, ".go"), "-", "_")
}

// keyName is the name under which GoNB keeps an import that the cell gives no name.
func keyName(path string) string {
	m := gonbKey.FindStringSubmatch(path)
	if m == nil {
		return path
	}
	return m[1]
}

var gonbKey = regexp.MustCompile(`^.*?(\w[\w0-9_]*)\s*$`)

// A Memory knows which declarations run, and which of them are older than what
// the learner sees. The zero Memory is of a kernel that has just started.
type Memory struct {
	decls   map[string]*Decl
	stale   map[string]Stale
	failed  map[string]int    // declared only in a cell that did not compile
	latest  map[string]string // the path that a package's name stands for
	aliases map[string]string // the name in GoNB's file of a path
	cells   []remembered      // that have compiled, in their order
}

// Stale is a declaration that runs although the learner has changed it: the
// newer version, in cell New, did not compile.
type Stale struct {
	Name     string
	Old, New int
}

func (m *Memory) init() {
	if m.decls == nil {
		*m = Memory{map[string]*Decl{}, map[string]Stale{}, map[string]int{}, map[string]string{}, map[string]string{}, nil}
	}
}

// Compiled remembers that a cell has compiled, under its number.
func (m *Memory) Compiled(c *Cell, number int) {
	m.init()
	for _, d := range c.Decls() {
		d.Cell = number
		m.decls[d.Name] = d
		delete(m.stale, d.Name)
		delete(m.failed, d.Name)
	}
	for name, path := range m.imported(c) {
		m.latest[name] = path
	}
	for path, alias := range m.newAliases(c) {
		m.aliases[path] = alias
	}
	m.cells = append(m.cells, remembered{c, number, m.seenBy(c)})
}

// Failed remembers that a cell has not compiled.
func (m *Memory) Failed(c *Cell, number int) {
	m.init()
	for _, d := range c.Decls() {
		old, ok := m.decls[d.Name]
		switch {
		case !ok:
			m.failed[d.Name] = number
		case same(old.Text, d.Text): // what is wrong is elsewhere in the cell
			delete(m.stale, d.Name)
		default:
			m.stale[d.Name] = Stale{d.Name, old.Cell, number}
		}
	}
}

// same tells whether two texts differ in nothing but white space at the ends of lines.
func same(a, b string) bool { return a == b }

// FailedIn returns the number of the cell with the only declaration of a name, if
// that cell did not compile, or 0.
func (m *Memory) FailedIn(name string) int { return m.failed[name] }

// Forget forgets declarations, all of them if there are no names.
func (m *Memory) Forget(names ...string) {
	m.init()
	if len(names) == 0 {
		*m = Memory{}
		return
	}
	for _, name := range names {
		name = strings.Replace(name, "~", ".", 1)
		delete(m.decls, name)
		delete(m.stale, name)
	}
}

// Names returns the names of what is declared.
func (m *Memory) Names() []string {
	var all []string
	for name := range m.decls {
		if _, method, ok := strings.Cut(name, "."); ok {
			name = method
		}
		all = append(all, name)
	}
	for name := range m.latest {
		all = append(all, name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// reach returns the identifiers that running the cell may need, those of the
// declarations that it uses included.
func (m *Memory) reach(c *Cell) map[string]bool {
	if c.Special {
		return nil
	}
	own := map[string]bool{}
	for _, d := range c.Decls() {
		own[d.Name] = true
	}
	methods := map[string][]*Decl{}
	for name, d := range m.decls {
		if _, method, ok := strings.Cut(name, "."); ok {
			methods[method] = append(methods[method], d)
		}
	}
	all := map[string]bool{}
	todo := []map[string]bool{}
	for _, d := range c.file.Decls {
		todo = append(todo, identifiers(d))
	}
	for i, line := range c.lines { // %exec f
		if c.command[i] && strings.HasPrefix(uncomment(line), "%exec ") {
			if words := strings.Fields(line); len(words) > 1 {
				todo = append(todo, map[string]bool{words[1]: true})
			}
		}
	}
	for len(todo) > 0 {
		names := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for name := range names {
			if all[name] {
				continue
			}
			all[name] = true
			if d, ok := m.decls[name]; ok && !own[name] {
				todo = append(todo, d.uses)
			}
			for _, d := range methods[name] {
				if !own[d.Name] {
					all[d.Name] = true
					todo = append(todo, d.uses)
				}
			}
		}
	}
	for name := range own {
		delete(all, name)
	}
	return all
}

// Stale returns the declarations that the cell would run in an older version than
// the learner sees, in the order of their names.
func (m *Memory) Stale(c *Cell) []Stale {
	if len(m.stale) == 0 || c.Special || !c.runs() {
		return nil
	}
	names := m.reach(c)
	var all []Stale
	for name, s := range m.stale {
		if names[name] {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Stale) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// runs tells whether the cell runs anything: commands alone do not.
func (c *Cell) runs() bool {
	return len(c.file.Decls) > 0 || len(c.Starts) > 0 || c.Has("%test")
}

// Calls tells whether the cell itself mentions one of the packages.
func (m *Memory) Calls(c *Cell, paths []string) bool {
	if c.Special {
		return false
	}
	own := m.imported(c)
	found := false
	ast.Inspect(c.file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				path := own[x.Name]
				if path == "" {
					path = m.latest[x.Name]
				}
				found = found || path != "" && slices.Contains(paths, path)
			}
		}
		return !found
	})
	return found
}

// imported returns the paths that names stand for in the cell alone.
func (m *Memory) imported(c *Cell) map[string]string {
	all := map[string]string{}
	if c.Special {
		return all
	}
	for _, im := range c.imports() {
		if im.Name != "_" && im.Name != "." {
			all[im.Name] = im.Path
		}
	}
	return all
}

// newAliases returns the names that the cell's imports get in GoNB's file, where
// imports of all cells stand together: the first path with a name keeps it.
func (m *Memory) newAliases(c *Cell) map[string]string {
	taken := map[string]string{}
	for path, name := range m.aliases {
		taken[name] = path
	}
	all := map[string]string{}
	for _, im := range c.imports() {
		if im.Name == "_" || im.Name == "." {
			continue
		}
		if _, ok := all[im.Path]; ok {
			continue
		}
		if name, ok := m.aliases[im.Path]; ok {
			all[im.Path] = name
			continue
		}
		name := im.Name
		for n := 2; taken[name] != "" && taken[name] != im.Path; n++ {
			if name = strings.NewReplacer("/", "_", "-", "_", ".", "_").Replace(im.Path); n > 2 {
				name = fmt.Sprint(name, n)
			}
		}
		all[im.Path], taken[name] = name, im.Path
	}
	return all
}
