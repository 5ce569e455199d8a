package model

import "fmt"

// window is the geometry of a square that slides over the pixels of an image.
type window struct {
	channels, height, width int // of the input
	outHeight, outWidth     int // places of the window
	size, stride, padding   int
}

// newWindow places a window of size×size pixels every stride pixels on an
// image with a border of padding pixels, as often as it fits:
//
//	⌊(height + 2·padding − size)/stride⌋ + 1 times, and likewise for the width.
func newWindow(in Shape, what string, size, stride, padding int) (window, error) {
	channels, height, width, err := in.image()
	if err != nil {
		return window{}, err
	}
	w := window{channels: channels, height: height, width: width, size: size, stride: stride, padding: padding}
	if size < 1 || stride < 1 || padding < 0 {
		return w, fmt.Errorf("has a %s of %d, stride %d and padding %d, want at least 1, 1 and 0", what, size, stride, padding)
	}
	if min(height, width)+2*padding < size {
		return w, fmt.Errorf("its %s of %d×%d does not fit on an image of %d×%d pixels with padding %d: "+
			"use a smaller %[1]s or more padding",
			what, size, size, height, width, padding)
	}
	w.outHeight = (height+2*padding-size)/stride + 1
	w.outWidth = (width+2*padding-size)/stride + 1
	return w, nil
}

// pixels and places are the numbers of one channel of input and output.
func (w window) pixels() int { return w.height * w.width }
func (w window) places() int { return w.outHeight * w.outWidth }

// span returns the places lo ≤ o < hi for which pixel k of the window,
// o·stride + k − padding, lies in an image of n pixels and places in all.
func (w window) span(k, n, places int) (lo, hi int) {
	if before := w.padding - k; before > 0 {
		lo = (before + w.stride - 1) / w.stride
	}
	if last := n - 1 + w.padding - k; last >= 0 {
		hi = min(last/w.stride+1, places)
	}
	return min(lo, hi), hi
}

// clip returns the pixels lo ≤ i < hi of n that the window covers at place o.
func (w window) clip(o, n int) (lo, hi int) {
	start := o*w.stride - w.padding
	return max(start, 0), min(start+w.size, n)
}

// share returns the elements lo ≤ i < hi of n that belong to a part.
func share(part, parts, n int) (lo, hi int) { return part * n / parts, (part + 1) * n / parts }
