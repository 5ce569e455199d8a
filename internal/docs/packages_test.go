package docs_test

import (
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// root is the top of the repository as the tests of this package see it.
const root = "../.."

// apart is a separate module. It says where lib trains and not what else there is to train: docs/scale.md is its document, and its
// functions are shown together, since they need worker processes.
const apart = "lib/beam"

// A surface is what one package shows to those who import it.
type surface struct {
	dir      string // "lib/optim"
	doc      *doc.Package
	examples map[string]bool            // "ExampleAdam": it has an Output and so is run
	tests    map[string]string          // "TestAdam", "FuzzLoad": file name
	names    map[string]string          // top-level: "Adam", "NewAdam", "ErrStop": file name
	members  map[string]map[string]bool // of a type: fields and methods
}

// surfaces are the packages of lib/, datasets and plots, once packages has read them.
var surfaces map[string]*surface

func packages(t *testing.T) map[string]*surface {
	t.Helper()
	if surfaces != nil {
		return surfaces
	}
	dirs, err := filepath.Glob(filepath.Join(root, "lib", "*"))
	if err != nil {
		t.Fatal(err)
	}
	dirs = append(dirs, filepath.Join(root, "datasets"),
		filepath.Join(root, "datasets", "remote"), filepath.Join(root, "plots"), filepath.Join(root, "plots", "report"), filepath.Join(root, "plots", "widget"))
	all := map[string]*surface{}
	for _, dir := range dirs {
		s, err := read(dir)
		if err != nil {
			t.Fatal(err)
		}
		all[s.doc.Name] = s
	}
	surfaces = all
	return all
}

func read(dir string) (*surface, error) {
	pkg, err := build.ImportDir(dir, build.ImportComment)
	if err != nil {
		return nil, err
	}
	s := &surface{
		dir:      strings.TrimPrefix(filepath.ToSlash(dir), root+"/"),
		examples: map[string]bool{},
		tests:    map[string]string{},
		names:    map[string]string{},
		members:  map[string]map[string]bool{},
	}
	fset := token.NewFileSet()
	var all []*ast.File
	for _, list := range [][]string{pkg.GoFiles, pkg.TestGoFiles, pkg.XTestGoFiles} {
		for _, name := range list {
			f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			all = append(all, f)
			if strings.HasSuffix(name, "_test.go") {
				s.addTests(name, f)
			} else {
				s.addNames(name, f)
			}
		}
	}
	for _, e := range doc.Examples(all...) {
		s.examples["Example"+e.Name] = e.Output != "" || e.EmptyOutput
	}
	s.doc, err = doc.NewFromFiles(fset, all, path.Join("github.com/descent-go/descent", s.dir))
	return s, err
}

func (s *surface) addTests(file string, f *ast.File) {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
			s.tests[fn.Name.Name] = file
		}
	}
}

func (s *surface) addNames(file string, f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				s.add(file, "", d.Name)
			} else {
				s.add(file, receiver(d.Recv.List[0].Type), d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					s.add(file, "", spec.Names...)
				case *ast.TypeSpec:
					s.add(file, "", spec.Name)
					for _, field := range fields(spec.Type) {
						s.add(file, spec.Name.Name, field.Names...)
					}
				}
			}
		}
	}
}

func (s *surface) add(file, owner string, names ...*ast.Ident) {
	for _, n := range names {
		switch {
		case !n.IsExported():
		case owner == "":
			s.names[n.Name] = file
		default:
			if s.members[owner] == nil {
				s.members[owner] = map[string]bool{}
			}
			s.members[owner][n.Name] = true
		}
	}
}

// fields are the fields of a struct or the methods of an interface.
func fields(t ast.Expr) []*ast.Field {
	switch t := t.(type) {
	case *ast.StructType:
		return t.Fields.List
	case *ast.InterfaceType:
		return t.Methods.List
	}
	return nil
}

func receiver(t ast.Expr) string {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// exists says whether name, such as "optim.SGD.Nesterov", is exported.
func exists(all map[string]*surface, name string) bool {
	parts := strings.Split(name, ".")
	s := all[parts[0]]
	switch {
	case s == nil:
		return false
	case len(parts) == 2:
		return s.names[parts[1]] != ""
	case len(parts) == 3:
		return s.members[parts[1]][parts[2]]
	}
	return false
}

func TestExists(t *testing.T) {
	all := packages(t)
	for name, want := range map[string]bool{
		"optim.SGD":             true,
		"optim.SGD.Nesterov":    true, // a field
		"optim.Adam.Step":       true, // a method
		"optim.Optimizer.State": true, // an interface's method
		"optim.NewAdam":         true,
		"train.ErrStop":         true,
		"preprocess.Load":       true, // generic
		"optim.Sgd":             false,
		"optim.checkStep":       false,
		"optim.SGD.velocity":    false,
		"optim.SGD.Nesterow":    false,
		"optim.SGD.Step.More":   false,
		"optim":                 false,
		"optimizer.SGD":         false,
	} {
		if got := exists(all, name); got != want {
			t.Errorf("exists(%q) = %t, want %t", name, got, want)
		}
	}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
