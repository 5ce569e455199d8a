package preprocess

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// endless is a file that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestLoadStopsAtTheLimit(t *testing.T) {
	if _, err := load(endless{}, 1000); err == nil || !strings.Contains(err.Error(), "larger than 1000 bytes") {
		t.Errorf("an endless file: %v", err)
	}
}

// TestTransformIsSafeForConcurrentUse is for the race detector.
func TestTransformIsSafeForConcurrentUse(t *testing.T) {
	docs := []string{"red fish", "blue fish"}
	v := NewTFIDFVectorizer()
	e := NewSequenceEncoder(3)
	p := NewPipeline(NewOneHotEncoder(), &StandardScaler{WithStd: true})
	b := NewBPE(260)
	x := mat.NewDense(3, 1, []float64{1, 2, 2})
	if err := errors.Join(v.Fit(docs), b.Fit(docs), e.Fit(docs), p.Fit(x)); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			_, err1 := v.Transform(docs)
			_, err2 := e.Transform(docs)
			_, err3 := p.Transform(x)
			_, err4 := b.Encode(docs[0])
			if err := errors.Join(err1, err2, err3, err4); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
