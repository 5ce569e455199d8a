package ch07

// fromTorch returns θ of a model.NewLinear(inputs, outputs) that predicts as a
// torch.nn.Linear(inputs, outputs) does. PyTorch's weight has a row for each
// output, and its rows lie one after the other. Ours has a row for each input,
// and θ holds the intercepts before the weights.
func fromTorch(weight, bias []float64, inputs, outputs int) []float64 {
	// BEGIN SOLUTION
	theta := make([]float64, outputs+inputs*outputs)
	copy(theta, bias)
	ours := theta[outputs:]
	for i := range inputs {
		for o := range outputs {
			ours[i*outputs+o] = weight[o*inputs+i]
		}
	}
	return theta
	// END SOLUTION
}
