//go:build unix

package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/course/claims"
)

// A cell is a code cell as the kernel takes it apart: commands, declarations,
// and what runs.
type cell struct {
	number  int      // In [number]
	shell   []string // lines that begin with !, without it
	kernel  string   // why only the kernel can run it, if so
	decls   string   // what is declared, below a package clause
	body    string   // the statements below %%
	runs    bool     // is there a %%, or a func main?
	bodyAt  int      // line of the cell at which body begins
	imports map[string]string
	special []string // imports for their effect alone, or of all names
	names   []declared
}

// declared is a declaration at decls[from:to]; a method's name is T.m.
type declared struct {
	names    []string
	from, to int
}

// readCells returns the code cells of a notebook.
func readCells(file string) ([]*cell, error) {
	notebook, err := claims.Read(file)
	if err != nil {
		return nil, err
	}
	var all []*cell
	for _, c := range notebook.Cells {
		if c.Type != "code" {
			continue
		}
		parsed, err := parseCell(len(all)+1, string(c.Source))
		if err != nil {
			return nil, fmt.Errorf("%s: In [%d]: %w", file, len(all)+1, err)
		}
		parsed.kernel = cmp.Or(c.Metadata.Descent.Kernel, parsed.kernel)
		all = append(all, parsed)
	}
	return all, nil
}

// parseCell takes a cell apart.
func parseCell(number int, source string) (*cell, error) {
	c := &cell{number: number, imports: map[string]string{}}
	var decls, body []string
	for i, line := range strings.Split(source, "\n") {
		switch {
		case !c.runs && (line == "%%" || line == "%main"):
			c.runs, c.bodyAt = true, i+2
			line = ""
		case strings.HasPrefix(line, "!"):
			c.shell = append(c.shell, line[1:])
			line = ""
		case strings.HasPrefix(line, "%"):
			if c.kernel == "" {
				c.kernel = line + " is a command to the kernel"
			}
			line = ""
		}
		if c.runs {
			body = append(body, line)
		} else {
			decls = append(decls, line)
		}
	}
	if c.runs {
		c.body = strings.Join(body[1:], "\n")
	}
	c.decls = strings.Join(decls, "\n")
	return c, c.parse()
}

// declares returns the names that the cell declares.
func (c *cell) declares() []string {
	var all []string
	for _, d := range c.names {
		all = append(all, d.names...)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "_" })
}

const clause = "package main; "

// parse finds what the cell declares, imports and uses.
func (c *cell) parse() error {
	files := token.NewFileSet()
	decls, err := parser.ParseFile(files, "", clause+c.decls, parser.ParseComments)
	if err != nil {
		return err
	}
	at := func(p token.Pos) int { return files.Position(p).Offset - len(clause) }
	declare := func(names []string, doc *ast.CommentGroup, n ast.Node) {
		from := at(n.Pos())
		if doc != nil {
			from = at(doc.Pos())
		}
		c.names = append(c.names, declared{names, from, at(n.End())})
	}
	var blank [][2]int // imports: each file has those that it uses
	for _, d := range decls.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			switch {
			case d.Recv != nil:
				declare([]string{receiver(d.Recv.List[0].Type) + "." + d.Name.Name}, d.Doc, d)
			case d.Name.Name == "main":
				from, to := at(d.Body.Lbrace)+1, at(d.Body.Rbrace)
				c.runs, c.body = true, c.decls[from:to]
				c.bodyAt = 1 + strings.Count(c.decls[:from], "\n")
				blank = append(blank, [2]int{at(d.Pos()), at(d.End())})
			case d.Name.Name != "init":
				declare([]string{d.Name.Name}, d.Doc, d)
			}
		case *ast.GenDecl:
			switch {
			case d.Tok == token.IMPORT:
				for _, s := range d.Specs {
					if err := c.addImport(s.(*ast.ImportSpec)); err != nil {
						return err
					}
				}
				blank = append(blank, [2]int{at(d.Pos()), at(d.End())})
			case len(d.Specs) == 1 || d.Tok == token.CONST: // constants count with iota
				var names []string
				for _, s := range d.Specs {
					names = append(names, specNames(s)...)
				}
				declare(names, d.Doc, d)
			default:
				for _, s := range d.Specs {
					declare(specNames(s), nil, s)
				}
			}
		}
	}
	for _, b := range blank {
		c.decls = blanked(c.decls, b[0], b[1])
	}
	if c.runs {
		_, err = parser.ParseFile(files, "", clause+mainFunc(c.body), 0)
	}
	return err
}

// mainFunc is a function with the statements of a cell.
func mainFunc(body string) string { return "func main() {\n" + body + "\n}" }

func (c *cell) addImport(s *ast.ImportSpec) error {
	file, err := strconv.Unquote(s.Path.Value)
	if err != nil {
		return err
	}
	switch {
	case s.Name == nil:
		c.imports[packageName(file)] = s.Path.Value
	case s.Name.Name == "_" || s.Name.Name == ".":
		c.special = append(c.special, s.Name.Name+" "+s.Path.Value)
	default:
		c.imports[s.Name.Name] = s.Name.Name + " " + s.Path.Value
	}
	return nil
}

// uses adds the names x in x.Y that the source does not declare: they may be
// packages. The source has been parsed before.
func uses(names map[string]bool, source string) {
	file, err := parser.ParseFile(token.NewFileSet(), "", clause+source, 0)
	if err != nil {
		panic(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(file.Unresolved, x) {
				names[x.Name] = true
			}
		}
		return true
	})
}

func specNames(s ast.Spec) []string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return []string{s.Name.Name}
	case *ast.ValueSpec:
		var names []string
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
		return names
	}
	return nil
}

// receiver is the name of a method's type.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

var version = regexp.MustCompile(`^v\d+$`)

// packageName is the name that a package has by its path.
func packageName(file string) string {
	name := path.Base(file)
	if version.MatchString(name) {
		name = path.Base(path.Dir(file))
	}
	return name
}

// blanked is s with spaces in place of the bytes [from, to), in which lines stay lines.
func blanked(s string, from, to int) string {
	b := []byte(s)
	for i := from; i < to; i++ {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

// A program is what some cells in succession declare and run. No cell of it
// declares again what another has declared.
type program struct {
	first, last int // its cells run, those before only declare
	files       map[string]string
}

// run names the function of a cell.
func run(number int) string { return fmt.Sprintf("descentCell%d", number) }

// variable is the environment variable that tells a program which cell to run.
const variable = "DESCENT_CELL"

// merge writes the cells of a notebook as programs: one, unless a cell declares
// a name again. There a new program begins in which the later declaration is in
// force, as in the kernel.
func merge(cells []*cell) []program {
	var programs []program
	owner := map[string]*cell{} // who declared a name last
	begin := 0
	for i, c := range cells {
		again := false
		for _, name := range c.declares() {
			again = again || owner[name] != nil
		}
		if again {
			programs = append(programs, write(cells[:i], begin, owner))
			begin = i
		}
		for _, name := range c.declares() {
			owner[name] = c
		}
	}
	if begin < len(cells) {
		programs = append(programs, write(cells, begin, owner))
	}
	return programs
}

// write writes the program that runs cells[begin:].
func write(cells []*cell, begin int, owner map[string]*cell) program {
	p := program{first: begin + 1, last: len(cells), files: map[string]string{}}
	imports := map[string]string{}
	for i := len(cells) - 1; i >= 0; i-- { // what a cell does not import itself, another may have
		maps.Copy(imports, cells[i].imports)
	}
	var cases strings.Builder
	for i, c := range cells {
		maps.Copy(imports, c.imports)
		decls := c.decls
		for _, d := range c.names {
			if slices.ContainsFunc(d.names, func(name string) bool { return name != "_" && owner[name] != c }) {
				decls = blanked(decls, d.from, d.to)
			}
		}
		var b strings.Builder
		b.WriteString("package main\n")
		for _, s := range c.special {
			fmt.Fprintf(&b, "import %s\n", s)
		}
		used := map[string]bool{}
		uses(used, decls)
		if c.runs && i >= begin {
			uses(used, mainFunc(c.body))
		}
		for _, name := range slices.Sorted(maps.Keys(used)) {
			if s, ok := imports[name]; ok {
				fmt.Fprintf(&b, "import %s\n", s)
			}
		}
		fmt.Fprintf(&b, "//line In[%d]:1\n%s\n", c.number, decls)
		if c.runs && i >= begin {
			fmt.Fprintf(&b, "func %s() {\n//line In[%d]:%d\n%s\n}\n", run(c.number), c.number, c.bodyAt, c.body)
			fmt.Fprintf(&cases, "\tcase \"%d\":\n\t\t%s()\n", c.number, run(c.number))
		}
		p.files[fmt.Sprintf("cell%03d.go", c.number)] = b.String()
	}
	p.files["main.go"] = fmt.Sprintf("package main\n\nimport \"os\"\n\nfunc main() {\n\tswitch os.Getenv(%q) {\n%s\t}\n}\n", variable, cases.String())
	return p
}
