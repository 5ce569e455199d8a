package docs_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notCompared are exported names of lib/ that no neighbour has a counterpart
// of, since they only hold the others together: each with what it is for.
var notCompared = map[string]string{
	"blas.AddNarrow":               "a conversion, for networks in float32",
	"blas.AddScaled":               "part of optim.SGD",
	"blas.AddProducts":             "exact gradients, for solve.LeastSquares",
	"blas.AddRuns":                 "short sums, for convolutions and recurrent layers",
	"blas.CopyRuns":                "short copies, for convolutions",
	"blas.Dots":                    "Gemv for a matrix that comes from memory",
	"blas.MaxSquares":              "part of model.MaxPool",
	"blas.MaxSquaresGrad":          "part of model.MaxPool",
	"blas.Narrow":                  "a conversion, for networks in float32",
	"blas.SumProducts":             "exact residuals, for solve.LeastSquares",
	"blas.Prefetch":                "hint to the processor, for sweeps",
	"blas.PrefetchL2":              "hint to the processor, for sweeps",
	"must.Do":                      "an error that ends a cell",
	"must.Get":                     "an error that ends a cell",
	"blas.Transpose":               "gonum's type, for arguments of Gemm",
	"loss.AsSeparable":             "what a loss may offer to training",
	"loss.Points":                  "many points of a loss at once",
	"loss.Pointwise":               "what a loss may offer to training",
	"loss.Separable":               "what a loss may offer to training",
	"model.Affine":                 "what a model may offer to training",
	"model.Stateful":               "what a model may offer to training and saving",
	"model.CurvatureBound":         "Linear.CurvatureBound for any Affine",
	"model.Features":               "a Shape",
	"model.Image":                  "a Shape",
	"model.Initializer":            "what the initialisations of the table are",
	"model.InputChecker":           "what a model may offer to training",
	"model.Layer":                  "what the layers of the table are",
	"model.Sharer":                 "what a model may offer to training",
	"model.Shape":                  "argument of NewNetwork",
	"objective.Data":               "argument of train.Fit, as train.Data",
	"optim.StepNarrow":             "a step of Adam, for networks in float32",
	"objective.Objective":          "what training and the solvers of the table have in common",
	"objective.Options":            "settings of an Objective",
	"optim.Averager":               "what EMA, SWA, ASGD and ScheduleFree offer to training",
	"optim.Observer":               "what Plateau offers to training",
	"optim.Perturber":              "what SAM offers to training",
	"optim.Range":                  "part of a Group",
	"preprocess.Dense":             "conversion of a matrix",
	"preprocess.Rows":              "rows of a matrix, for folds",
	"preprocess.StringTransformer": "what the encoders of the table are for strings",
	"preprocess.Take":              "elements of a slice, for folds",
	"preprocess.Vectorizer":        "what the vectorizers of the table are",
	"regularizer.BlockChecker":     "what a penalty may offer to training",
	"solve.Report":                 "result of Logistic",
	"sparse.Axpy":                  "step along a sparse row",
	"sparse.Dot":                   "product with a sparse row",
	"calibrate.Kind":               "names of the calibrators of the table",
	"tabular.Method":               "what the methods of the table are",
	"tabular.Prepared":             "argument of a Method",
	"tabular.Task":                 "Classification or Regression",
	"tabular.Unknown":              "setting of a Learner",
	"tune.Distribution":            "what a Space holds",
	"tune.Goal":                    "part of a Result",
	"tune.Method":                  "what the searches of the table are",
	"tune.Objective":               "what Minimize and Maximize take",
	"tune.PanicError":              "error of a trial that panicked",
	"tune.Params":                  "part of a Trial",
}

// A row of the table, with its line in the file.
type row struct {
	line  int
	cells []string
}

const columns = 6

// tableRows are the rows of all tables with as many columns as there are
// libraries to compare, without their heads.
func tableRows(text string) (rows []row, problems []string) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		head := i+1 < len(lines) && strings.HasPrefix(lines[i+1], "|---")
		if head || strings.HasPrefix(line, "|---") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		if len(cells) != columns {
			problems = append(problems, fmt.Sprintf("line %d has %d columns, want %d", i+1, len(cells), columns))
			continue
		}
		rows = append(rows, row{i + 1, cells})
	}
	return rows, problems
}

var code = regexp.MustCompile("`([^`]+)`")

// checkTable says what is wrong with the table, and which names of Descent
// stand in it.
func checkTable(text string, all map[string]*surface) (named map[string]bool, problems []string) {
	rows, problems := tableRows(text)
	named = map[string]bool{}
	seen := map[string]int{}
	for _, r := range rows {
		if slices.Contains(r.cells, "") {
			problems = append(problems, fmt.Sprintf("line %d has an empty cell: write – for none", r.line))
		}
		if !slices.ContainsFunc(r.cells[1:], func(c string) bool { return c != "–" }) {
			problems = append(problems, fmt.Sprintf("line %d: nobody has %q", r.line, r.cells[0]))
		}
		if first, twice := seen[r.cells[0]]; twice {
			problems = append(problems, fmt.Sprintf("line %d repeats the capability of line %d", r.line, first))
		}
		seen[r.cells[0]] = r.line
		found := code.FindAllStringSubmatch(r.cells[1], -1)
		if len(found) == 0 && r.cells[1] != "–" {
			problems = append(problems, fmt.Sprintf("line %d: Descent's cell %q names nothing", r.line, r.cells[1]))
		}
		for _, m := range found {
			if !exists(all, m[1]) {
				problems = append(problems, fmt.Sprintf("line %d: there is no %s", r.line, m[1]))
			}
			named[topLevel(m[1])] = true
		}
	}
	return named, problems
}

// topLevel cuts "optim.SGD.Momentum" to "optim.SGD".
func topLevel(name string) string {
	parts := strings.SplitN(name, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

func TestComparison(t *testing.T) {
	all := packages(t)
	named, problems := checkTable(readText(t, "docs/compare.md"), all)
	for _, p := range problems {
		t.Errorf("docs/compare.md: %s", p)
	}
	for _, pkg := range slices.Sorted(maps.Keys(all)) {
		s := all[pkg]
		if !strings.HasPrefix(s.dir, "lib/") || s.dir == apart {
			continue
		}
		for _, name := range capabilities(s, named) {
			_, excepted := notCompared[name]
			switch {
			case named[name] && excepted:
				t.Errorf("%s stands in docs/compare.md: take it off the list notCompared", name)
			case !named[name] && !excepted:
				t.Errorf("%s does not stand in docs/compare.md", name)
			}
		}
	}
	for name := range notCompared {
		if !exists(all, name) {
			t.Errorf("notCompared lists %s, which does not exist", name)
		}
	}
}

// capabilities are the exported types and functions of a package, each type
// once: a constructor counts as named where its type is, and the other way
// round.
func capabilities(s *surface, named map[string]bool) (names []string) {
	for _, f := range s.doc.Funcs {
		names = append(names, s.doc.Name+"."+f.Name)
	}
	for _, typ := range s.doc.Types {
		full := s.doc.Name + "." + typ.Name
		for _, f := range typ.Funcs {
			maker := s.doc.Name + "." + f.Name
			switch {
			case !strings.HasPrefix(f.Name, "New"):
				names = append(names, maker)
			case named[maker]:
				named[full] = true
			}
		}
		names = append(names, full)
	}
	return names
}

// The check itself must be able to fail.
func TestComparisonFinds(t *testing.T) {
	const head = "| capability | Descent | a | b | c | d |\n|---|---|---|---|---|---|\n"
	all := packages(t)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", head + "| x | `optim.SGD` | – | `y` | – | – |\n", ""},
		{"a field", head + "| x | `optim.SGD.Momentum` | – | – | – | – |\n", ""},
		{"none", head + "| x | – | `y` | – | – | – |\n", ""},
		{"an unknown name", head + "| x | `optim.Sgd` | – | – | – | – |\n", "line 3: there is no optim.Sgd"},
		{"an unknown field", head + "| x | `optim.SGD.Beta` | – | – | – | – |\n", "line 3: there is no optim.SGD.Beta"},
		{"an unknown package", head + "| x | `torch.SGD` | – | – | – | – |\n", "there is no torch.SGD"},
		{"a name that is not code", head + "| x | optim.SGD | – | – | – | – |\n", "names nothing"},
		{"an empty cell", head + "| x | `optim.SGD` |  | – | – | – |\n", "empty cell"},
		{"a missing cell", head + "| x | `optim.SGD` | – | – | – |\n", "5 columns"},
		{"what nobody has", head + "| x | – | – | – | – | – |\n", "nobody has"},
		{"a row twice", head + "| x | – | y | – | – | – |\n| x | – | y | – | – | – |\n", "line 4 repeats"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := checkTable(c.text, all)
			got := strings.Join(problems, "; ")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("problems %q, want %q", got, c.want)
			}
		})
	}
}
