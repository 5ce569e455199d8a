package widget

import (
	"fmt"
	"html"
	"time"

	"github.com/descent-go/descent/internal/display"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/plots"
)

// Slider shows the chart that draw returns for value, and below it a slider from low
// to high. When the slider moves, the chart is drawn again in place. The description
// is the text alternative, as for [plots.Show]; it should be true for every position
// of the slider.
//
// Slider returns when its button "done" or the kernel's stop button is pressed, or
// after a minute without use; the last chart remains. If no browser answers within
// three seconds it prints a sentence that says so, and only shows the chart for
// value. Outside a notebook it calls [plots.Show] with that chart.
//
// Slider panics if value is not between low and high, and as [plots.Show] does.
func Slider(name string, low, high, value float64, draw func(value float64) *plots.Chart, description string) {
	if !(low < high && low <= value && value <= high) {
		panic(fmt.Sprintf("widget: a slider from %g to %g that stands at %g", low, high, value))
	}
	s := slider{name, low, high, value, draw, description, 2500 * time.Millisecond, time.Minute}
	s.run()
}

type slider struct {
	name             string
	low, high, value float64
	draw             func(value float64) *plots.Chart
	description      string
	patience, rest   time.Duration // how long to wait for a browser, less than GoNB's three seconds, and for a move
}

func (s *slider) run() {
	chart := display.NewID()
	plots.ShowIn(chart, s.draw(s.value), s.description)
	if !display.Notebook() {
		return
	}
	stop := train.Interruptible().Done()
	page := display.NewID()
	messages, ok := s.connect(page)
	if !ok {
		fmt.Printf("No browser answers, so there is no slider here: it needs Jupyter on your own computer. The chart is that for %.3g.\n", s.value)
		return
	}
	why := s.follow(messages, stop, func(v float64) { plots.ShowIn(chart, s.draw(v), s.description) })
	show(page, "")
	display.Sync()
	fmt.Printf("The slider is gone: %s. Run the cell again to have it back.\n", why)
}

// show puts HTML into an element of the notebook.
func show(id, html string) {
	display.Show(display.Data{Content: map[string]any{display.HTML: html}, ID: id})
}

// message is what the page says: the slider's place, with a number from 1 on, since messages can overtake one another.
// Number 0 is that the page is there, or that the reader is done.
type message struct {
	number int
	value  float64
	done   bool
}

// connect lets the kernel look for a browser, shows the slider there, and reports whether it has answered.
//
// GoNB does not say whether it found one: it takes no other message until it has, or
// three seconds have passed. Only the page's own message is proof. Sync waits, for
// the kernel would panic if the program ended before it gets to the Sync; and nothing
// unsubscribes, because gonb's dispatcher blocks if a message arrives without a
// subscriber.
func (s *slider) connect(page string) (messages chan message, ok bool) {
	address := "/descent/" + page
	messages = make(chan message, 256)
	err := display.Listen(address, func(text string) {
		var m message
		if m.done = text == "done"; !m.done {
			fmt.Sscan(text, &m.number, &m.value)
		}
		messages <- m
	})
	if err != nil {
		return nil, false
	}
	start := time.Now()
	display.Sync()
	if time.Since(start) > s.patience {
		return nil, false
	}
	show(page, s.page(address))
	select {
	case <-messages:
		return messages, true
	case <-time.After(s.patience):
		show(page, "")
		return nil, false
	}
}

// follow redraws for each message, and returns why it has ended.
func (s *slider) follow(messages <-chan message, stop <-chan struct{}, redraw func(v float64)) (why string) {
	newest := 0
	for {
		select {
		case m := <-messages:
			done := m.done
			for len(messages) > 0 { // drawing may be slower than the hand
				next := <-messages
				done = done || next.done
				if next.number > m.number {
					m = next
				}
			}
			if m.number > newest {
				newest = m.number
				redraw(m.value)
			}
			if done {
				return "you are done"
			}
		case <-time.After(s.rest):
			return "nobody has moved it for a while"
		case <-stop:
			return "stopped"
		}
	}
}

// page is the slider, which sends its place as a message.
func (s *slider) page(address string) string {
	return fmt.Sprintf(`<div data-number="0"><label>%[1]s <input type="range" min="%[3]g" max="%[4]g" step="%[5]g" value="%[6]g"
style="width:50%%;vertical-align:middle" oninput="
this.closest('div').querySelector('output').value = +(+this.value).toPrecision(3);
globalThis.gonb_comm?.send('%[2]s', ++this.closest('div').dataset.number + ' ' + this.value);"></label>
<output>%.3[6]g</output> <button onclick="globalThis.gonb_comm?.send('%[2]s', 'done')">done</button></div>
<script>globalThis.gonb_comm?.send('%[2]s', '0 0');</script>
`, html.EscapeString(s.name), address, s.low, s.high, (s.high-s.low)/200, s.value)
}
