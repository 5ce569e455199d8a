package save_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

// A line through four points, trained, saved, loaded and used.
func Example() {
	dir, err := os.MkdirTemp("", "save")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	x := mat.NewDense(4, 1, []float64{0, 1, 2, 3})
	y := mat.NewDense(4, 1, []float64{1, 3, 5, 7})
	m := model.NewLinear(1, 1)
	_, err = train.Fit(context.Background(), m, x, y, train.Options{
		Loss: loss.MSE{}, Schedule: optim.Constant(0.1), Epochs: 500,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	type About struct{ Features []string }
	path := filepath.Join(dir, "line")
	if err := save.Model(path, m, About{[]string{"distance"}}); err != nil {
		fmt.Println(err)
		return
	}
	loaded, about := model.NewLinear(1, 1), About{}
	if err := save.Load(path, loaded, &about); err != nil {
		fmt.Println(err)
		return
	}
	var pred mat.Dense
	loaded.Predict(&pred, mat.NewDense(1, 1, []float64{10}))
	fmt.Printf("%s 10: %.3f\n", about.Features[0], pred.At(0, 0))
	// Output: distance 10: 21.000
}

// A model that does not fit the file stays as it is.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "save")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "m")
	if err := save.Model(path, model.NewLinear(3, 1), nil); err != nil {
		fmt.Println(err)
		return
	}
	err = save.Load(path, model.NewLinearNoIntercept(2, 1), nil)
	fmt.Println(strings.Replace(err.Error(), dir+string(filepath.Separator), "", 1))
	// Output: save: m.safetensors: its tensors do not fit the model: "weights" has shape [3 1], the model [2 1]; "intercept" of shape [1] is not in the model
}

func ExampleDescription() {
	dir, err := os.MkdirTemp("", "save")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "iris")
	meta := map[string][]string{"classes": {"setosa", "versicolor", "virginica"}}
	if err := save.Model(path, model.NewSoftmax(4, 3), meta); err != nil {
		fmt.Println(err)
		return
	}
	d, err := save.Describe(path)
	fmt.Println(d.Kind, d.Inputs, d.Outputs, string(d.Meta), err)
	// Output: model.Linear 4 3 {"classes":["setosa","versicolor","virginica"]} <nil>
}

func ExampleTensor() {
	dir, err := os.MkdirTemp("", "save")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "m")
	if err := save.Model(path, model.NewLinear(784, 10), nil); err != nil {
		fmt.Println(err)
		return
	}
	d, err := save.Describe(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range d.Tensors {
		fmt.Println(t.Name, t.Shape)
	}
	// Output:
	// intercept [10]
	// weights [784 10]
}

// Training that ended after 3 epochs goes on to 10.
func ExampleEvery() {
	dir, err := os.MkdirTemp("", "save")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "run.checkpoint")
	x, y := mat.NewDense(2, 1, []float64{-1, 1}), mat.NewDense(2, 1, []float64{-2, 2})
	opt := train.Options{
		Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.1),
		Epochs: 3, OnEpoch: []train.Callback{save.Every(path, 1)},
	}
	first := model.NewLinear(1, 1)
	if _, err := train.Fit(context.Background(), first, x, y, opt); err != nil {
		fmt.Println(err)
		return
	}

	// The next day, in another process.
	opt.Epochs, opt.Optimizer = 10, optim.NewAdam()
	if opt.Resume, err = save.LoadCheckpoint(path); err != nil {
		fmt.Println(err)
		return
	}
	second := model.NewLinear(1, 1)
	h, err := train.Fit(context.Background(), second, x, y, opt)
	fmt.Println(len(h.Records), "epochs,", h.Status, err)
	// Output: 10 epochs, completed <nil>
}

// The file is of this PyTorch module, whose layers nobody can tell apart:
//
//	class Twins(nn.Module):
//	    def __init__(self):
//	        super().__init__()
//	        self.first = nn.Linear(4, 4)
//	        self.second = nn.Linear(4, 4)
//	    def forward(self, x):
//	        return self.second(torch.tanh(self.first(x)))
func ExampleLoadPyTorch() {
	m, err := model.NewNetwork(model.Features(4), 1, model.Dense{Units: 4}, model.Tanh{}, model.Dense{Units: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(save.LoadPyTorch("testdata/torch-twins64", m, nil))
	fmt.Println(save.LoadPyTorch("testdata/torch-twins64", m, map[string]string{"0.dense": "first", "2.dense": "second"}))
	// Output:
	// save: testdata/torch-twins64.safetensors: layer "0.dense" may be any of ["first" "second"] (they have the same shapes, and their names no order): give the name for it
	// the model:
	// 	0.dense: weight [4 4], bias [4]
	// 	2.dense: weight [4 4], bias [4]
	// the file:
	// 	first: bias [4], weight [4 4]
	// 	second: bias [4], weight [4 4]
	//
	// <nil>
}
