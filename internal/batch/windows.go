package batch

import (
	"errors"
	"fmt"
	"iter"

	"github.com/descent-go/descent/lib/objective"
)

// Join returns a source of the rows of source in batches of size rows; the last one may
// be smaller.
func Join(source objective.Source, size int) objective.Source {
	return func(epoch int) iter.Seq2[objective.Data, error] {
		return Windows(source(epoch), size, func(full *Buffer, yield func(objective.Data, error) bool) bool {
			return yield(full.Data(0, full.Len()), nil)
		})
	}
}

// Windows collects size rows at a time and calls deal for them.
func Windows(batches iter.Seq2[objective.Data, error], size int, deal func(full *Buffer, yield func(objective.Data, error) bool) bool) iter.Seq2[objective.Data, error] {
	return func(yield func(objective.Data, error) bool) {
		var buffer Buffer
		for b, err := range batches {
			count := 0
			if err == nil {
				count, err = CountRows(b)
			}
			for lo := 0; lo < count && err == nil; {
				hi := min(lo+size-buffer.Len(), count)
				if err = buffer.Append(b, lo, hi); err != nil {
					err = fmt.Errorf("stream: %w", err)
					break
				}
				if lo = hi; buffer.Len() < size {
					continue
				}
				if !deal(&buffer, yield) {
					return
				}
				buffer.Reset()
			}
			if err != nil {
				yield(objective.Data{}, err)
				return
			}
		}
		if buffer.Len() > 0 {
			deal(&buffer, yield)
		}
	}
}

// CountRows returns the number of rows of a batch, or an error for parts that do not
// fit together.
func CountRows(b objective.Data) (int, error) {
	if b.X == nil || b.Y == nil {
		return 0, errors.New("stream: x or y is nil")
	}
	count, _ := b.X.Dims()
	if n, _ := b.Y.Dims(); n != count || b.SampleWeights != nil && len(b.SampleWeights) != count {
		return 0, fmt.Errorf("stream: x has %d rows, y has %d, and there are %d sample weights", count, n, len(b.SampleWeights))
	}
	return count, nil
}
