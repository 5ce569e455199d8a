package timed

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A declared type is what the text of a package says about it: its own methods, and
// the types of the same package that it embeds.
type declared struct {
	isInterface       bool
	methods, embedded []string
}

// exportedNames returns the exported functions of the package in a folder, as "Read",
// and the exported methods of its exported types, as "CSV.Read". To these belong the
// methods of embedded types, exported or not, structs or interfaces, as far as the
// same package declares them: those of other packages do not stand in its text.
func exportedNames(folder string) (names []string, err error) {
	names, types, err := read(folder)
	for _, name := range exportedTypes(types) {
		for _, method := range methodsOf(types, name) {
			if ast.IsExported(method) && !slices.Contains(always, method) {
				names = append(names, name+"."+method)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), err // kernels have a text for each kind of processor
}

// typesWith returns the exported types that have a method, exported or not.
func typesWith(folder, method string) (names []string, err error) {
	_, types, err := read(folder)
	return slices.DeleteFunc(exportedTypes(types), func(name string) bool {
		return !slices.Contains(methodsOf(types, name), method)
	}), err
}

// exportedTypes returns the names of those that are not interfaces.
func exportedTypes(types map[string]*declared) (names []string) {
	for name, t := range types {
		if ast.IsExported(name) && !t.isInterface {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// read returns the exported functions of a package, and all its types.
func read(folder string) (functions []string, types map[string]*declared, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, err
	}
	types = map[string]*declared{}
	of := func(name string) *declared {
		if types[name] == nil {
			types[name] = &declared{}
		}
		return types[name]
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, e.Name()), nil, 0)
		if err != nil {
			return nil, nil, err
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil {
					t := of(typeName(d.Recv.List[0].Type))
					t.methods = append(t.methods, d.Name.Name)
				} else if d.Name.IsExported() && !isDefault(d) {
					functions = append(functions, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok {
						of(spec.Name.Name).declare(spec.Type)
					}
				}
			}
		}
	}
	return functions, types, nil
}

// always are the methods that a fmt, a json or a Transformer asks for: quick everywhere.
var always = []string{"String", "Validate", "FeatureNames", "UnmarshalJSON", "MarshalJSON", "Terms"}

// isDefault tells whether a function only returns settings: NewX().
func isDefault(f *ast.FuncDecl) bool {
	return strings.HasPrefix(f.Name.Name, "New") && f.Type.Params.NumFields() == 0
}

// declare notes the methods of an interface, and what a struct or an interface embeds.
func (t *declared) declare(typ ast.Expr) {
	var fields *ast.FieldList
	switch typ := typ.(type) {
	case *ast.StructType:
		fields = typ.Fields
	case *ast.InterfaceType:
		fields, t.isInterface = typ.Methods, true
	default:
		return
	}
	for _, f := range fields.List {
		if len(f.Names) == 0 {
			t.embedded = append(t.embedded, typeName(f.Type))
		} else if t.isInterface {
			t.methods = append(t.methods, f.Names[0].Name)
		}
	}
}

// methodsOf returns the methods of a type and of all it embeds.
func methodsOf(types map[string]*declared, name string) (methods []string) {
	embedded := []string{name}
	for i := 0; i < len(embedded); i++ { // it grows
		t := types[embedded[i]]
		if t == nil { // of another package
			continue
		}
		methods = append(methods, t.methods...)
		for _, e := range t.embedded {
			if !slices.Contains(embedded, e) {
				embedded = append(embedded, e)
			}
		}
	}
	return methods
}

// typeName returns the name of T, *T or T[U], and "" for one of another package.
func typeName(typ ast.Expr) string {
	switch typ := typ.(type) {
	case *ast.Ident:
		return typ.Name
	case *ast.StarExpr:
		return typeName(typ.X)
	case *ast.IndexExpr:
		return typeName(typ.X)
	case *ast.IndexListExpr:
		return typeName(typ.X)
	}
	return ""
}
