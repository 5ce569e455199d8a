package tabular_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/tabular"
)

const small = "a,b,y\n1,x,no\n2,y,yes\n3,x,no\n5,y,yes\n,x,yes\n6,,no\n"

func saved(t testing.TB, l tabular.Learner, table *preprocess.Table) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := fit(t, l, table).Save(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// A damaged or a truncated file is refused, whichever bit is wrong.
func TestEveryBitMatters(t *testing.T) {
	file := saved(t, tabular.Learner{Target: "y"}, read(t, small))
	for i := range file {
		damaged := bytes.Clone(file)
		damaged[i] ^= 1 << (i % 8)
		if _, err := tabular.Load(bytes.NewReader(damaged)); err == nil {
			t.Fatalf("a wrong bit in byte %d is no error", i)
		}
	}
	for n := range file {
		if _, err := tabular.Load(bytes.NewReader(file[:n])); err == nil {
			t.Fatalf("the first %d of %d bytes are no error", n, len(file))
		}
	}
	if _, err := tabular.Load(bytes.NewReader(append(bytes.Clone(file), 0))); err == nil {
		t.Error("a byte after the end is no error")
	}
}

// forged returns the file with other metadata, and the right checksum.
func forged(t testing.TB, file []byte, m model.Model, change func(meta map[string]any)) []byte {
	t.Helper()
	about, err := save.DescribeModel(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage // the order within its values is part of their checksums
	if err := json.Unmarshal(about.Meta, &raw); err != nil {
		t.Fatal(err)
	}
	meta := map[string]any{}
	for key, value := range raw {
		meta[key] = value
	}
	change(meta)
	var out bytes.Buffer
	if err := save.WriteModel(&out, m, meta); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A file that lies is an error, and takes no more memory than an honest one.
func TestHostileFiles(t *testing.T) {
	l := tabular.Learner{Target: "y"}
	fitted := fit(t, l, read(t, small))
	file := saved(t, l, read(t, small))
	inputs, _ := fitted.Predictor().Dims()
	set := func(key string, value any) func(map[string]any) {
		return func(meta map[string]any) { meta[key] = value }
	}
	method := func(name, settings string) func(map[string]any) {
		return set("method", map[string]any{"name": name, "settings": json.RawMessage(settings)})
	}
	for want, change := range map[string]func(map[string]any){
		"not hold a model of this":  set("format", "other"),
		"version 9 of the format":   set("version", 9),
		`unknown field "more"`:      set("more", 1),
		`task is "guess"`:           set("task", "guess"),
		`task is "regression"`:      set("task", "regression"),
		`classes ["a" "a"]`:         set("classes", []string{"a", "a"}),
		`unknown categories are`:    set("unknown", "guess"),
		"outputs":                   set("classes", []string{"a", "b", "c"}),
		`kind "guess", cannot be`:   set("features", []map[string]any{{"Name": "a", "Kind": "guess", "Missing": 0}}),
		`feature "a", of kind "num`: set("features", []map[string]any{{"Name": "a", "Kind": "number", "Missing": 0}, {"Name": "a", "Kind": "number", "Missing": 0}}),
		"preprocess: loading":       set("preparation", 3),
		`method "Tree" is not`:      method("Tree", "{}"),
		`unknown field "Depth"`:     method("Linear", `{"Depth":3}`),
		"model of its settings":     method("Network", `{"Hidden":[1000000000,1000000000]}`),
		"a model.Linear, which":     method("Network", `{"Hidden":[1]}`),
		"no calibrators of its":     set("calibrator", map[string]any{"Kind": "sigmoid"}),
		"does not follow":           set("calibrator", map[string]any{"Kind": "isotonic", "Isotonic": []map[string]any{{"X": []float64{1, 0}, "Y": []float64{0, 1}}}}),
	} {
		if _, err := tabular.Load(bytes.NewReader(forged(t, file, fitted.Predictor(), change))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	nan := model.NewLinear(inputs, 1)
	nan.Params()[1] = math.NaN()
	same := func(map[string]any) {}
	if _, err := tabular.Load(bytes.NewReader(forged(t, file, nan, same))); err == nil || !strings.Contains(err.Error(), "parameter 1 is NaN") {
		t.Errorf("%v", err)
	}
	var other bytes.Buffer
	if err := save.WriteModel(&other, nan, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := tabular.Load(&other); err == nil {
		t.Error("a model of package save is no error")
	}
	// A model whose preparation makes another number of columns loads, and says so when it is used.
	m, err := tabular.Load(bytes.NewReader(forged(t, file, model.NewLinear(inputs+3, 1), same)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.PredictRow(map[string]any{"a": 1, "b": "x"}); err == nil || !strings.Contains(err.Error(), "inputs") {
		t.Errorf("%v", err)
	}
	if _, err := tabular.Load(bytes.NewReader(forged(t, file, fitted.Predictor(), same))); err != nil {
		t.Errorf("a forged file with nothing changed: %v", err)
	}
	if err := new(tabular.Model).Save(&other); err == nil {
		t.Error("a model that has learned nothing can be saved")
	}
}

// Whatever the row, PredictRow returns an error or probabilities.
func FuzzPredictRow(f *testing.F) {
	table := customers(f)
	var models []*tabular.Model
	for _, target := range []string{"churned", "tier", "spent"} {
		for _, unknown := range []tabular.Unknown{tabular.UnknownAllowed, tabular.UnknownRefused} {
			l := learner(target)
			l.Unknown = unknown
			m, err := l.Fit(f.Context(), table)
			if err != nil {
				f.Fatal(err)
			}
			models = append(models, m)
		}
	}
	for _, seed := range []string{
		`{"age":42,"income":30.5,"city":"Bern","plan":"basic","note":"slow refund"}`,
		`{"age":null,"income":"","city":null,"plan":false,"note":null}`,
		`{"age":1e308,"income":-1e308,"city":7,"plan":{},"note":[]}`,
		`{"age":"NaN","income":"inf","city":"\ud800","plan":"  ","note":"\u0000 \n"}`,
		`{}`, `null`, `{"age":"1e999"}`,
	} {
		f.Add(seed, 42.0, true)
		f.Add(seed, math.NaN(), false)
	}
	f.Fuzz(func(t *testing.T, text string, age float64, raw bool) {
		var row map[string]any
		if json.Unmarshal([]byte(text), &row) != nil {
			return
		}
		if raw && row != nil {
			row["age"], row["city"], row["note"] = age, text, text
		}
		for _, m := range models {
			p, err := m.PredictRow(row)
			if err != nil {
				if p.Class != "" || p.Value != 0 {
					t.Fatalf("an error and a prediction: %v, %v", p, err)
				}
				continue
			}
			if m.Task == tabular.Regression {
				if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
					t.Fatalf("%v is predicted for %v", p, row)
				}
				continue
			}
			if !slices.Contains(m.Classes, p.Class) || len(p.Probabilities) != len(m.Classes) {
				t.Fatalf("%v is predicted for %v", p, row)
			}
			for _, v := range p.Probabilities {
				if !(v >= 0 && v <= p.Probability) {
					t.Fatalf("%v is predicted for %v", p, row)
				}
			}
		}
	})
}

// Whatever the file, Load returns an error or a model that predicts or returns errors.
func FuzzLoad(f *testing.F) {
	l := tabular.Learner{Target: "y"}
	fitted := fit(f, l, read(f, small))
	file := saved(f, l, read(f, small))
	about, err := save.DescribeModel(bytes.NewReader(file))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(about.Meta))
	f.Add(bytes.Replace(about.Meta, []byte(`"Dense":true`), []byte(`"Dense":false`), 1))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, meta []byte) {
		if !json.Valid(meta) {
			return
		}
		var forged bytes.Buffer
		if err := save.WriteModel(&forged, fitted.Predictor(), json.RawMessage(meta)); err != nil {
			return
		}
		m, err := tabular.Load(&forged)
		if err != nil {
			return
		}
		row := map[string]any{}
		for _, f := range m.Features() {
			row[f.Name] = "1"
		}
		if _, err := m.PredictRow(row); err != nil && !strings.HasPrefix(err.Error(), "tabular: ") && !strings.HasPrefix(err.Error(), "preprocess: ") {
			t.Fatal(err)
		}
		if text := m.Card().Markdown(); text == "" || m.Card().HTML() == "" {
			t.Fatal("no card")
		}
		if err := m.Save(&bytes.Buffer{}); err != nil {
			t.Fatal(fmt.Errorf("what was loaded cannot be saved: %w", err))
		}
	})
}
