package train

import (
	"errors"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// Stop is the error with which a callback ends training in good order. Wrap it
// to say why: fmt.Errorf("%w: enough", train.Stop).
var Stop = errors.New("train: stopped")

// A Callback looks at training as it goes on. It may read everything and
// change the parameters. An error ends training: Stop in good order, another
// one as a failure that Fit returns.
type Callback func(*State) error

// State is training as a callback sees it.
type State struct {
	Record        // of this epoch, as far as it has come
	Epochs    int // at which epoch training will end at the latest
	Batch     int // batches done in this epoch
	Batches   int // batches in an epoch
	Model     model.Model
	Optimizer optim.Optimizer
	History   *History // of the epochs that are done

	memory map[string][]float64
	atEnd  []func()
}

// Keep returns a vector of dim zeros for a callback to remember things in. The
// same name gives the same vector again, also after training was resumed from
// a checkpoint; fresh says that it is new.
func (s *State) Keep(name string, dim int) (v []float64, fresh bool) {
	if v, ok := s.memory[name]; ok && len(v) == dim {
		return v, false
	}
	v = make([]float64, dim)
	s.memory[name] = v
	return v, true
}

// AtEnd has f called once when training ends, in whatever way it does.
func (s *State) AtEnd(f func()) { s.atEnd = append(s.atEnd, f) }
