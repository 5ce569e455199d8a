package objective_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// members are values of all types that may implement the optional interfaces of
// each package.
var members = map[string][]any{
	"model": {&model.Linear{}, &model.Network{}, &model.MatrixFactorization{}},
	"loss": {
		loss.MSE{}, loss.MAE{}, loss.Huber{}, loss.LogCosh{}, loss.Quantile{}, loss.Poisson{}, loss.BinaryCrossEntropy{},
		loss.Focal{}, loss.Hinge{}, loss.SquaredHinge{}, loss.CrossEntropy{}, loss.MulticlassHinge{}, loss.KLDivergence{},
	},
	"optim": {
		&optim.SGD{}, &optim.Adam{}, &optim.AdamW{}, &optim.SAM{}, &optim.EMA{}, &optim.SWA{}, &optim.Lookahead{},
		&optim.ASGD{}, &optim.ScheduleFree{}, &optim.ScheduledMomentum{}, &optim.Muon{}, &optim.Groups{},
		optim.ClipNorm{}, optim.WeightDecay{}, &optim.Plateau{}, optim.Sequence{}, optim.Warmup{}, optim.PerEpoch{}, optim.Constant(1),
	},
}

var optional = map[string]reflect.Type{
	"model.Affine":       reflect.TypeFor[model.Affine](),
	"model.Sharer":       reflect.TypeFor[model.Sharer](),
	"model.Stateful":     reflect.TypeFor[model.Stateful](),
	"model.InputChecker": reflect.TypeFor[model.InputChecker](),
	"model.SecondOrder":  reflect.TypeFor[model.SecondOrder](),
	"loss.Pointwise":     reflect.TypeFor[loss.Pointwise](),
	"loss.Separable":     reflect.TypeFor[loss.Separable](),
	"loss.Smooth":        reflect.TypeFor[loss.Smooth](),
	"loss.TargetChecker": reflect.TypeFor[loss.TargetChecker](),
	"optim.Perturber":    reflect.TypeFor[optim.Perturber](),
	"optim.Averager":     reflect.TypeFor[optim.Averager](),
	"optim.Observer":     reflect.TypeFor[optim.Observer](),
}

// basic are the exported interfaces of these packages that are not optional.
var basic = []string{"model.Model", "model.Layer", "loss.Loss", "optim.Optimizer", "optim.Schedule"}

// TestTable compares the table of the package comment with the code: every
// interface of the three packages is in it, with all types that implement it.
func TestTable(t *testing.T) {
	doc, err := parser.ParseFile(token.NewFileSet(), "objective.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(doc.Doc.Text(), "\n") {
		cells := strings.FieldsFunc(strings.ReplaceAll(strings.TrimSpace(line), "  ", "\t"), func(r rune) bool { return r == '\t' })
		if len(cells) < 3 || !strings.Contains(cells[0], ".") || strings.Contains(cells[0], " ") {
			continue
		}
		name := strings.TrimSpace(cells[0])
		seen[name] = true
		iface, ok := optional[name]
		if !ok {
			t.Errorf("the table has %s, which is not an optional interface", name)
			continue
		}
		pkg, _, _ := strings.Cut(name, ".")
		var all, have []string
		for _, m := range members[pkg] {
			kind := reflect.TypeOf(m)
			short := strings.TrimPrefix(strings.TrimPrefix(kind.String(), "*"), pkg+".")
			all = append(all, short)
			if kind.Implements(iface) {
				have = append(have, short)
			}
		}
		if want := listed(strings.TrimSpace(cells[len(cells)-1]), all); !slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(have))) {
			t.Errorf("%s: the table says %v, the code %v", name, want, have)
		}
	}
	if len(seen) > 12 {
		t.Errorf("there are %d optional interfaces, want at most 12", len(seen))
	}
	for _, pkg := range []string{"model", "loss", "optim"} {
		for _, name := range interfaces(t, "../"+pkg) {
			if name = pkg + "." + name; !seen[name] && !slices.Contains(basic, name) {
				t.Errorf("%s is not in the table", name)
			}
		}
	}
}

// listed returns the types that a cell names: "all", "all but A, B" or "A, B".
func listed(cell string, all []string) []string {
	rest, most := strings.CutPrefix(cell, "all")
	if !most {
		return strings.Split(cell, ", ")
	}
	except := strings.Split(strings.TrimPrefix(rest, " but "), ", ")
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(except, name) })
}

// interfaces returns the names of the exported interfaces of a package.
func interfaces(t *testing.T, folder string) (names []string) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				if _, ok := spec.Type.(*ast.InterfaceType); ok {
					names = append(names, spec.Name.Name)
				}
			}
			return true
		})
	}
	return names
}
