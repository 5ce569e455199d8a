package playground

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(\.\./course/playground/page/playground\.html#([^)\s]*)\)`)

// promises are the links of the chapters, each with a test that what the chapter asks for can be seen there.
var promises = map[string]func(t *testing.T, s Settings, n NetworkSettings){
	"v=1&surface=valley&opt=gd&rate=0.03": func(t *testing.T, s Settings, _ NetworkSettings) {
		for rate, diverges := range map[float64]bool{s.Rate: false, 0.0399: false, 0.041: true, 0.05: true} {
			s.Rate = rate
			first, last := ends(t, s, "gd")
			if (last > first) != diverges {
				t.Errorf("with a rate of %g the loss goes from %g to %g", rate, first, last)
			}
		}
	},
	"v=1&view=network&data=moons&spread=0.4&samples=60&hidden=32,32": func(t *testing.T, _ Settings, n NetworkSettings) {
		validation := learnt(t, n, 200).Validation
		best := slices.Min(validation)
		if validation[200] < 2*best {
			t.Errorf("it does not overfit: the loss of validation is %g at best, and %g at the end", best, validation[200])
		}
		n.L2 = 0.03
		if cured := learnt(t, n, 200).Validation[200]; cured > best {
			t.Errorf("with L2 it ends at %g, which is above the best without, %g", cured, best)
		}
	},
	"v=1&surface=noisy&opt=gd&noise=2&rate=0.3": func(t *testing.T, s Settings, _ NetworkSettings) {
		_, constant := ends(t, s, "gd")
		for _, schedule := range Schedules[1:] {
			s.Schedule = schedule
			if _, last := ends(t, s, "gd"); last > constant/4 {
				t.Errorf("%s ends at %g, a constant rate at %g", schedule, last, constant)
			}
		}
	},
	"v=1&surface=valley&opt=gd,adam": func(t *testing.T, s Settings, _ NetworkSettings) {
		_, sgd := ends(t, s, "gd")
		if _, adam := ends(t, s, "adam"); adam > sgd {
			t.Errorf("Adam ends at %g, above %g", adam, sgd)
		}
	},
	"v=1&surface=valley&opt=gd,adam&beta=0.99": func(t *testing.T, s Settings, _ NetworkSettings) {
		_, sgd := ends(t, s, "gd")
		if _, adam := ends(t, s, "adam"); adam < 10*sgd {
			t.Errorf("Adam ends at %g and does not lose to %g", adam, sgd)
		}
	},
	"v=1&surface=valley&opt=gd,lbfgs&rate=0.039": func(t *testing.T, s Settings, _ NetworkSettings) {
		_, gd := ends(t, s, "gd")
		s.Steps = 20
		if _, quasi := ends(t, s, "lbfgs"); quasi > 1e-9*gd {
			t.Errorf("L-BFGS is at %g after 20 steps, gradient descent at %g after 200", quasi, gd)
		}
	},
	"v=1&surface=cancer&opt=gd,lbfgs": func(t *testing.T, s Settings, _ NetworkSettings) {
		runs := map[string]Run{}
		all, err := Descend(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			runs[r.Method] = r
		}
		if l := runs["lbfgs"]; len(l.Loss) > 21 || l.Distance[len(l.Distance)-1] > 1e-3 {
			t.Errorf("L-BFGS takes %d steps and is %g away", len(l.Loss)-1, l.Distance[len(l.Distance)-1])
		}
		if g := runs["gd"]; g.Distance[len(g.Distance)-1] < 0.01 {
			t.Errorf("gradient descent is %g away", g.Distance[len(g.Distance)-1])
		}
	},
	"v=1&view=network&data=xor&spread=0&hidden=": func(t *testing.T, _ Settings, n NetworkSettings) {
		for _, c := range []struct {
			hidden []int
			lo, hi float64
		}{{nil, 0.6, 0.8}, {[]int{2}, 0.2, 0.6}, {[]int{4}, 0, 0.1}} {
			n.Hidden = c.hidden
			if got := learnt(t, n, 200).TrainLoss[200]; got < c.lo || got > c.hi {
				t.Errorf("with hidden layers %v the loss is %g, want it from %g to %g", c.hidden, got, c.lo, c.hi)
			}
		}
	},
}

// Chapters 2, 3, 4 and 6 link to the playground, and nowhere else than to what a test here has seen.
func TestLinksKeepTheirPromise(t *testing.T) {
	files, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen, chapters := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var nb struct {
			Cells []struct {
				Type   string `json:"cell_type"`
				Source any    `json:"source"`
			}
		}
		if err := json.Unmarshal(text, &nb); err != nil {
			t.Fatal(err)
		}
		for _, c := range nb.Cells {
			source, _ := c.Source.(string)
			if lines, ok := c.Source.([]any); ok {
				for _, l := range lines {
					source += l.(string)
				}
			}
			if n := strings.Count(source, "playground.html#"); n != len(link.FindAllString(source, -1)) {
				t.Errorf("%s has a link to the playground in another form than %s", file, link)
			}
			for _, m := range link.FindAllStringSubmatch(source, -1) {
				chapters[filepath.Base(file)[:2]] = true
				promise := promises[m[1]]
				if promise == nil {
					t.Errorf("%s links to #%s, which no test has seen", file, m[1])
					continue
				}
				seen[m[1]] = true
			}
		}
	}
	for _, chapter := range []string{"02", "03", "04", "06"} {
		if !chapters[chapter] {
			t.Errorf("chapter %s does not link to the playground", chapter)
		}
	}
	for address, promise := range promises {
		t.Run(address, func(t *testing.T) {
			if !seen[address] {
				t.Error("no chapter links to it")
			}
			s, n := settingsOf(t, address)
			promise(t, s, n)
		})
	}
}

// settingsOf reads an address as the page does.
func settingsOf(t *testing.T, address string) (Settings, NetworkSettings) {
	t.Helper()
	q, err := url.ParseQuery(address)
	if err != nil {
		t.Fatal(err)
	}
	surface := q.Get("surface")
	if surface == "" {
		surface = Surfaces()[0].Name
	}
	s, n := Usual(surface), UsualNetwork()
	for name, values := range q {
		text := values[0]
		number := func(to *float64) {
			if *to, err = strconv.ParseFloat(text, 64); err != nil {
				t.Fatal(err)
			}
		}
		switch name {
		case "v", "view", "surface":
		case "opt":
			s.Optimizers = strings.Split(text, ",")
		case "rate":
			number(&s.Rate)
		case "adaptive":
			number(&s.Adaptive)
		case "beta":
			number(&s.Momentum)
			n.Momentum = s.Momentum
		case "noise":
			number(&s.Noise)
		case "schedule":
			s.Schedule = text
		case "data":
			n.Data = text
		case "spread":
			number(&n.Noise)
		case "samples":
			if n.Samples, err = strconv.Atoi(text); err != nil {
				t.Fatal(err)
			}
		case "hidden":
			n.Hidden = nil
			for _, units := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
				k, err := strconv.Atoi(units)
				if err != nil {
					t.Fatal(err)
				}
				n.Hidden = append(n.Hidden, k)
			}
		default:
			t.Fatalf("%s: the test does not know %s", address, name)
		}
	}
	return s, n
}

// ends returns the loss of one optimizer at the start and at the end.
func ends(t *testing.T, s Settings, method string) (first, last float64) {
	t.Helper()
	s.Optimizers = []string{method}
	runs, err := Descend(s)
	if err != nil {
		t.Fatal(err)
	}
	values := runs[0].Loss
	return values[0], values[len(values)-1]
}

func learnt(t *testing.T, s NetworkSettings, epochs int) *Learner {
	t.Helper()
	l, err := NewLearner(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	if err := l.Step(epochs); err != nil {
		t.Fatal(err)
	}
	return l
}
