//go:build unix

package widget

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/descent-go/descent/internal/display"
	"github.com/descent-go/descent/internal/display/fake"
	"github.com/descent-go/descent/plots"
)

func TestMain(m *testing.M) { fake.Main(m) }

var address = regexp.MustCompile(`'(/descent/[^']+)'`)

// A teller sends what the page says to the program.
type teller func(text string)

// move runs a slider of short patience in a notebook, and returns for which values it drew a chart, what it printed
// and the HTML that it showed.
func move(t *testing.T, deaf time.Duration, browser func(tell teller)) (drawn []float64, printed string, pages []string) {
	t.Helper()
	k, err := fake.Start()
	if err != nil {
		t.Fatal(err)
	}
	s := slider{name: "threshold <t>", low: 0, high: 1, value: 0.5, description: "A line.",
		patience: 300 * time.Millisecond, rest: 300 * time.Millisecond}
	s.draw = func(v float64) *plots.Chart {
		drawn = append(drawn, v)
		return plots.Lines("line", "x", "y", plots.Series{Y: []float64{0, v}})
	}
	charts := 0
	_, err = k.Run(func() { printed = output(t, s.run) }, func(m fake.Message) {
		if _, ok := m.Data["gonb/comm_subscribe"]; ok {
			time.Sleep(deaf)
		}
		if _, ok := m.Data[display.PNG]; ok {
			charts++
		}
		page, ok := m.Data[display.HTML].(string)
		if !ok {
			return
		}
		pages = append(pages, page)
		if m := address.FindStringSubmatch(page); m != nil && browser != nil {
			go browser(func(text string) { k.Say(m[1], text) })
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if charts != len(drawn) {
		t.Errorf("%d charts came for %d drawn", charts, len(drawn))
	}
	return drawn, printed, pages
}

// output returns what f prints.
func output(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	f()
	os.Stdout = stdout
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const nobody = "No browser answers, so there is no slider here: it needs Jupyter on your own computer. The chart is that for 0.5.\n"

func TestNoBrowser(t *testing.T) {
	drawn, printed, pages := move(t, 400*time.Millisecond, nil)
	if !slices.Equal(drawn, []float64{0.5}) || printed != nobody {
		t.Errorf("drew %v and printed %q", drawn, printed)
	}
	if len(pages) != 0 {
		t.Errorf("%d pages though the kernel has no browser", len(pages))
	}
}

func TestBrowserWithoutConnection(t *testing.T) {
	drawn, printed, pages := move(t, 0, nil)
	if !slices.Equal(drawn, []float64{0.5}) || printed != nobody {
		t.Errorf("drew %v and printed %q", drawn, printed)
	}
	if len(pages) != 2 || pages[1] != "" {
		t.Errorf("the page does not vanish: %q", pages)
	}
}

func TestMoves(t *testing.T) {
	drawn, printed, pages := move(t, 0, func(tell teller) {
		tell("0 0")
		for _, text := range []string{"1 0.25", "3 0.75", "2 0.6"} {
			time.Sleep(100 * time.Millisecond)
			tell(text)
		}
		time.Sleep(100 * time.Millisecond)
		tell("done")
	})
	if want := []float64{0.5, 0.25, 0.75}; !slices.Equal(drawn, want) {
		t.Errorf("drew %v, want %v: a message that was overtaken counts no more", drawn, want)
	}
	if !strings.Contains(printed, "you are done") {
		t.Errorf("printed %q", printed)
	}
	if len(pages) != 2 || pages[1] != "" {
		t.Fatalf("the page does not vanish: %q", pages)
	}
	for _, want := range []string{"threshold &lt;t&gt;", `min="0" max="1" step="0.005" value="0.5"`, "<output>0.5</output>"} {
		if !strings.Contains(pages[0], want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(pages[0], "%!") {
		t.Error("the page has a formatting error")
	}
}

func TestFastHand(t *testing.T) {
	s := slider{rest: time.Minute}
	messages, stop := make(chan message, 8), make(chan struct{})
	for n := range 5 {
		messages <- message{number: n + 1, value: float64(n)}
	}
	var drawn []float64
	s.follow(messages, stop, func(v float64) {
		drawn = append(drawn, v)
		close(stop)
	})
	if !slices.Equal(drawn, []float64{4}) {
		t.Errorf("drew %v, want only the last place", drawn)
	}
}

func TestEnds(t *testing.T) {
	for why, after := range map[string]func(){
		"nobody has moved it": func() {},
		"stopped":             func() { syscall.Kill(os.Getpid(), syscall.SIGINT) },
	} {
		_, printed, _ := move(t, 0, func(tell teller) {
			tell("0 0")
			time.Sleep(100 * time.Millisecond)
			after()
		})
		if !strings.Contains(printed, why) {
			t.Errorf("printed %q, want %q", printed, why)
		}
	}
}

func TestRange(t *testing.T) {
	for _, r := range [][3]float64{{0, 1, 2}, {0, 1, -1}, {1, 0, 0.5}, {1, 1, 1}} {
		func() {
			defer func() {
				if words := fmt.Sprint(recover()); !strings.HasPrefix(words, "widget: a slider from") {
					t.Errorf("%v: %s", r, words)
				}
			}()
			Slider("x", r[0], r[1], r[2], nil, "")
		}()
	}
}
