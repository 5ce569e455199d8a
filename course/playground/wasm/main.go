//go:build js && wasm

// Wasm is the playground's half that computes, in a worker of the page. It puts
// one function into the worker, descent(CALL, JSON), which answers with JSON:
// what was asked for, or {"error": "…"}.
package main

import (
	"encoding/json"
	"fmt"
	"syscall/js"

	"github.com/descent-go/descent/course/playground"
)

var learner *playground.Learner

// calls are all that the page can ask for.
var calls = map[string]func(arg []byte) (any, error){
	"about": func([]byte) (any, error) {
		return map[string]any{
			"surfaces": playground.Surfaces(), "methods": playground.Methods, "schedules": playground.Schedules,
			"shapes": playground.Shapes, "activations": playground.Activations,
		}, nil
	},
	"descend": func(arg []byte) (any, error) {
		var s playground.Settings
		if err := json.Unmarshal(arg, &s); err != nil {
			return nil, err
		}
		runs, err := playground.Descend(s)
		return runs, err
	},
	"code": func(arg []byte) (any, error) {
		var s playground.Settings
		if err := json.Unmarshal(arg, &s); err != nil {
			return nil, err
		}
		return playground.Code(s)
	},
	"heights":   heights,
	"curvature": curvature,
	"network": func(arg []byte) (any, error) {
		var s playground.NetworkSettings
		if err := json.Unmarshal(arg, &s); err != nil {
			return nil, err
		}
		l, err := playground.NewLearner(s)
		if err != nil {
			return nil, err
		}
		if learner != nil {
			learner.Close()
		}
		learner = l
		return picture()
	},
	"learn": func(arg []byte) (any, error) {
		var epochs int
		if err := json.Unmarshal(arg, &epochs); err != nil {
			return nil, err
		}
		if err := learning(); err != nil {
			return nil, err
		}
		if err := learner.Step(epochs); err != nil {
			return nil, err
		}
		return picture()
	},
	"gradient": func([]byte) (any, error) {
		if err := learning(); err != nil {
			return nil, err
		}
		if err := learner.CheckGradient(); err != nil {
			return err.Error(), nil
		}
		return "backpropagation and central differences agree", nil
	},
	"networkcode": func(arg []byte) (any, error) {
		var s playground.NetworkSettings
		if err := json.Unmarshal(arg, &s); err != nil {
			return nil, err
		}
		return playground.NetworkCode(s)
	},
}

func learning() error {
	if learner == nil {
		return fmt.Errorf("there is no network yet")
	}
	return nil
}

// heights returns a surface on a grid of width×height points, row by row from the top.
func heights(arg []byte) (any, error) {
	var q struct {
		Surface       string
		Width, Height int
	}
	if err := json.Unmarshal(arg, &q); err != nil {
		return nil, err
	}
	s, err := playground.Find(q.Surface)
	if err != nil {
		return nil, err
	}
	return s.Heights(q.Width, q.Height)
}

func curvature(arg []byte) (any, error) {
	var q struct {
		Surface string
		X, Y    float64
	}
	if err := json.Unmarshal(arg, &q); err != nil {
		return nil, err
	}
	s, err := playground.Find(q.Surface)
	if err != nil {
		return nil, err
	}
	least, most := s.Curvature(q.X, q.Y)
	return map[string]float64{"least": least, "most": most, "height": s.Value(q.X, q.Y)}, nil
}

// The grids of the picture of a network.
const fieldSize, unitSize = 60, 20

func picture() (any, error) {
	units, err := learner.Units(unitSize)
	if err != nil {
		return nil, err
	}
	training, validation := learner.Points()
	return map[string]any{
		"epoch": learner.Epoch, "train": learner.TrainLoss, "validation": learner.Validation,
		"field": learner.Field(fieldSize), "units": units, "weights": learner.Weights(),
		"points": training, "held": validation,
	}, nil
}

// answer never panics, so that the worker lives on.
func answer(call, arg string) (reply string) {
	fail := func(problem any) string {
		text, _ := json.Marshal(map[string]string{"error": fmt.Sprint(problem)})
		return string(text)
	}
	defer func() {
		if p := recover(); p != nil {
			reply = fail(p)
		}
	}()
	f, ok := calls[call]
	if !ok {
		return fail("there is no call " + call)
	}
	result, err := f([]byte(arg))
	if err != nil {
		return fail(err)
	}
	text, err := json.Marshal(result)
	if err != nil {
		return fail(err)
	}
	return string(text)
}

func main() {
	js.Global().Set("descent", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return answer(args[0].String(), args[1].String())
	}))
	js.Global().Call("descentReady")
	select {}
}
