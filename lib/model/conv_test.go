package model

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/raced"
)

// TestConvolutionsAgainstTheFormula computes batches of several groups of
// images, the last of them smaller, in as many parts as there can be.
func TestConvolutionsAgainstTheFormula(t *testing.T) {
	raced.SkipValues(t) // (TestCoresDoNotMatter shares.)
	for _, c := range []struct {
		in    Shape
		layer Conv2D
		rows  int
	}{
		{Image(28, 28, 1), Conv2D{Filters: 6, Kernel: 5, Padding: 2}, 21},
		{Image(14, 14, 6), Conv2D{Filters: 16, Kernel: 5}, 150},
		{Image(9, 11, 3), Conv2D{Filters: 5, Kernel: 3, Stride: 2, Padding: 1}, 45},
		{Image(13, 9, 2), Conv2D{Filters: 9, Kernel: 5, Stride: 3, Padding: 4}, 70},
		{Image(10, 10, 2), Conv2D{Filters: 4, Kernel: 2, Stride: 3}, 100},
		{Image(3, 150, 2), Conv2D{Filters: 40, Kernel: 3, Padding: 1}, 5},
		{Image(8, 8, 12), Conv2D{Filters: 20, Kernel: 1, NoBias: true}, 33},
		{Image(14, 14, 6), Conv2D{Filters: 16, Kernel: 3, Padding: 2, Dilation: 2}, 150},
		{Image(17, 12, 2), Conv2D{Filters: 7, Kernel: 3, Stride: 4, Padding: 6, Dilation: 6}, 70},
		{Image(9, 11, 12), Conv2D{Filters: 18, Kernel: 3, Padding: 1, Groups: 3}, 90},
		{Image(10, 10, 16), Conv2D{Filters: 32, Kernel: 3, Stride: 2, Padding: 3, Dilation: 3, Groups: 16}, 40},
	} {
		t.Run(fmt.Sprintf("%v %+v", c.in, c.layer), func(t *testing.T) {
			n, err := NewNetwork(c.in, 1, c.layer)
			if err != nil {
				t.Fatal(err)
			}
			m := at[float64](n.training).modules[0]
			r := rand.New(rand.NewPCG(1, 2))
			draw := func(n int) []float64 {
				v := make([]float64, n)
				normal(v, 1, r)
				return v
			}
			copy(n.theta, draw(len(n.theta)))
			x, dy := draw(c.rows*n.input.Size()), draw(c.rows*n.output.Size())
			y, dx, grad := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(n.theta))
			plainConv(c.layer, c.in, n, x, dy, y, dx, grad)

			golden.CloseSlice(t, "y", m.forward(x, c.rows, true), y, 1e-13)
			got := make([]float64, len(grad))
			golden.CloseSlice(t, "∂L/∂x", m.backward(got, dy, true), dx, 1e-13)
			golden.CloseSlice(t, "∂L/∂θ", got, grad, 1e-12)
			golden.CloseSlice(t, "evaluated", m.forward(x, c.rows, false), y, 1e-13)
			small := 1 + c.rows/3
			golden.CloseSlice(t, "a smaller batch", m.forward(x[:small*n.input.Size()], small, true), y[:small*n.output.Size()], 1e-13)
		})
	}
}

// plainConv is the formula of Conv2D and its derivatives.
func plainConv(l Conv2D, in Shape, n *Network, x, dy, y, dx, grad []float64) {
	stride, dilation, groups := max(l.Stride, 1), max(l.Dilation, 1), max(l.Groups, 1)
	channels, height, width := in[0], in[1], in[2]
	outHeight, outWidth := n.output[1], n.output[2]
	seen, part := channels/groups, l.Filters/groups
	biases := l.Filters * seen * l.Kernel * l.Kernel
	for at := range y {
		i, f := at/outWidth%outHeight, at/outWidth/outHeight%l.Filters
		image, j := at/outWidth/outHeight/l.Filters, at%outWidth
		if !l.NoBias {
			y[at] = n.theta[biases+f]
			grad[biases+f] += dy[at]
		}
		for k := range seen * l.Kernel * l.Kernel {
			c, u, v := k/l.Kernel/l.Kernel, k/l.Kernel%l.Kernel, k%l.Kernel
			row, col := i*stride+u*dilation-l.Padding, j*stride+v*dilation-l.Padding
			if row < 0 || row >= height || col < 0 || col >= width {
				continue
			}
			from, w := ((image*channels+f/part*seen+c)*height+row)*width+col, f*seen*l.Kernel*l.Kernel+k
			y[at] += n.theta[w] * x[from]
			dx[from] += n.theta[w] * dy[at]
			grad[w] += dy[at] * x[from]
		}
	}
}

// TestMaxPoolAgainstTheFormula covers odd sizes, where a row or a column is
// left out, with many equal pixels.
func TestMaxPoolAgainstTheFormula(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, in := range []Shape{Image(2, 2, 1), Image(7, 9, 3), Image(28, 28, 6), Image(5, 4, 2)} {
		n, err := NewNetwork(in, 1, MaxPool{Size: 2})
		if err != nil {
			t.Fatal(err)
		}
		const rows = 30
		x, dy := make([]float64, rows*in.Size()), make([]float64, rows*n.output.Size())
		for i := range x {
			x[i] = float64(r.IntN(4))
		}
		normal(dy, 1, r)
		m := at[float64](n.training).modules[0].(*maxPool[float64])
		y, dx := make([]float64, len(dy)), make([]float64, len(x))
		for place := range y {
			plane := place / m.places()
			best, from := m.largest(x[plane*m.pixels():(plane+1)*m.pixels()], place%m.places()/m.outWidth, place%m.outWidth)
			y[place] = best
			dx[plane*m.pixels()+int(from)] += dy[place]
		}
		golden.CloseSlice(t, in.String()+": y", m.forward(x, rows, true), y, 0)
		golden.CloseSlice(t, in.String()+": ∂L/∂x", m.backward(nil, dy, true), dx, 0)
	}
}

// TestPoolChangesPlacesWithReLU expects the numbers of the order as written.
func TestPoolChangesPlacesWithReLU(t *testing.T) {
	in := Image(6, 6, 2)
	n, err := NewNetwork(in, 1, ReLU{}, MaxPool{Size: 3, Stride: 2, Padding: 1})
	if err != nil {
		t.Fatal(err)
	}
	modules := at[float64](n.training).modules
	pool, relu := modules[0].(*maxPool[float64]), modules[1].(*rectifier[float64])
	r := rand.New(rand.NewPCG(1, 2))
	x, dy := make([]float64, 20*in.Size()), make([]float64, 20*n.output.Size())
	for i := range x {
		x[i] = float64(r.IntN(7) - 4)
	}
	normal(dy, 1, r)
	y := slices.Clone(at[float64](n.training).forward(x, 20, true))
	dx := slices.Clone(at[float64](n.training).backward(nil, dy, true))
	golden.CloseSlice(t, "y", y, pool.forward(relu.forward(x, 20, true), 20, true), 0)
	golden.CloseSlice(t, "∂L/∂x", dx, relu.backward(nil, pool.backward(nil, dy, true), true), 0)
}

// TestCoresDoNotMatter expects the same bytes from any number of cores.
func TestCoresDoNotMatter(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer crew.Fix(1)() // everything is shared
	run := func(cores int, build func(Shape, uint64, ...Layer) (*Network, error)) []float64 {
		runtime.GOMAXPROCS(cores)
		n, err := build(Image(16, 16, 3), 1,
			Conv2D{Filters: 8, Kernel: 5, Padding: 2}, NewBatchNorm(), ReLU{}, Residual{Conv2D{Filters: 8, Kernel: 3, Padding: 1}, NewBatchNorm(), GELU{}}, MaxPool{Size: 2},
			Conv2D{Filters: 16, Kernel: 3, Stride: 2, Padding: 2, Dilation: 2, Groups: 4}, NewBatchNorm(), ReLU{}, Flatten{}, Dense{Units: 200}, NewLayerNorm(), Tanh{}, SoftmaxLayer{}, Dense{Units: 4})
		if err != nil {
			t.Fatal(err)
		}
		x, dy := fillDense(200, n.input.Size()), fillDense(200, 4)
		y := fillDense(200, 4)
		n.Forward(y, x)
		grad := make([]float64, len(n.theta))
		n.Backward(grad, dy)
		return slices.Concat(y.RawMatrix().Data, grad)
	}
	for name, build := range map[string]func(Shape, uint64, ...Layer) (*Network, error){"float64": NewNetwork, "float32": NewNetwork32} {
		want := run(1, build)
		for _, cores := range []int{2, 3, 8} {
			if !slices.Equal(run(cores, build), want) {
				t.Errorf("%s: %d cores give other bytes than one", name, cores)
			}
		}
	}
}

func fillDense(rows, cols int) *mat.Dense {
	d := mat.NewDense(rows, cols, nil)
	normal(d.RawMatrix().Data, 1, rand.New(rand.NewPCG(uint64(rows), uint64(cols))))
	return d
}
