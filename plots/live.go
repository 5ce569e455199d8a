package plots

import (
	"os"
	"time"

	"github.com/descent-go/descent/internal/display"
	"github.com/descent-go/descent/lib/train"
)

// frameTime is the least time between two updates: five frames a second are enough to see a loss fall, and leave the
// processor to the training.
const frameTime = time.Second / 5

// ShowProgress returns a callback for train.Options.OnStep that shows the progress of
// training, the current loss and the remaining time. In a notebook it updates one
// line in place, at most five times a second; the saved notebook has a line without
// times. Elsewhere it is [train.ShowProgress] on os.Stderr.
func ShowProgress() train.Callback {
	if !display.Notebook() {
		return train.PrintProgress(os.Stderr)
	}
	return inPlace(func(id string, s *train.State, remaining time.Duration, final bool) {
		line := s.History.String()
		if !final {
			line = train.ProgressLine(s, remaining)
		}
		show(display.Data{Content: map[string]any{display.Text: line}, ID: id}, final)
	})
}

// Live returns a callback for train.Options.OnEpoch that draws the loss chart during
// training, in place and at most five times a second. The finished chart remains in
// the saved notebook, with the description as its text alternative. Outside a
// notebook it calls [Show] when training ends. It panics if the description is empty.
func Live(title string, opt LossOptions, description string) train.Callback {
	if err := (picture{description: description}).check(); err != nil {
		panic(err)
	}
	return inPlace(func(id string, s *train.State, _ time.Duration, final bool) {
		if len(s.History.Records) == 0 || !final && !display.Notebook() {
			return
		}
		c := Loss(title, opt, Run{History: s.History})
		if !final {
			c.Plot.X.Max = float64(s.Epochs)
		}
		if !display.Notebook() {
			if c.Err() == nil {
				Show(c, description)
			}
			return
		}
		// The only error is a history without a finite loss, which Fit reports too.
		if c.Err() != nil {
			return
		}
		if p, err := c.picture(description, display.Page); err == nil {
			show(p.bundle(id), final)
		}
	})
}

// show sends data, and waits until it has arrived if it is the last.
func show(data display.Data, final bool) {
	if final {
		send(data)
	} else {
		display.Show(data)
	}
}

// inPlace returns a callback that draws at most once in a frameTime, and for at most a fifth of the time; and once more
// when training has ended. Each run has its own element, so that a callback can be used again.
func inPlace(draw func(id string, s *train.State, remaining time.Duration, final bool)) train.Callback {
	var run *train.History
	var id string
	var started, next time.Time
	var offset float64
	return func(s *train.State) error {
		now := time.Now()
		if s.History != run {
			run, id = s.History, display.NewID()
			started, next, offset = now, now, s.Done()
			display.Sync() // what was printed before comes first
			s.AtEnd("plots "+id, func() { draw(id, s, 0, true) })
		}
		if !now.Before(next) {
			draw(id, s, train.Remaining(s.Done()-offset, 1-s.Done(), now.Sub(started)), false)
			next = now.Add(max(frameTime, 5*time.Since(now)))
		}
		return nil
	}
}
