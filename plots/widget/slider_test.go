//go:build unix

package widget

import (
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/descent-go/descent/plots"
)

// kernel is GoNB's side of the two pipes, and the browser behind it.
type kernel struct {
	encoder *gob.Encoder
	failure error

	mu      sync.Mutex
	charts  int
	pages   []string
	deaf    time.Duration     // for how long it takes no messages after a subscription
	browser func(tell teller) // what happens when the page has come
}

// A teller sends what the page says to the program.
type teller func(text string)

// notebook is one for all tests, since gonbui has one connection for all.
var notebook = sync.OnceValues(func() (*kernel, error) {
	dir, err := os.MkdirTemp("", "widget")
	if err != nil {
		return nil, err
	}
	to, from := filepath.Join(dir, "to"), filepath.Join(dir, "from")
	for _, pipe := range []string{to, from} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			return nil, err
		}
	}
	os.Setenv(protocol.GONB_PIPE_ENV, to)
	os.Setenv(protocol.GONB_PIPE_BACK_ENV, from)
	k := &kernel{}
	go k.serve(dir, to, from)
	return k, nil
})

func (k *kernel) serve(dir, to, from string) {
	in, err := os.Open(to)
	if err != nil {
		k.failure = err
		return
	}
	out, err := os.OpenFile(from, os.O_WRONLY, 0)
	if err != nil {
		k.failure = err
		return
	}
	os.RemoveAll(dir) // both ends are open
	decoder := gob.NewDecoder(in)
	k.encoder = gob.NewEncoder(out)
	for {
		var d protocol.DisplayData
		if err := decoder.Decode(&d); err != nil {
			k.failure = err
			return
		}
		k.receive(d)
	}
}

var address = regexp.MustCompile(`'(/descent/[^']+)'`)

func (k *kernel) receive(d protocol.DisplayData) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if sync, ok := d.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
		k.encoder.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: sync.Value})
	}
	if _, ok := d.Data[protocol.MIMECommSubscribe]; ok {
		time.Sleep(k.deaf)
	}
	if _, ok := d.Data[protocol.MIMEImagePNG]; ok {
		k.charts++
	}
	page, ok := d.Data[protocol.MIMETextHTML].(string)
	if !ok {
		return
	}
	k.pages = append(k.pages, page)
	if m := address.FindStringSubmatch(page); m != nil && k.browser != nil {
		go k.browser(func(text string) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.encoder.Encode(&protocol.CommValue{Address: m[1], Value: text})
		})
	}
}

// move runs a slider of short patience in a notebook, and returns for which values it drew a chart, what it printed
// and the HTML that it showed.
func move(t *testing.T, deaf time.Duration, browser func(tell teller)) (drawn []float64, printed string, pages []string) {
	t.Helper()
	k, err := notebook()
	if err != nil {
		t.Fatal(err)
	}
	k.mu.Lock()
	k.charts, k.pages, k.deaf, k.browser = 0, nil, deaf, browser
	k.mu.Unlock()
	s := slider{name: "threshold <t>", low: 0, high: 1, value: 0.5, description: "A line.",
		patience: 300 * time.Millisecond, rest: 300 * time.Millisecond}
	s.draw = func(v float64) *plots.Chart {
		drawn = append(drawn, v)
		return plots.Lines("line", "x", "y", plots.Series{Y: []float64{0, v}})
	}
	gonbui.IsNotebook = true
	defer func() { gonbui.IsNotebook = false }()
	printed = output(t, s.run)
	gonbui.Sync()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failure != nil || gonbui.Error() != nil {
		t.Fatal(k.failure, gonbui.Error())
	}
	if k.charts != len(drawn) {
		t.Errorf("%d charts came for %d drawn", k.charts, len(drawn))
	}
	return drawn, printed, k.pages
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
