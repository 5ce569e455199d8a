package docs_test

import (
	"go/ast"
	"go/doc"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPackageComments(t *testing.T) {
	for name, s := range packages(t) {
		if !strings.HasPrefix(s.doc.Doc, "Package "+name+" ") {
			t.Errorf("%s: the package comment begins %q, want \"Package %s …\"", s.dir, firstWords(s.doc.Doc), name)
		}
		if n := len(strings.Fields(s.doc.Doc)); n < 60 {
			t.Errorf("%s: the package comment has %d words, which is no chapter", s.dir, n)
		}
	}
}

func TestComments(t *testing.T) {
	all := packages(t)
	promised := contracts(all)
	for _, s := range all {
		check := func(name, comment string) {
			t.Helper()
			if !beginsWith(comment, name[strings.LastIndex(name, ".")+1:]) {
				t.Errorf("%s: the comment of %s begins %q, want its name", s.dir, name, firstWords(comment))
			}
		}
		for _, f := range s.doc.Funcs {
			check(f.Name, f.Doc)
		}
		checkValues(t, s.dir, s.doc.Consts)
		checkValues(t, s.dir, s.doc.Vars)
		for _, typ := range s.doc.Types {
			check(typ.Name, typ.Doc)
			checkValues(t, s.dir, typ.Consts)
			checkValues(t, s.dir, typ.Vars)
			for _, f := range typ.Funcs {
				check(f.Name, f.Doc)
			}
			for _, m := range typ.Methods {
				if m.Doc != "" || !promised[m.Name+signature(m.Decl.Type)] {
					check(typ.Name+"."+m.Name, m.Doc)
				}
			}
			checkInterface(t, s.dir, typ)
		}
	}
}

// contracts are the methods of all exported interfaces, and of those of other
// modules that types here implement. A method that does what the interface says
// needs no comment.
func contracts(all map[string]*surface) map[string]bool {
	promised := map[string]bool{
		"String() string":               true, // fmt.Stringer
		"Error() string":                true, // error
		"Unwrap() error":                true, // errors
		"Dims() (int, int)":             true, // mat.Matrix
		"At(int, int) float64":          true,
		"T() Matrix":                    true,
		"MarshalJSON() ([]byte, error)": true, // encoding/json
		"UnmarshalJSON([]byte) error":   true,
		"Validate() error":              true, // every settings' own check
		"Unwrap() Optimizer":            true, // optim.As
	}
	for _, s := range all {
		for _, typ := range s.doc.Types {
			for _, spec := range typ.Decl.Specs {
				iface, ok := spec.(*ast.TypeSpec).Type.(*ast.InterfaceType)
				if !ok {
					continue
				}
				for _, m := range iface.Methods.List {
					if f, ok := m.Type.(*ast.FuncType); ok && m.Names[0].IsExported() {
						promised[m.Names[0].Name+signature(f)] = true
					}
				}
			}
		}
	}
	return promised
}

// signature is a function's type without the names of parameters and packages.
func signature(f *ast.FuncType) string {
	join := func(l *ast.FieldList) string {
		var list []string
		if l != nil {
			for _, field := range l.List {
				name := qualifier.ReplaceAllString(types.ExprString(field.Type), "")
				list = append(list, slices.Repeat([]string{name}, max(1, len(field.Names)))...)
			}
		}
		return strings.Join(list, ", ")
	}
	results := join(f.Results)
	if strings.Contains(results, ", ") {
		results = "(" + results + ")"
	}
	return strings.TrimSuffix("("+join(f.Params)+") "+results, " ")
}

var qualifier = regexp.MustCompile(`\b[a-z]\w*\.`)

// checkValues wants a comment on each constant and variable: its own or, for an
// enumeration, one of the group.
func checkValues(t *testing.T, dir string, groups []*doc.Value) {
	t.Helper()
	for _, g := range groups {
		for _, spec := range g.Decl.Specs {
			v := spec.(*ast.ValueSpec)
			if g.Doc == "" && v.Doc.Text() == "" && v.Comment.Text() == "" && ast.IsExported(v.Names[0].Name) {
				t.Errorf("%s: %s has no comment, neither its own nor one of its group", dir, v.Names[0])
			}
		}
	}
}

// checkInterface wants a comment on each method of an interface that has
// several; the only method of an interface is what its own comment is about.
func checkInterface(t *testing.T, dir string, typ *doc.Type) {
	t.Helper()
	for _, spec := range typ.Decl.Specs {
		iface, ok := spec.(*ast.TypeSpec).Type.(*ast.InterfaceType)
		if !ok {
			continue
		}
		methods := slices.DeleteFunc(slices.Clone(iface.Methods.List), func(m *ast.Field) bool {
			return len(m.Names) == 0 // another interface
		})
		for _, m := range methods {
			if len(methods) > 1 && m.Names[0].IsExported() && m.Doc.Text() == "" && m.Comment.Text() == "" {
				t.Errorf("%s: %s.%s has no comment", dir, typ.Name, m.Names[0])
			}
		}
	}
}

func beginsWith(comment, name string) bool {
	for _, article := range []string{"", "A ", "An ", "The "} {
		rest, ok := strings.CutPrefix(comment, article+name)
		if ok && rest != "" && !token.IsIdentifier("x"+rest[:1]) {
			return true
		}
	}
	return false
}

func TestBeginsWith(t *testing.T) {
	for comment, want := range map[string]bool{
		"Step moves.":      true,
		"A Step is one.":   true,
		"The Step moves.":  true,
		"Step's length.":   true,
		"Steps move.":      false,
		"Step":             false,
		"Moves by a Step.": false,
		"":                 false,
	} {
		if got := beginsWith(comment, "Step"); got != want {
			t.Errorf("beginsWith(%q, \"Step\") = %t, want %t", comment, got, want)
		}
	}
}

func firstWords(s string) string {
	words := strings.Fields(s)
	return strings.Join(words[:min(5, len(words))], " ")
}

// shownBy are the types that need no Example of their own, since they are the
// setting, the result or the contract of something else, whose Example shows
// them.
var shownBy = map[string]string{
	"blas.Transpose":           "ExampleGemm",
	"blas.SoftmaxRows":         "ExampleBlock",
	"calibrate.Kind":           "ExampleFit",
	"model.Layer":              "ExampleNetwork",
	"preprocess.TextTokenizer": "ExampleBPE",
	"solve.StreamReport":       "ExampleStreamOptions",
	"tabular.About":            "ExampleModel_Card",
	"tabular.Card":             "ExampleModel_Card",
	"tabular.CrossValidation":  "ExampleLearner_CrossValidate",
	"tabular.Dependence":       "ExampleModel_Dependence",
	"tabular.Evaluation":       "ExampleModel_Evaluate",
	"tabular.Feature":          "ExampleLearner",
	"tabular.Importance":       "ExampleModel_Importance",
	"tabular.Kind":             "ExampleLearner",
	"tabular.Method":           "ExampleLinear",
	"tabular.Noted":            "ExampleModel_Card",
	"tabular.Prediction":       "Example",
	"tabular.Predictions":      "ExampleLinear",
	"tabular.Prepared":         "ExampleLinear",
	"tabular.Score":            "ExampleModel_Evaluate",
	"tabular.Scores":           "ExampleModel_Evaluate",
	"tabular.SearchOptions":    "ExampleSearch",
	"tabular.Task":             "ExampleLearner",
	"tabular.Unknown":          "ExampleLearner",
	"train.Checkpoint":         "ExampleState_Checkpoint",
	"train.Data":               "ExampleEarlyStopping",
	"train.Options":            "ExampleFit",
	"train.Record":             "ExampleHistory",
}

func TestExamples(t *testing.T) {
	all := packages(t)
	for _, pkg := range slices.Sorted(maps.Keys(all)) {
		s := all[pkg]
		for name, runs := range s.examples {
			if !runs {
				t.Errorf("%s: %s has no Output comment, so it is not run", s.dir, name)
			}
		}
		if !strings.HasPrefix(s.dir, "lib/") || s.dir == apart {
			if len(s.examples) == 0 {
				t.Errorf("%s has no Example", s.dir)
			}
			continue
		}
		for _, typ := range s.doc.Types {
			full := pkg + "." + typ.Name
			other, listed := shownBy[full]
			switch own := hasExample(s, typ); {
			case own && listed:
				t.Errorf("%s has an Example of its own: take it off the list shownBy", full)
			case listed && !s.examples[other]:
				t.Errorf("%s: there is no %s, which is to show %s", s.dir, other, full)
			case !own && !listed:
				t.Errorf("%s has no Example", full)
			}
		}
	}
	for name := range shownBy {
		if !exists(all, name) {
			t.Errorf("shownBy lists %s, which does not exist", name)
		}
	}
}

// hasExample looks for ExampleT, ExampleT_suffix, ExampleT_Method and the
// Example of a function that returns a T.
func hasExample(s *surface, typ *doc.Type) bool {
	for name := range s.examples {
		name = strings.TrimPrefix(name, "Example")
		if name == typ.Name || strings.HasPrefix(name, typ.Name+"_") {
			return true
		}
		for _, f := range typ.Funcs {
			if name == f.Name || strings.HasPrefix(name, f.Name+"_") {
				return true
			}
		}
	}
	return false
}
