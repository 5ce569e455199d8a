package train

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"
)

// PrintProgress returns a callback for Options.OnStep that draws a bar with the
// epoch, the loss and the remaining time. It draws only on a terminal, at most
// ten times a second; to a file or a pipe it writes nothing.
func PrintProgress(w io.Writer) Callback {
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

// ProgressLine returns one line of text on the progress of training. It omits
// a negative remaining time, which means unknown.
func ProgressLine(s *State, remaining time.Duration) string {
	const width = 24
	done := s.Done()
	full := int(done * width)
	line := fmt.Sprintf("epoch %d/%d %s%s %3.0f %%  loss %.6g", s.Epoch, s.Epochs,
		strings.Repeat("█", full), strings.Repeat("░", width-full), 100*done, s.BatchLoss)
	if remaining < 0 {
		return line
	}
	return fmt.Sprintf("%s  %s left", line, remaining)
}

// Remaining estimates the remaining time, given how much is done, how much is
// left and the time that the first part took. It returns a negative number,
// for unknown, if done is 0 or so small that the estimate would be centuries.
func Remaining(done, left float64, elapsed time.Duration) time.Duration {
	estimate := float64(elapsed) * left / done
	if !(done > 0 && estimate >= 0 && estimate < math.MaxInt64) {
		return -1
	}
	return time.Duration(estimate).Round(time.Second)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
