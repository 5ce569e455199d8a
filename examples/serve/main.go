// Serve answers HTTP requests with the predictions of a model.
//
//	go run ./examples/serve -train flowers.safetensors   # the model of this example
//	go run ./examples/serve -model flowers.safetensors [-address localhost:8080]
//	curl localhost:8080/predict -d '{"sepal length": 5.1, "sepal width": 3.5, "petal length": 1.4, "petal width": 0.2}'
//	{"class":"setosa","probability":0.98}
//
// It loads the file again on SIGHUP, and when the file is replaced, without losing a
// request; a damaged file leaves the old model at work. On SIGTERM or Ctrl-C it
// answers what has begun, and ends. Package service, next to this program, is the
// part that knows no model: another one needs only another load.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/examples/serve/service"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/solve"
)

func main() {
	train := flag.String("train", "", "train the model of the example, write it to this file and end")
	path := flag.String("model", "flowers.safetensors", "the model's file")
	address := flag.String("address", "localhost:8080", "where to listen")
	poll := flag.Duration("poll", time.Second, "how often to look whether the file has changed")
	drain := flag.Duration("drain", 0, "how long to go on when /readyz says no, for the load balancer to notice")
	flag.Parse()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := error(nil)
	if *train != "" {
		err = fit(*train, 0.01)
	} else {
		err = serve(ctx, log, *path, *address, *poll, *drain)
	}
	if err != nil {
		log.Error("serve", "error", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, log *slog.Logger, path, address string, poll, drain time.Duration) error {
	s, err := service.New(path, load, log)
	if err != nil {
		return err
	}
	s.Drain = drain
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go s.Watch(ctx, hangup, time.Tick(poll))
	log.Info("listening", "address", l.Addr().String())
	return s.Serve(ctx, l)
}

// about is what the file holds beside the weights.
type about struct {
	Features, Classes []string
	Scaler            json.RawMessage
}

// fit trains a classifier of irises with the penalty ½λ‖w‖² and writes it to path.
func fit(path string, lambda float64) error {
	d := datasets.Iris()
	scaler := preprocess.NewStandardScaler()
	x, err := preprocess.FitTransform(scaler, d.X)
	if err != nil {
		return err
	}
	m := model.NewSoftmax(len(d.Features), len(d.Classes))
	_, err = solve.NewtonCG(context.Background(), m, x, d.Y, solve.NewtonCGOptions{Loss: loss.CrossEntropy{}, Regularizer: regularizer.L2{Lambda: lambda}})
	if err != nil {
		return err
	}
	text, err := json.Marshal(scaler)
	if err != nil {
		return err
	}
	return save.Model(path, m, about{d.Features, d.Classes, text})
}

// prediction is the answer for one row.
type prediction struct {
	Class       string  `json:"class"`
	Probability float64 `json:"probability"`
}

// load reads what fit wrote.
func load(path string) (service.Predict, error) {
	d, err := save.Describe(path)
	if err != nil {
		return nil, err
	}
	var a about
	m := model.NewSoftmax(d.Inputs, d.Outputs)
	if err := save.Load(path, m, &a); err != nil {
		return nil, err
	}
	scaler := preprocess.NewStandardScaler()
	if err := json.Unmarshal(a.Scaler, scaler); err != nil {
		return nil, err
	}
	if len(a.Features) != d.Inputs || len(a.Classes) != d.Outputs || len(scaler.Mean) != d.Inputs {
		return nil, fmt.Errorf("%s: %d names of features, %d of classes and %d columns of the scaler, for a model of %d inputs and %d outputs",
			path, len(a.Features), len(a.Classes), len(scaler.Mean), d.Inputs, d.Outputs)
	}
	return func(row map[string]any) (any, error) {
		values := make([]float64, len(a.Features))
		for j, name := range a.Features {
			v, ok := row[name].(float64)
			if !ok {
				return nil, fmt.Errorf("%q is %v, want a number", name, row[name])
			}
			values[j] = v
		}
		if len(row) != len(values) {
			return nil, fmt.Errorf("%d features, want %q", len(row), a.Features)
		}
		x, err := scaler.Transform(mat.NewDense(1, len(values), values))
		if err != nil {
			return nil, err
		}
		p := model.Probabilities(m, x).RawRowView(0)
		best := 0
		for k, v := range p {
			if v > p[best] {
				best = k
			}
		}
		return prediction{a.Classes[best], p[best]}, nil
	}, nil
}
