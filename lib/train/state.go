package train

import (
	"context"
	"errors"
	"os"
	"os/signal"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// ErrStop is the error that a callback returns to end training without failure.
// Wrap it to say why: fmt.Errorf("%w: good enough", train.ErrStop).
var ErrStop = errors.New("stopped by a callback")

// A Callback observes training. It may read everything and change the
// parameters. If it returns ErrStop, training ends normally; any other error is
// a failure, which Fit returns.
type Callback func(*State) error

// State is the state of training that a callback sees. Loss and Penalty are
// set when the epoch is complete; during it, only BatchLoss is current.
type State struct {
	Record
	BatchLoss float64 // of the last update, without penalty
	Epochs    int     // the last epoch, unless training ends earlier
	Batch     int     // updates done in this epoch
	Batches   int     // updates in an epoch
	Model     model.Model
	Optimizer optim.Optimizer
	History   *History // of the completed epochs

	memory map[string][]float64
	atEnd  []ending
	best   []float64 // snapshot for the model to get at the end
	run    *run
}

type ending struct {
	name string
	f    func()
}

// Keep returns a vector of length dim in which a callback can store its
// state. The first call for a name returns zeros, and fresh is true; later
// calls return the same vector, even after training was resumed from a
// checkpoint. State that a callback stores elsewhere, such as in its
// variables, is lost to a resumed run.
func (s *State) Keep(name string, dim int) (v []float64, fresh bool) {
	if v, ok := s.memory[name]; ok && len(v) == dim {
		return v, false
	}
	v = make([]float64, dim)
	s.memory[name] = v
	return v, true
}

// AtEnd registers f to be called when training ends, for whatever reason. A
// second f under the same name replaces the first.
func (s *State) AtEnd(name string, f func()) {
	for i := range s.atEnd {
		if s.atEnd[i].name == name {
			s.atEnd[i].f = f
			return
		}
	}
	s.atEnd = append(s.atEnd, ending{name, f})
}

// averaged calls f while the model has the parameters to predict with: θ, or
// the average of an optimizer that keeps one.
func (s *State) averaged(f func()) {
	a := s.run.averager
	if a == nil {
		f()
		return
	}
	a.Swap(s.run.theta)
	f()
	a.Swap(s.run.theta)
}

// Done returns the share of the updates that are done, from 0 to 1, if
// training runs to the last epoch.
func (s *State) Done() float64 {
	if s.Epoch < 1 || s.Epochs < 1 || s.Batches < 1 {
		return 0
	}
	epochs := float64(s.Epoch-1) + float64(s.Batch)/float64(s.Batches)
	return epochs / float64(s.Epochs)
}

// Interruptible returns a context that ends when the user presses Ctrl-C, or
// the stop button of a notebook. Fit then stops at the next batch and returns
// what it has. A second Ctrl-C ends the program as usual.
func Interruptible() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx
}
