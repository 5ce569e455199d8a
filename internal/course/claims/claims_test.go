package claims

import (
	"strings"
	"testing"
)

func TestEval(t *testing.T) {
	values := map[string][]float64{"a": {1}, "b": {2}, "up": {1, 2, 5}, "down": {3, 2, 1}}
	for expression, want := range map[string]bool{
		"a < b": true, "a > b": false, "a + b == 3": true, "b/4 == 0.5": true, "-a < 0": true,
		"a < b && b < a": false, "a < b || b < a": true, "!(a > b)": true,
		"increasing(up)": true, "increasing(down)": false, "decreasing(down)": true,
		"up <= 5": true, "up < 5": false, "max(up) == 5": true, "min(up)+sum(down) == 7": true,
		"first(up) == 1": true, "last(up) == 5": true, "at(up, 1) == 2": true, "count(up) == 3": true,
		"near(b, 2.05, 0.1)": true, "near(b, 2.2, 0.1)": false, "up - down == at(up, 0) * up": false,
		"abs(0-b) == 2": true, "near(log(b), 0.693, 1e-3)": true, "sqrt(4*a) == b": true, "mean(down) == 2": true,
	} {
		if got, err := Eval(expression, values); err != nil || got != want {
			t.Errorf("%s is %v (%v), want %v", expression, got, err, want)
		}
	}
	for _, expression := range []string{"", "a", "c < 1", "up < down*up*at(up, 7)", "increasing(a)", "sin(a) < 1", "a & b", "up < count()", "at(up) < 1", `"x" < 1`} {
		if _, err := Eval(expression, values); err == nil {
			t.Errorf("%q has no error", expression)
		}
	}
	if _, err := Eval("x < y", map[string][]float64{"x": {1, 2}, "y": {1, 2, 3}}); err == nil {
		t.Error("lists of two lengths are compared")
	}
}

func TestCheck(t *testing.T) {
	nb := Notebook{Cells: []Cell{
		{ID: "code", Type: "code", Outputs: []Output{{Text: "Adam  12 epochs, gap 2.5·10⁻³\nSGD  −30 epochs\n"}}},
		{ID: "text", Type: "markdown", Source: "**What you should see.** Adam is faster. It is blue."},
	}}
	good := Claim{See: "text", Quote: "Adam is faster", Cell: "code",
		Let:    map[string]string{"adam": `Adam +(\d+)`, "sgd": `SGD +(\S+)`, "gap": `gap (\S+)`},
		Assert: []string{"adam < abs(sgd)", "sgd == 0-30", "gap == 2.5e-3"}}
	with := func(change func(c *Claim)) []Claim {
		c := good
		change(&c)
		return []Claim{c}
	}
	for name, test := range map[string]struct {
		claims []Claim
		want   string // in the only problem; "" for none
	}{
		"good":              {[]Claim{good}, ""},
		"seen":              {[]Claim{{See: "text", Quote: "It is blue", Seen: "a colour"}}, ""},
		"no claim":          {nil, "no claim holds it"},
		"false":             {with(func(c *Claim) { c.Assert = []string{"adam > 100"} }), "adam > 100 is false"},
		"no such words":     {with(func(c *Claim) { c.Quote = "SGD is faster" }), "does not say that"},
		"no such text":      {with(func(c *Claim) { c.See = "gone"; c.Quote = "x" }), "there is no cell"},
		"no such code":      {with(func(c *Claim) { c.Cell = "gone" }), "there is no cell"},
		"nothing":           {with(func(c *Claim) { c.Assert = nil }), "asserts nothing"},
		"no match":          {with(func(c *Claim) { c.Let = map[string]string{"adam": `Lion (\d+)`} }), "matches nothing"},
		"no number":         {with(func(c *Claim) { c.Let = map[string]string{"adam": `(Adam)`} }), "is no number"},
		"two groups":        {with(func(c *Claim) { c.Let = map[string]string{"adam": `(A)(d)`} }), "2 groups"},
		"asserted and seen": {with(func(c *Claim) { c.Seen = "why" }), "either asserted or seen"},
	} {
		got := Check(nb, test.claims)
		if test.want == "" && len(got) > 0 || test.want != "" && (len(got) == 0 || !strings.Contains(got[0], test.want)) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
