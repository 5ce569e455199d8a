// Package beam trains on Apache Beam what lib trains on one machine: generalized linear models on files of rows that
// several processes or machines read.
//
// A pass over the rows is one Beam pipeline. Each worker reads whole files, the shards, and adds up what their rows
// contribute: loss, gradient and Hessian for a fit, moments for a scaler, counts for a confusion matrix. The sums are added
// in the order of the shards, in blocks whose number depends on that of the shards alone. So the same shards give the same
// bits, whatever the engine, the number of workers, and those that died on the way. What follows from the sums is computed by
// the driver, the program that calls this package: the step of Newton's method, when to stop, what to try again.
//
//	func main() {
//		beam.WorkerMain() // this program is also its own worker
//		e, err := beam.Start(beam.Settings{Workers: 2})
//		…
//		defer e.Close()
//		fit, err := e.Fit(ctx, beam.Data{Files: files}, beam.FitOptions{Family: beam.Logistic, Lambda: 1e-3})
//
// # Functions
//
//	Fit                          linear, ridge, logistic, softmax and Poisson regression, with L2, L1 or both
//	Moments                      StandardScaler and MinMaxScaler
//	Levels                       OneHotEncoder and OrdinalEncoder of texts
//	Vocabulary                   CountVectorizer
//	Quantiles                    RobustScaler, with a relative error that is set
//	Evaluate                     loss, confusion, calibration, area under the ROC curve
//	Predict                      a file of predictions for each shard
//
// # Engines
//
// Without an Endpoint, Prism, the runner that Beam's Go SDK contains, runs in the driver's process, and the workers are
// processes that the driver starts. With an Endpoint, that is the job service of any engine that speaks Beam's portable API and
// starts workers by an external pool, such as Flink; [NewPool] is that pool. docs/scale.md says what has been run.
//
// # What it does not do
//
// Samples have no weights. Networks are not trained: what lib trains fits one machine, and averaging networks
// (local SGD) or a parameter server would pay only where it does not. docs/scale.md has the figure.
package beam
