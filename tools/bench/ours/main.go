// Ours is this library's side of make bench.
package main

import (
	"fmt"
	"os"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/tools/bench/networks"
	"github.com/descent-go/descent/tools/bench/side"
)

func main() {
	works := map[string]side.Work{
		"calibrated": calibrated, "folds": folds,
		"gemm":     gemm,
		"fit":      fit,
		"logistic": logistic, "lbfgs": lbfgs, "lasso": lasso, "fista": fista, "text": text, "solve": solution,
		"layer":   layer,
		"predict": predict,
		"optim":   stepTask,
		"losses":  lossTask,
		"prepare": prepare, "measure": measure,
		"startup":    program(func(a side.Args) []string { return []string{a.Program} }),
		"startup.py": program(func(a side.Args) []string { return []string{a.Python, a.Script} }),
		"read":       read, "multiply-add": multiplyAdd, "growth": growth,
		"mlp": network(networks.MLP), "lenet": network(networks.LeNet), "resnet": network(networks.ResNet),
		"lstm": texts(networks.LSTM), "gpt": texts(networks.GPT),
		"mlp.grad": written(networks.WrittenMLP), "lenet.grad": written(networks.WrittenLeNet),
	}
	side.Jobs = crew.Shared
	if err := side.Serve(os.Stdin, os.Stdout, works); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
