package objective

import "iter"

// A Source yields the batches of an epoch, counted from 1, in order. It yields the same
// batches each time that it is called with the same epoch. Sources that do not shuffle
// ignore the epoch. An error is yielded last, with a zero Data. Package stream has
// sources that read files, and functions of sources.
//
// A batch is valid until the next one. Training and solvers call a source on another
// goroutine than their caller's, one epoch at a time.
type Source func(epoch int) iter.Seq2[Data, error]
