package tabular

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/descent-go/descent/internal/decimal"
	"github.com/descent-go/descent/lib/preprocess"
)

// A Prediction is the prediction for one row.
type Prediction struct {
	Class         string             `json:"class,omitempty"`         // the most probable class
	Probability   float64            `json:"probability,omitempty"`   // of Class
	Probabilities map[string]float64 `json:"probabilities,omitempty"` // of each class
	Value         float64            `json:"value"`                   // for Regression
}

// MarshalJSON leaves out what the task does not have.
func (p Prediction) MarshalJSON() ([]byte, error) {
	if p.Class == "" && p.Probabilities == nil {
		return json.Marshal(map[string]float64{"value": p.Value})
	}
	return json.Marshal(struct {
		Class         string             `json:"class"`
		Probability   float64            `json:"probability"`
		Probabilities map[string]float64 `json:"probabilities"`
	}{p.Class, p.Probability, p.Probabilities})
}

// PredictRow returns the prediction for one row, given by the names of its columns, as
// JSON has it. Every column that the model learned from must be there; others are
// ignored.
//
// A column of numbers takes any Go number, a json.Number or a string that is a number. A
// category takes a string, a bool or a number; a text takes a string. nil and "" are
// missing values. Anything else, and NaN and infinities, are errors that name the column.
func (m *Model) PredictRow(row map[string]any) (Prediction, error) {
	table := &preprocess.Table{}
	for _, f := range m.features {
		if f.Kind == Ignored {
			continue
		}
		v, ok := row[f.Name]
		if !ok {
			return Prediction{}, fmt.Errorf("tabular: the row has no %q: it has %q, the model needs %q (nil if the value is missing)", f.Name, sortedKeys(row), m.needs())
		}
		cell, err := f.cell(v)
		if err != nil {
			return Prediction{}, fmt.Errorf("tabular: %q %w", f.Name, err)
		}
		if err := table.AddStrings(f.Name, []string{cell}); err != nil {
			return Prediction{}, err
		}
	}
	p, err := m.Predict(table)
	if err != nil {
		return Prediction{}, err
	}
	if m.Task == Regression {
		return Prediction{Value: p.Values[0]}, nil
	}
	label := p.Labels[0]
	out := Prediction{Class: m.Classes[label], Probability: p.Probabilities.At(0, label), Probabilities: map[string]float64{}}
	for k, class := range m.Classes {
		out.Probabilities[class] = p.Probabilities.At(0, k)
	}
	return out, nil
}

// PredictJSON returns the prediction for a row that r has as a JSON object, such as the
// body of a request: see [Model.PredictRow]. It reads no more than one value. Limit the
// size of what a stranger sends, with http.MaxBytesReader.
func (m *Model) PredictJSON(r io.Reader) (Prediction, error) {
	var row map[string]any
	d := json.NewDecoder(r)
	d.UseNumber()
	if err := d.Decode(&row); err != nil {
		return Prediction{}, fmt.Errorf("tabular: the row is not a JSON object: %w", err)
	}
	return m.PredictRow(row)
}

// missing are the strings that CSV files have for missing values.
var missing = preprocess.NewCSV().Missing

// cell returns a value as the cell of a table. The error follows the column's name.
func (f Feature) cell(v any) (string, error) {
	text, isNumber, err := cellText(v)
	if err != nil {
		return "", err
	}
	trimmed := strings.TrimSpace(text)
	_, known := slices.BinarySearch(f.Values, trimmed)
	if trimmed == "" || f.Kind != Text && !known && slices.Contains(missing, trimmed) {
		return "", nil
	}
	switch {
	case f.Kind == Number && !isNumber:
		if _, isBool := v.(bool); isBool {
			return "", fmt.Errorf("is %s, want a number", text)
		}
		value, err := decimal.Parse(trimmed)
		if err != nil {
			return "", fmt.Errorf("is %q, want a number", text)
		}
		if math.IsInf(value, 0) {
			return "", fmt.Errorf("is %q, want a finite number", text)
		}
		return trimmed, nil
	case f.Kind == Text && isNumber:
		return "", fmt.Errorf("is %v, want a text", v)
	}
	return text, nil
}

// cellText returns the text of a string, a number, a bool or nil.
func cellText(v any) (text string, isNumber bool, err error) {
	switch v := v.(type) {
	case nil:
		return "", false, nil
	case string:
		return checkText(v)
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return v.String(), true, nil
		}
		f, err := v.Float64()
		if err != nil {
			return "", false, fmt.Errorf("is %q, want a finite number", v)
		}
		return cellText(f)
	case bool:
		return strconv.FormatBool(v), false, nil
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return strconv.FormatInt(r.Int(), 10), true, nil
	case r.CanUint():
		return strconv.FormatUint(r.Uint(), 10), true, nil
	case r.CanFloat():
		f := r.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return "", false, fmt.Errorf("is %g, want a finite number, or nil for a missing value", f)
		}
		if f == math.Trunc(f) && math.Abs(f) < 1<<53 { // as a table has whole numbers
			return strconv.FormatInt(int64(f), 10), true, nil
		}
		return strconv.FormatFloat(f, 'g', -1, r.Type().Bits()), true, nil
	case r.Kind() == reflect.String:
		return checkText(r.String())
	}
	return "", false, fmt.Errorf("is a %T, want a number, a string, a bool or nil", v)
}

func checkText(s string) (string, bool, error) {
	if !utf8.ValidString(s) {
		return "", false, fmt.Errorf("is %q, which is not valid UTF-8", s)
	}
	return s, false, nil
}
