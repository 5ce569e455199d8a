// Serve answers HTTP requests with the predictions of a model of package tabular.
//
//	go run ./examples/serve -train flowers.model   # the model of this example
//	go run ./examples/serve -model flowers.model [-address localhost:8080]
//	curl localhost:8080/predict -d '{"sepal length": 5.1, "sepal width": 3.5, "petal length": 1.4, "petal width": 0.2}'
//	{"class":"setosa","probability":0.98,"probabilities":{"setosa":0.98,…}}
//
// It loads the file again on SIGHUP, and when the file is replaced, without losing a
// request; a damaged file leaves the old model at work. On SIGTERM or Ctrl-C it
// answers what has begun, and ends. Package service, next to this program, is the
// part that knows no model: another one needs only another load.
package main

import (
	"context"
	"flag"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/examples/serve/service"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
)

func main() {
	train := flag.String("train", "", "train the model of the example, write it to this file and end")
	path := flag.String("model", "flowers.model", "the model's file")
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

// fit trains a classifier of irises with the penalty ½λ‖w‖² and writes it to path.
func fit(path string, lambda float64) error {
	d := datasets.Iris()
	table := &preprocess.Table{}
	for j, name := range d.Features {
		if err := table.AddFloats(name, mat.Col(nil, j, d.X)); err != nil {
			return err
		}
	}
	classes := make([]string, len(d.Labels()))
	for i, k := range d.Labels() {
		classes[i] = d.Classes[k]
	}
	if err := table.AddStrings("flower", classes); err != nil {
		return err
	}
	m, err := tabular.Learner{Target: "flower", Method: tabular.Linear{Lambda: lambda}}.Fit(context.Background(), table)
	if err != nil {
		return err
	}
	return m.SaveFile(path)
}

// load reads the file of any model of package tabular.
func load(path string) (service.Predict, error) {
	m, err := tabular.LoadFile(path)
	if err != nil {
		return nil, err
	}
	return func(row map[string]any) (any, error) { return m.PredictRow(row) }, nil
}
