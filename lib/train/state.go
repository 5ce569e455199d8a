package train

import (
	"context"
	"errors"
	"os"
	"os/signal"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// ErrStop is the error with which a callback ends training in good order. Wrap it
// to say why: fmt.Errorf("%w: good enough", train.ErrStop).
var ErrStop = errors.New("stopped by a callback")

// A Callback looks at training as it goes on. It may read everything and
// change the parameters. An error ends training: ErrStop in good order, another
// one as a failure that Fit returns.
type Callback func(*State) error

// State is training as a callback sees it. Loss and Penalty are those of the
// epoch when it is done; during it, only BatchLoss is current.
type State struct {
	Record
	BatchLoss float64 // of the last update, without penalty
	Epochs    int     // at which epoch training will end at the latest
	Batch     int     // updates done in this epoch
	Batches   int     // updates in an epoch
	Model     model.Model
	Optimizer optim.Optimizer
	History   *History // of the epochs that are done

	memory map[string][]float64
	atEnd  []ending
	best   []float64 // snapshot for the model to get at the end
	run    *run
}

type ending struct {
	name string
	f    func()
}

// Keep returns a vector for a callback to remember things in: dim zeros the
// first time (fresh is true), afterwards the same vector under the same name,
// also after training was resumed from a checkpoint. What a callback keeps
// elsewhere, such as in variables outside of it, a resumed run does not know.
func (s *State) Keep(name string, dim int) (v []float64, fresh bool) {
	if v, ok := s.memory[name]; ok && len(v) == dim {
		return v, false
	}
	v = make([]float64, dim)
	s.memory[name] = v
	return v, true
}

// AtEnd registers f to be called when training ends, however it ends. A second f
// under the same name replaces the first.
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

// Done returns how much of the training is done, from 0 to 1, counted in
// updates up to the last epoch. Before the first update it is 0.
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
