package grad

import (
	"runtime"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/blas"
)

// Operations on images, of shape (rows, channels, height, width).

// Conv2D slides the filters w, of shape (filters, channels, height, width), over the images
// n and returns (rows, filters, places down, places across):
//
//	y[r, f, i, j] = Σ_c Σ_u Σ_v w[f, c, u, v]·n[r, c, i·stride + u − padding, j·stride + v − padding]
//
// with 0 outside the image. Add a bias of shape (filters, 1, 1) to the result.
//
// Source: Chellapilla, Puri and Simard, High Performance Convolutional Neural Networks for
// Document Processing, 2006.
func (n *Node) Conv2D(w *Node, stride, padding int) *Node {
	n.graph.owns("Conv2D", w)
	if len(w.shape) != 4 {
		fail("Conv2D", "the filters are %s, want (filters, channels, height, width)", dims(w.shape))
	}
	win := n.window("Conv2D", w.shape[2], w.shape[3], stride, padding)
	if w.shape[1] != win.channels {
		fail("Conv2D", "%s by filters %s: %d channels and %d", dims(n.shape), dims(w.shape), win.channels, w.shape[1])
	}
	shape := []int{n.shape[0], w.shape[0], win.down, win.across}
	return n.graph.node("Conv2D", shape, kernels{convolution[float64](win, shape), convolution[float32](win, shape)}, n, w)
}

// A window is a rectangle that is put on images in places down and across.
type window struct {
	channels, height, width     int // of the image
	rows, cols, stride, padding int // of the rectangle
	down, across                int
}

func (n *Node) window(op string, rows, cols, stride, padding int) window {
	if len(n.shape) != 4 {
		fail(op, "the images are %s, want (rows, channels, height, width): use Reshape(-1, channels, height, width)", dims(n.shape))
	}
	w := window{channels: n.shape[1], height: n.shape[2], width: n.shape[3], rows: rows, cols: cols, stride: stride, padding: padding}
	if rows < 1 || cols < 1 || stride < 1 || padding < 0 {
		fail(op, "a window of %d×%d with stride %d and padding %d, want at least 1, 1 and 0", rows, cols, stride, padding)
	}
	if w.height+2*padding < rows || w.width+2*padding < cols {
		fail(op, "a window of %d×%d does not fit on images of %d×%d with padding %d", rows, cols, w.height, w.width, padding)
	}
	w.down, w.across = (w.height+2*padding-rows)/stride+1, (w.width+2*padding-cols)/stride+1
	return w
}

// pixels, places and elements are the sizes of an image, of what the places make of a
// channel, and of the rectangle in all channels.
func (w window) pixels() int   { return w.channels * w.height * w.width }
func (w window) places() int   { return w.down * w.across }
func (w window) elements() int { return w.channels * w.rows * w.cols }

// span returns the places lo ≤ o < hi at which element k of the rectangle, pixel
// o·stride + k − padding, lies within n pixels.
func (w window) span(k, n, places int) (lo, hi int) {
	if before := w.padding - k; before > 0 {
		lo = (before + w.stride - 1) / w.stride
	}
	if last := n - 1 + w.padding - k; last >= 0 {
		hi = min(last/w.stride+1, places)
	}
	return min(lo, hi), hi
}

// each calls f for each element of the rectangle, with the places at which it lies within the
// image: rows of n places, across places apart, from the given one on. They meet pixels from the
// given one on, stride pixels apart; the next row of them is stride·width pixels further.
func (w window) each(f func(element, place, pixel, rows, n int)) {
	element := 0
	for c := range w.channels {
		for u := range w.rows {
			top, bottom := w.span(u, w.height, w.down)
			for v := range w.cols {
				left, right := w.span(v, w.width, w.across)
				if top < bottom && left < right {
					row := c*w.height + top*w.stride + u - w.padding
					f(element, top*w.across+left, row*w.width+left*w.stride+v-w.padding, bottom-top, right-left)
				}
				element++
			}
		}
	}
}

// spread writes into the rows of a matrix, one for each element of the rectangle, what it meets
// at each place (im2col).
func spread[T element](w window, matrix, image []T) {
	if w.padding > 0 {
		clear(matrix)
	}
	places := w.places()
	w.each(func(element, place, pixel, rows, n int) {
		to, from := matrix[element*places+place:], image[pixel:]
		if w.stride == 1 {
			blas.CopyRuns(to, w.across, from, w.width, rows, n)
			return
		}
		for i := range rows {
			set(to[i*w.across:], 1, from[i*w.stride*w.width:], w.stride, n)
		}
	})
}

// gatherBack is the transpose of spread: it adds each element to the pixel it came from.
func gatherBack[T element](w window, image, matrix []T) {
	places := w.places()
	w.each(func(element, place, pixel, rows, n int) {
		to, from := image[pixel:], matrix[element*places+place:]
		if w.stride == 1 {
			blas.AddRuns(to, w.width, from, w.across, rows, n)
			return
		}
		for i := range rows {
			plus(to[i*w.stride*w.width:], w.stride, 1, from[i*w.across:], 1, n)
		}
	})
}

// A conv is Y = W·spread(X), image by image. Images are shared out among the cores in
// parts, whose gradients by W are added in order.
type conv[T element] struct {
	window
	images, filters int
	crew            crew.Crew
	parts           []convPart[T]

	y, x, w, dx        []T // of the job
	beta               T
	forth, left, right func(worker, part int)
}

type convPart[T element] struct{ matrix, dw []T }

const convParts = 8

func convolution[T element](w window, shape []int) bilinear[T] {
	k := &conv[T]{window: w, images: shape[0], filters: shape[1]}
	k.parts = make([]convPart[T], max(1, min(convParts, k.images)))
	k.forth, k.left, k.right = k.forthPart, k.leftPart, k.rightPart
	return bilinear[T]{
		apply: func(y, x, w []T, beta T) {
			k.y, k.x, k.w, k.beta = y, x, w, beta
			k.do(k.forth)
		},
		left: func(dx *sum[T], dy, w []T) {
			k.dx, k.y, k.w = dx.plus(), dy, w
			k.do(k.left)
		},
		right: func(dw *sum[T], x, dy []T) {
			k.x, k.y = x, dy
			k.do(k.right)
			to := dw.plus()
			for i := range k.parts {
				plus(to, 1, 1, k.parts[i].dw, 1, len(to))
			}
		},
	}
}

func (k *conv[T]) do(job func(worker, part int)) {
	workers := runtime.GOMAXPROCS(0)
	if k.images*k.filters*k.places()*k.elements() < 1<<18 {
		workers = 1 // not worth a goroutine
	}
	k.crew.Do(workers, len(k.parts), job)
}

// eachImage calls f for the images of a part, with those of x and y.
func (k *conv[T]) eachImage(part int, f func(p *convPart[T], pixels, outputs int)) {
	p := &k.parts[part]
	p.matrix = grow(p.matrix, k.elements()*k.places())
	lo, hi := part*k.images/len(k.parts), (part+1)*k.images/len(k.parts)
	for i := lo; i < hi; i++ {
		f(p, i*k.pixels(), i*k.filters*k.places())
	}
}

// forthPart is Y = W·spread(X).
func (k *conv[T]) forthPart(_, part int) {
	k.eachImage(part, func(p *convPart[T], pixels, outputs int) {
		spread(k.window, p.matrix, k.x[pixels:])
		gemm(blas.NoTrans, blas.NoTrans, k.filters, k.places(), k.elements(), k.w, p.matrix, k.beta, k.y[outputs:])
	})
}

// leftPart is dX += spreadᵀ(Wᵀ·dY).
func (k *conv[T]) leftPart(_, part int) {
	k.eachImage(part, func(p *convPart[T], pixels, outputs int) {
		gemm(blas.Trans, blas.NoTrans, k.elements(), k.places(), k.filters, k.w, k.y[outputs:], 0, p.matrix)
		gatherBack(k.window, k.dx[pixels:], p.matrix)
	})
}

// rightPart is dW += dY·spread(X)ᵀ.
func (k *conv[T]) rightPart(_, part int) {
	p := &k.parts[part]
	p.dw = grow(p.dw, k.filters*k.elements())
	clear(p.dw)
	k.eachImage(part, func(p *convPart[T], pixels, outputs int) {
		spread(k.window, p.matrix, k.x[pixels:])
		gemm(blas.NoTrans, blas.Trans, k.filters, k.elements(), k.places(), k.y[outputs:], p.matrix, 1, p.dw)
	})
}

// MaxPool returns the maxima over squares of the given size in each channel, stride
// pixels apart. The maximum of a square with a NaN is NaN. The derivative goes to
// the pixel of the maximum, the first among equals, as in PyTorch.
func (n *Node) MaxPool(size, stride int) *Node {
	w := n.window("MaxPool", size, size, stride, 0)
	shape := []int{n.shape[0], n.shape[1], w.down, w.across}
	return n.graph.node("MaxPool", shape, kernels{&maxPool[float64]{window: w}, &maxPool[float32]{window: w}}, n)
}

// maxPool has kernels of lib/blas for squares of 2×2 side by side.
type maxPool[T element] struct {
	window
	from    []int // the pixel that each y is
	scratch []T
}

// squares tells whether the squares are of 2×2 and fill the rows of the image.
func (k *maxPool[T]) squares() bool { return k.rows == 2 && k.stride == 2 && k.height == 2*k.down }

func (k *maxPool[T]) forward(y *tensor[T], x []*tensor[T]) {
	if k.squares() {
		blas.MaxSquares(y.value, k.across, x[0].value, k.width)
		return
	}
	k.choose(x[0].value, len(y.value))
	for i, from := range k.from {
		y.value[i] = x[0].value[from]
	}
}

func (k *maxPool[T]) backward(y *tensor[T], x []*tensor[T]) {
	if !k.squares() {
		k.back(x[0].grad.plus(), y.grad.data)
		return
	}
	dx, beta := x[0].grad.scaled()
	if beta == 0 {
		if k.width > 2*k.across {
			clear(dx)
		}
		blas.MaxSquaresGrad(dx, y.grad.data, x[0].value, y.value, k.across, k.width)
		return
	}
	k.scratch = grow(k.scratch, len(dx))
	clear(k.scratch)
	blas.MaxSquaresGrad(k.scratch, y.grad.data, x[0].value, y.value, k.across, k.width)
	plus(dx, 1, 1, k.scratch, 1, len(dx))
}

func (k *maxPool[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	k.choose(x[0].value, len(y.value))
	for i, from := range k.from {
		y.tangent[i] = x[0].tangent[from]
	}
}

func (k *maxPool[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	k.back(x[0].curve.plus(), y.curve.data)
}

// choose finds the largest pixel of each square.
func (k *maxPool[T]) choose(in []T, places int) {
	k.from = grow(k.from, places)
	place := 0
	for corner := 0; corner < len(in); corner += k.height * k.width {
		for i := range k.down {
			for j := range k.across {
				best := corner + i*k.stride*k.width + j*k.stride
				for u := range k.rows {
					row := corner + (i*k.stride+u)*k.width + j*k.stride
					for at := row; at < row+k.cols; at++ {
						if !(in[at] <= in[best]) && !isNaN(in[best]) {
							best = at
						}
					}
				}
				k.from[place] = best
				place++
			}
		}
	}
}

func (k *maxPool[T]) back(dx, dy []T) {
	for i, from := range k.from {
		dx[from] += dy[i]
	}
}

// AvgPool returns the means over squares of the given size in each channel, stride
// pixels apart.
func (n *Node) AvgPool(size, stride int) *Node {
	w := n.window("AvgPool", size, size, stride, 0)
	shape := []int{n.shape[0], n.shape[1], w.down, w.across}
	w.channels = 1 // each channel is an image
	return n.graph.node("AvgPool", shape, kernels{averaged[float64](w), averaged[float32](w)}, n)
}

func averaged[T element](w window) linear[T] {
	share := T(1 / float64(w.rows*w.cols))
	images := func(x, y []T, f func(x, y []T)) {
		for len(y) > 0 {
			f(x[:w.pixels()], y[:w.places()])
			x, y = x[w.pixels():], y[w.places():]
		}
	}
	return linear[T]{
		apply: func(y, x []T) {
			clear(y)
			images(x, y, func(x, y []T) {
				w.each(func(_, place, pixel, rows, n int) {
					for i := range rows {
						plus(y[place+i*w.across:], 1, share, x[pixel+i*w.stride*w.width:], w.stride, n)
					}
				})
			})
		},
		back: func(dx *sum[T], dy []T) {
			images(dx.plus(), dy, func(dx, dy []T) {
				w.each(func(_, place, pixel, rows, n int) {
					for i := range rows {
						plus(dx[pixel+i*w.stride*w.width:], w.stride, share, dy[place+i*w.across:], 1, n)
					}
				})
			})
		},
	}
}
