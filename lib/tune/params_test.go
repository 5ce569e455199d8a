package tune_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/tune"
)

func TestParamsJSON(t *testing.T) {
	p := tune.Params{
		"int": -3, "large": math.MaxInt, "float": 0.1, "whole": 2.0, "tiny": 5e-324, "huge": math.MaxFloat64,
		"negative zero": math.Copysign(0, -1), "text": "a \"<é>\" 1.0", "yes": true, "no": false,
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back tune.Params
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, p) || !math.Signbit(back.Float("negative zero")) {
		t.Errorf("%#v, %v, want %#v", back, err, p)
	}
	for _, v := range []any{math.NaN(), math.Inf(-1), nil, []int{1}, int64(1), float32(1), "\xff"} {
		if _, err := json.Marshal(tune.Params{"a": v}); err == nil {
			t.Errorf("%v of type %T was saved", v, v)
		}
	}
	for _, text := range []string{`{"a":null}`, `{"a":[1]}`, `{"a":{}}`, `{"a":1e999}`, `{"a":99999999999999999999}`, `[1]`} {
		if err := json.Unmarshal([]byte(text), &back); err == nil {
			t.Errorf("%s was read as %v", text, back)
		}
	}
}

func TestParamsAccess(t *testing.T) {
	p := tune.Params{"i": 3, "f": 2.5, "s": "x", "b": true}
	if p.Int("i") != 3 || p.Float("f") != 2.5 || p.Float("i") != 3 || p.Text("s") != "x" || !p.Bool("b") {
		t.Errorf("%v is not what was put in", p)
	}
	for name, c := range map[string]struct {
		f    func()
		want string
	}{
		"missing": {func() { p.Int("j") }, `tune: there is no hyper-parameter "j", only b, f, i, s`},
		"float":   {func() { p.Float("s") }, `tune: hyper-parameter "s" is x of type string, want a number`},
		"int":     {func() { p.Int("f") }, `tune: hyper-parameter "f" is 2.5 of type float64, want a value of type int`},
		"text":    {func() { p.Text("i") }, `want a value of type string`},
		"bool":    {func() { p.Bool("i") }, `want a value of type bool`},
	} {
		func() {
			defer func() {
				if r, _ := recover().(string); !strings.Contains(r, c.want) {
					t.Errorf("%s: panic is %q, want %q in it", name, r, c.want)
				}
			}()
			c.f()
		}()
	}
}

// Unit is the inverse of Quantile, values stay in the range, and each part of
// the range gets its share.
func TestDistributions(t *testing.T) {
	for name, c := range map[string]struct {
		d            tune.Distribution
		lowest, last any // at u = 0 and just below 1
	}{
		"uniform": {tune.Uniform{Low: -2, High: 5}, -2.0, 5.0},
		"log":     {tune.LogUniform{Low: 1e-4, High: 10}, 1e-4, 10.0},
		"int":     {tune.IntUniform{Low: -3, High: 4}, -3, 4},
		"one int": {tune.IntUniform{Low: 7, High: 7}, 7, 7},
		"choice":  {tune.Choice{"a", 2, true}, "a", true},
	} {
		if err := c.d.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for u, want := range map[float64]any{0: c.lowest, math.Nextafter(1, 0): c.last} {
			got := c.d.Quantile(u)
			if f, ok := got.(float64); ok {
				if w := want.(float64); math.Abs(f-w) > 1e-12*math.Abs(w) || f < c.lowest.(float64) || f > c.last.(float64) {
					t.Errorf("%s: the value at %g is %.17g, want %g", name, u, f, w)
				}
			} else if got != want {
				t.Errorf("%s: the value at %g is %v, want %v", name, u, got, want)
			}
		}
		for u := 0.0; u < 1; u += 1.0 / 64 {
			v := c.d.Quantile(u)
			again := c.d.Quantile(c.d.Unit(v))
			if f, ok := v.(float64); ok {
				if math.Abs(again.(float64)-f) > 1e-12*math.Abs(f) || math.Abs(c.d.Unit(v)-u) > 1e-12 {
					t.Errorf("%s: %v at %g comes back as %v at %g", name, v, u, again, c.d.Unit(v))
				}
			} else if again != v {
				t.Errorf("%s: %v comes back as %v", name, v, again)
			}
		}
	}
	counts := map[any]int{}
	for i := range uint64(7000) {
		counts[tune.Space{"n": tune.IntUniform{Low: 1, High: 7}}.Sample(rand.New(rand.NewPCG(3, i))).Int("n")]++
	}
	for n := 1; n <= 7; n++ {
		if c := counts[n]; c < 880 || c > 1120 { // four standard deviations
			t.Errorf("%d was drawn %d times of 7000", n, c)
		}
	}
}
