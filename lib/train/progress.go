package train

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Progress returns a callback for Options.OnStep that draws a bar with the
// epoch, the loss and the remaining time. It draws in a terminal; into a file
// or a pipe it writes nothing. It draws at most ten times a second.
func Progress(w io.Writer) Callback {
	if !isTerminal(w) {
		return func(*State) error { return nil }
	}
	return progressBar(w)
}

func progressBar(w io.Writer) Callback {
	var started, drawn time.Time
	var offset float64
	return func(s *State) error {
		now := time.Now()
		if s.Step == 1 || started.IsZero() {
			started, drawn, offset = now, time.Time{}, s.Done()
		}
		s.AtEnd("progress", func() {
			fmt.Fprintf(w, "\r%s\x1b[K\n", s.History)
		})
		if now.Sub(drawn) < 100*time.Millisecond {
			return nil
		}
		drawn = now
		fmt.Fprintf(w, "\r%s\x1b[K", ProgressLine(s, Remaining(s.Done()-offset, 1-s.Done(), now.Sub(started))))
		return nil
	}
}

// ProgressLine is one line of text on how far training is.
func ProgressLine(s *State, remaining time.Duration) string {
	const width = 24
	full := int(s.Done() * width)
	return fmt.Sprintf("epoch %d/%d %s%s %3.0f %%  loss %.6g  %s left", s.Epoch, s.Epochs,
		strings.Repeat("█", full), strings.Repeat("░", width-full), 100*s.Done(), s.BatchLoss, remaining)
}

// Remaining estimates the time for the part that is left from the time that
// the part that is done took.
func Remaining(done, left float64, elapsed time.Duration) time.Duration {
	if done <= 0 {
		return 0
	}
	return time.Duration(float64(elapsed) * left / done).Round(time.Second)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
