package tune

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/descent-go/descent/internal/number"
)

// Params are the hyper-parameters of a trial by name. A value is a float64, an
// int, a string or a bool. In JSON a float64 has a point or an exponent and an
// int has neither, so that both are restored exactly.
type Params map[string]any

// Float returns the number called name. It panics if there is none, which a
// search reports as the error of the trial.
func (p Params) Float(name string) float64 {
	switch v := p.value(name).(type) {
	case float64:
		return v
	case int:
		return float64(v)
	default:
		panic(p.wrongType(name, "a number"))
	}
}

// Int returns the int called name. It panics as Float does.
func (p Params) Int(name string) int { return typed[int](p, name) }

// Text returns the string called name. It panics as Float does.
func (p Params) Text(name string) string { return typed[string](p, name) }

// Bool returns the bool called name. It panics as Float does.
func (p Params) Bool(name string) bool { return typed[bool](p, name) }

func typed[T any](p Params, name string) T {
	v, ok := p.value(name).(T)
	if !ok {
		panic(p.wrongType(name, fmt.Sprintf("a value of type %T", v)))
	}
	return v
}

func (p Params) value(name string) any {
	v, ok := p[name]
	if !ok {
		panic(fmt.Sprintf("tune: there is no hyper-parameter %q, only %s", name, strings.Join(p.names(), ", ")))
	}
	return v
}

func (p Params) wrongType(name, want string) string {
	return fmt.Sprintf("tune: hyper-parameter %q is %v of type %T, want %s", name, p[name], p[name], want)
}

func (p Params) names() []string { return slices.Sorted(maps.Keys(p)) }

// String lists the hyper-parameters in the order of their names:
// "depth=3 rate=0.1".
func (p Params) String() string {
	parts := make([]string, 0, len(p))
	for _, name := range p.names() {
		parts = append(parts, name+"="+formatValue(p[name]))
	}
	return strings.Join(parts, " ")
}

// formatValue rounds numbers to six digits.
func formatValue(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', 6, 64)
	}
	return fmt.Sprint(v)
}

func (p Params) MarshalJSON() ([]byte, error) {
	exact := make(map[string]any, len(p))
	for name, v := range p {
		if err := checkValue(v); err != nil {
			return nil, fmt.Errorf("tune: hyper-parameter %q %w", name, err)
		}
		if f, ok := v.(float64); ok {
			v = json.RawMessage(exactFloat(f))
		}
		exact[name] = v
	}
	return json.Marshal(exact)
}

// exactFloat returns the shortest decimal that reads back as f and cannot be
// taken for an int.
func exactFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

func (p *Params) UnmarshalJSON(data []byte) error {
	var raw map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return fmt.Errorf("tune: hyper-parameters: %w", err)
	}
	for name, v := range raw {
		if n, ok := v.(json.Number); ok {
			number, err := parseNumber(n.String())
			if err != nil {
				return fmt.Errorf("tune: hyper-parameter %q: %w", name, err)
			}
			raw[name] = number
		} else if err := checkValue(v); err != nil {
			return fmt.Errorf("tune: hyper-parameter %q %w", name, err)
		}
	}
	*p = raw
	return nil
}

func parseNumber(s string) (any, error) {
	if strings.ContainsAny(s, ".eE") {
		return strconv.ParseFloat(s, 64)
	}
	return strconv.Atoi(s)
}

// checkValue returns an error, to follow the name, unless v can be saved.
func checkValue(v any) error {
	switch v := v.(type) {
	case int, bool:
		return nil
	case float64:
		if !number.IsFinite(v) {
			return fmt.Errorf("is %g, want a finite number", v)
		}
		return nil
	case string:
		if !utf8.ValidString(v) {
			return fmt.Errorf("is %q, which is not valid UTF-8", v)
		}
		return nil
	}
	return fmt.Errorf("is %v of type %T, want a float64, an int, a string or a bool", v, v)
}
