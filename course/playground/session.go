package playground

import (
	"encoding/json"
	"fmt"
)

// A Session answers the page's calls, and keeps the network that is being trained.
type Session struct {
	learner *Learner
}

// calls are all that the page can ask for.
var calls = map[string]func(s *Session, arg []byte) (any, error){
	"about": func(*Session, []byte) (any, error) {
		return map[string]any{
			"surfaces": Surfaces(), "methods": Methods, "schedules": Schedules,
			"shapes": Shapes, "activations": Activations, "usual": Usual(""), "network": UsualNetwork(),
		}, nil
	},
	"descend": func(session *Session, arg []byte) (any, error) {
		var s Settings
		if err := json.Unmarshal(arg, &s); err != nil {
			return nil, err
		}
		runs, err := Descend(s)
		return runs, err
	},
	"code": func(session *Session, arg []byte) (any, error) {
		var s Settings
		if err := json.Unmarshal(arg, &s); err != nil {
			return nil, err
		}
		return Code(s)
	},
	"heights":   heights,
	"curvature": curvature,
	"network": func(session *Session, arg []byte) (any, error) {
		var s NetworkSettings
		if err := json.Unmarshal(arg, &s); err != nil {
			return nil, err
		}
		l, err := NewLearner(s)
		if err != nil {
			return nil, err
		}
		if session.learner != nil {
			session.learner.Close()
		}
		session.learner = l
		return session.picture()
	},
	"learn": func(session *Session, arg []byte) (any, error) {
		var epochs int
		if err := json.Unmarshal(arg, &epochs); err != nil {
			return nil, err
		}
		if err := session.learning(); err != nil {
			return nil, err
		}
		if err := session.learner.Step(epochs); err != nil {
			return nil, err
		}
		return session.picture()
	},
	"gradient": func(session *Session, _ []byte) (any, error) {
		if err := session.learning(); err != nil {
			return nil, err
		}
		if err := session.learner.CheckGradient(); err != nil {
			return err.Error(), nil
		}
		return "backpropagation and central differences agree", nil
	},
	"networkcode": func(session *Session, arg []byte) (any, error) {
		var s NetworkSettings
		if err := json.Unmarshal(arg, &s); err != nil {
			return nil, err
		}
		return NetworkCode(s)
	},
}

func (session *Session) learning() error {
	if session.learner == nil {
		return fmt.Errorf("there is no network yet")
	}
	return nil
}

// heights returns a surface on a grid of width×height points, row by row from the top.
func heights(_ *Session, arg []byte) (any, error) {
	var q struct {
		Surface       string
		Width, Height int
	}
	if err := json.Unmarshal(arg, &q); err != nil {
		return nil, err
	}
	s, err := Find(q.Surface)
	if err != nil {
		return nil, err
	}
	return s.Heights(q.Width, q.Height)
}

func curvature(_ *Session, arg []byte) (any, error) {
	var q struct {
		Surface string
		X, Y    float64
	}
	if err := json.Unmarshal(arg, &q); err != nil {
		return nil, err
	}
	s, err := Find(q.Surface)
	if err != nil {
		return nil, err
	}
	least, most, steepest := s.Curvature(q.X, q.Y)
	dx, dy := s.Gradient(q.X, q.Y)
	return map[string]any{"least": least, "most": most, "steepest": steepest, "gradient": [2]float64{dx, dy}}, nil
}

// The grids of the picture of a network.
const fieldSize, unitSize = 60, 20

func (session *Session) picture() (any, error) {
	units, err := session.learner.Units(unitSize)
	if err != nil {
		return nil, err
	}
	training, validation := session.learner.Points()
	return map[string]any{
		"epoch": session.learner.Epoch, "train": session.learner.TrainLoss, "validation": session.learner.Validation,
		"field": session.learner.Field(fieldSize), "units": units, "weights": session.learner.Weights(),
		"points": training, "held": validation,
	}, nil
}

// Answer answers one call: with JSON for what was asked for, or {"error": "…"}.
// It never panics, so that the worker lives on.
func (session *Session) Answer(call, arg string) (reply string) {
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
	result, err := f(session, []byte(arg))
	if err != nil {
		return fail(err)
	}
	text, err := json.Marshal(result)
	if err != nil {
		return fail(err)
	}
	return string(text)
}
