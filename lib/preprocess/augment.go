package preprocess

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Warp moves one image: flip, then zoom, then rotate, all about the centre, then
// shift. Values between pixels are interpolated bilinearly, and those outside the
// image are Fill. The zero value is not the identity, since its zoom is 0; use
// NewWarp.
type Warp struct {
	ShiftX, ShiftY float64 // pixels to the right and down
	Degrees        float64 // rotation, counter-clockwise as seen
	Zoom           float64 // 2 doubles the size
	FlipX, FlipY   bool    // mirror left and right, top and bottom
	Fill           float64
}

// NewWarp returns the identity.
func NewWarp() Warp { return Warp{Zoom: 1} }

// Apply sets dst to the warped src. Both are images of channels·height·width
// values, channel by channel and row by row. They must not overlap. It panics if a
// length does not match or Zoom is not positive.
func (w Warp) Apply(dst, src []float64, channels, height, width int) {
	size := height * width
	if len(src) != channels*size || len(dst) != len(src) {
		panic(fmt.Sprintf("preprocess: Warp: dst has length %d and src %d, want %d·%d·%d = %d", len(dst), len(src), channels, height, width, channels*size))
	}
	if !(w.Zoom > 0) {
		panic(fmt.Sprintf("preprocess: Warp: zoom is %v, want a positive number", w.Zoom))
	}
	// Each pixel of dst asks where in src it comes from, so what runs here is the
	// inverse: unshift, rotate back, unzoom, unflip.
	sin, cos := math.Sincos(w.Degrees * math.Pi / 180)
	cx, cy := float64(width-1)/2, float64(height-1)/2
	signX, signY := 1/w.Zoom, 1/w.Zoom
	if w.FlipX {
		signX = -signX
	}
	if w.FlipY {
		signY = -signY
	}
	for r := range height {
		for c := range width {
			x, y := float64(c)-cx-w.ShiftX, float64(r)-cy-w.ShiftY
			// y points down, so counter-clockwise is a negative angle.
			sx := cx + signX*(cos*x-sin*y)
			sy := cy + signY*(sin*x+cos*y)
			for k := range channels {
				dst[k*size+r*width+c] = bilinear(src[k*size:(k+1)*size], height, width, sy, sx, w.Fill)
			}
		}
	}
}

// bilinear returns the image at row y and column x, weighing the four pixels
// around by how near they are.
func bilinear(image []float64, height, width int, y, x, fill float64) float64 {
	if !(y > -1 && y < float64(height) && x > -1 && x < float64(width)) {
		return fill // far outside, or not a number
	}
	r, c := math.Floor(y), math.Floor(x)
	dy, dx := y-r, x-c
	at := func(r, c int) float64 {
		if r < 0 || r >= height || c < 0 || c >= width {
			return fill
		}
		return image[r*width+c]
	}
	i, j := int(r), int(c)
	top := (1-dx)*at(i, j) + dx*at(i, j+1)
	bottom := (1-dx)*at(i+1, j) + dx*at(i+1, j+1)
	return (1-dy)*top + dy*bottom
}

// Augment changes images at random without changing what they show, so that a model
// sees a different version of each image in each epoch. Rows are images of
// Channels·Height·Width values. Choose changes that keep the labels valid: a
// mirrored cat is a cat, but a mirrored 3 is not a 3.
type Augment struct {
	Channels, Height, Width int

	Shift        float64 // maximum shift in each direction, in pixels
	Rotate       float64 // maximum rotation either way, in degrees
	Zoom         float64 // zoom by a factor from 1−Zoom to 1+Zoom
	FlipX, FlipY bool    // mirror every other image, left and right, top and bottom
	Noise        float64 // standard deviation of Gaussian noise, added last
	Fill         float64 // the value outside the image
}

// Validate returns an error if the shape is not positive, a range is negative or
// not finite, or Zoom is not below 1.
func (a Augment) Validate() error {
	if a.Channels < 1 || a.Height < 1 || a.Width < 1 {
		return fmt.Errorf("preprocess: Augment: images of shape %d×%d×%d, want at least 1 of each", a.Channels, a.Height, a.Width)
	}
	for _, v := range [...]float64{a.Shift, a.Rotate, a.Zoom, a.Noise} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("preprocess: Augment: Shift %v, Rotate %v, Zoom %v and Noise %v must be finite and not negative", a.Shift, a.Rotate, a.Zoom, a.Noise)
		}
	}
	if a.Zoom >= 1 {
		return fmt.Errorf("preprocess: Augment: Zoom is %v, want less than 1", a.Zoom)
	}
	return nil
}

// Apply sets dst to an augmented x. Row i uses the random numbers of (seed, i): use
// a different seed for each epoch and batch. An empty dst is resized; it must not
// be x. It panics if the shapes differ or the settings are invalid.
func (a Augment) Apply(dst, x *mat.Dense, seed uint64) {
	rows, cols := x.Dims()
	shapeLike(dst, rows, cols)
	for i := range rows {
		a.ApplyImage(dst.RawRowView(i), x.RawRowView(i), seed, uint64(i))
	}
}

// ApplyImage sets dst to an augmented src with the random numbers of (seed, image).
// If image is the number of the image in the data set, not its place in the batch,
// the result does not depend on how batches are made.
func (a Augment) ApplyImage(dst, src []float64, seed, image uint64) {
	if err := a.Validate(); err != nil {
		panic(err)
	}
	s := newStream(seed, image)
	// Each number is drawn whether it is used or not, so that switching one
	// setting on leaves the others' random numbers as they were.
	w := Warp{Fill: a.Fill}
	w.ShiftX, w.ShiftY = a.Shift*s.symmetric(), a.Shift*s.symmetric()
	w.Degrees = a.Rotate * s.symmetric()
	w.Zoom = 1 + a.Zoom*s.symmetric()
	w.FlipX = s.symmetric() < 0 && a.FlipX
	w.FlipY = s.symmetric() < 0 && a.FlipY
	w.Apply(dst, src, a.Channels, a.Height, a.Width)
	s.addNoise(dst, a.Noise)
}

// GaussianNoise adds independent N(0, Std²) to inputs, in training only. For
// least squares and small Std it acts like an L2 penalty on the gradient of the
// model (Bishop, Training with noise is equivalent to Tikhonov regularization,
// 1995).
type GaussianNoise struct{ Std float64 }

// Validate returns an error unless Std is finite and not negative.
func (g GaussianNoise) Validate() error {
	if !(g.Std >= 0) || math.IsInf(g.Std, 0) {
		return fmt.Errorf("preprocess: GaussianNoise: Std is %v, want a finite number that is not negative", g.Std)
	}
	return nil
}

// Apply sets dst to x with noise. Row i uses the random numbers of (seed, i). An
// empty dst is resized; it may be x. It panics if the shapes differ or Std is
// invalid.
func (g GaussianNoise) Apply(dst, x *mat.Dense, seed uint64) {
	if err := g.Validate(); err != nil {
		panic(err)
	}
	rows, cols := x.Dims()
	shapeLike(dst, rows, cols)
	for i := range rows {
		row := dst.RawRowView(i)
		copy(row, x.RawRowView(i))
		s := newStream(seed, uint64(i))
		s.addNoise(row, g.Std)
	}
}

// shapeLike resizes an empty dst, and panics if another has the wrong shape.
func shapeLike(dst *mat.Dense, rows, cols int) {
	if dst.IsEmpty() {
		dst.ReuseAs(rows, cols)
		return
	}
	if r, c := dst.Dims(); r != rows || c != cols {
		panic(fmt.Sprintf("preprocess: destination is %d×%d, want %d×%d", r, c, rows, cols))
	}
}

// stream is a source of random numbers that lives on the stack, one for each
// row. rand.Rand would put it on the heap, in a loop that must not allocate.
type stream struct{ pcg rand.PCG }

func newStream(seed, row uint64) stream {
	var s stream
	s.pcg.Seed(seed, row)
	return s
}

// uniform returns a number in [0, 1).
func (s *stream) uniform() float64 { return float64(s.pcg.Uint64()>>11) * 0x1p-53 }

// symmetric returns a number in [−1, 1).
func (s *stream) symmetric() float64 { return 2*s.uniform() - 1 }

// addNoise adds N(0, std²) to each element, by the polar method of Marsaglia
// (Knuth, The Art of Computer Programming, vol. 2, §3.4.1), which makes two
// normal numbers of each pair.
func (s *stream) addNoise(x []float64, std float64) {
	if std == 0 {
		return
	}
	for k := 0; k < len(x); k += 2 {
		u, v, q := 0.0, 0.0, 0.0
		for q == 0 || q >= 1 {
			u, v = s.symmetric(), s.symmetric()
			q = u*u + v*v
		}
		f := std * math.Sqrt(-2*math.Log(q)/q)
		x[k] += u * f
		if k+1 < len(x) {
			x[k+1] += v * f
		}
	}
}
