package batch

import (
	"iter"

	"github.com/descent-go/descent/lib/objective"
)

// A Reader reads batches ahead on another goroutine, which copies them: while one
// is in use, the next is there or being read, and the source works on the one after
// it.
type Reader struct {
	items  chan item
	free   chan *Buffer
	done   chan struct{} // closed to end
	ended  chan struct{} // closed when the goroutine has ended
	held   *Buffer       // in use
	next   item          // if looked
	looked bool
}

// An item is a batch, or why there is none.
type item struct {
	buffer   *Buffer // nil at the end
	err      error
	panicked any
}

// Read begins to read batches. The caller must call Close.
func Read(batches iter.Seq2[objective.Data, error]) *Reader {
	r := &Reader{
		items: make(chan item, 1),
		free:  make(chan *Buffer, 2),
		done:  make(chan struct{}),
		ended: make(chan struct{}),
	}
	r.free <- new(Buffer)
	r.free <- new(Buffer)
	go r.run(batches)
	return r
}

func (r *Reader) run(batches iter.Seq2[objective.Data, error]) {
	defer close(r.ended)
	panicked, err := r.copyAll(batches)
	r.send(item{err: err, panicked: panicked})
}

// copyAll sends copies of all batches. It returns what ended it early.
func (r *Reader) copyAll(batches iter.Seq2[objective.Data, error]) (panicked any, err error) {
	defer func() { panicked = recover() }()
	for data, err := range batches {
		if err != nil {
			return nil, err
		}
		count := 0
		if data.X != nil {
			if count, _ = data.X.Dims(); count == 0 {
				continue
			}
		}
		var b *Buffer
		select {
		case b = <-r.free:
		case <-r.done:
			return nil, nil
		}
		b.Reset()
		if err := b.Append(data, 0, count); err != nil {
			return nil, err
		}
		if !r.send(item{buffer: b}) {
			return nil, nil
		}
	}
	return nil, nil
}

func (r *Reader) send(i item) bool {
	select {
	case r.items <- i:
		return true
	case <-r.done:
		return false
	}
}

// Next returns the next batch, which holds until the next call. more is false at
// the end and after an error.
func (r *Reader) Next() (data objective.Data, more bool, err error) {
	i := r.look()
	if i.buffer == nil {
		return objective.Data{}, false, i.err
	}
	if r.held != nil {
		r.free <- r.held
	}
	r.held, r.looked = i.buffer, false
	return r.held.Data(0, r.held.Len()), true, nil
}

// Last reports whether no batch follows the one that Next returned. It waits until
// that is known, and is false if an error follows.
func (r *Reader) Last() bool {
	i := r.look()
	return i.buffer == nil && i.err == nil
}

// look waits for the next item. The last one stays.
func (r *Reader) look() item {
	if !r.looked {
		r.next, r.looked = <-r.items, true
		if v := r.next.panicked; v != nil {
			r.next = item{}
			panic(v) // as if the source had been read here
		}
	}
	return r.next
}

// Close ends reading and waits until the source has noticed. It may be called more
// than once.
func (r *Reader) Close() {
	select {
	case <-r.done:
	default:
		close(r.done)
	}
	<-r.ended
}
