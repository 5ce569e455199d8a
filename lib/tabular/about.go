package tabular

import (
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/descent-go/descent/lib/preprocess"
)

// About says what a model is, for its card. The fields of the first part are yours; those
// of the second are set by Learner.Fit and [Model.Note]. Nothing is taken from the clock,
// so that the same data and settings give the same file.
type About struct {
	Title       string    `json:",omitempty"`
	Description string    `json:",omitempty"`
	Data        string    `json:",omitempty"` // where the rows come from, and their licence
	Date        time.Time `json:",omitzero"`  // of the training
	Uses        []string  `json:",omitempty"` // what the model is meant for
	Limits      []string  `json:",omitempty"` // what it is not meant for, or was not tested on

	Rows     int               `json:",omitempty"` // training rows
	Method   string            `json:",omitempty"` // the method with its settings
	Versions map[string]string `json:",omitempty"` // of Go and of this module
	Noted    []Noted           `json:",omitempty"`
}

// Noted are scores with what they were measured on.
type Noted struct {
	On     string // "training rows", "5-fold cross-validation", "1000 rows of May"
	Scores Scores
}

// About returns what is known of the model.
func (m *Model) About() About { return m.about.clone() }

// Note adds scores to what is known of the model, in place of those with the same name:
//
//	m.Note("unseen rows", evaluation.Scores)
//	m.Note("5-fold cross-validation", scores.Mean())
//
// Do not call it while other goroutines use the model.
func (m *Model) Note(on string, s Scores) {
	n := Noted{on, slices.Clone(s)}
	if i := slices.IndexFunc(m.about.Noted, func(n Noted) bool { return n.On == on }); i >= 0 {
		m.about.Noted[i] = n
		return
	}
	m.about.Noted = append(m.about.Noted, n)
}

func (a About) clone() About {
	a.Uses, a.Limits, a.Noted, a.Versions = slices.Clone(a.Uses), slices.Clone(a.Limits), slices.Clone(a.Noted), maps.Clone(a.Versions)
	return a
}

// fill sets what training knows.
func (a *About) fill(table *preprocess.Table, method Method) {
	a.Rows, a.Noted = table.Len(), nil
	a.Method = describeMethod(method)
	a.Versions = map[string]string{"go": runtime.Version(), module: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module && m.Version != "" {
			a.Versions[module] = m.Version
		}
	}
}

const module = "github.com/descent-go/descent"
