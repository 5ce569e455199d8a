// Package save keeps trained models and unfinished training on disk.
//
// # A model
//
// [Model] writes the weights of a model, and the statistics that it keeps beside
// them, to path.safetensors, which PyTorch and others read; they are in float64,
// to the last bit. What else is needed to use the model goes with it: the names
// of features and classes, the scaler's settings, whatever encodes as JSON.
//
//	type About struct{ Features, Classes []string }
//	err := save.Model("iris", m, About{features, classes})
//
// [Load] does the reverse. A file holds numbers and their names, no code: make
// the model as it was made for training, and Load fills it.
//
//	m := model.NewSoftmax(4, 3)
//	var about About
//	err := save.Load("iris", m, &about)
//
// It compares every name and every shape before it touches the model, and names
// all that differ. [Describe] tells what is in a file that one knows nothing of.
// To keep a preprocessing pipeline with its model, put what preprocess.Save
// writes into the metadata as a json.RawMessage, or save it beside the model.
//
// # Two files, one truth
//
// Next to path.safetensors is path.json, for eyes and for programs in other
// languages: the same description in plain text. No two files can be replaced in
// one step, and so Load does not need the JSON: the header of the safetensors file
// holds the description too. Each file is replaced in one step (see
// format.WriteFile), the safetensors file first. A process killed at any moment
// leaves
//
//   - the old model, and its JSON; or
//   - the new model, and the old JSON, if it died between the two steps; or
//   - the new model, and its JSON.
//
// Each time Load returns one whole model with the metadata that belong to it. The
// JSON has the SHA-256 of its safetensors file, as sha256sum gives it, so that whoever reads the JSON can
// see whether it belongs to the file beside it. Saving again repairs the pair.
//
// # Unfinished training
//
// [Checkpoint] writes all that the rest of a training depends on to one file, and
// [LoadCheckpoint] reads it for train.Options.Resume. Training that was resumed
// gives the same parameters, bit for bit, as training that was never interrupted.
// [Every] is a callback that does it after every few epochs:
//
//	opt.OnEpoch = append(opt.OnEpoch, save.Every("run.checkpoint", 10))
//
// To have the state of the very end too, also where the stop button ended it in
// the middle of an epoch, save in the loop's body:
//
//	for s, err := range train.Epochs(ctx, m, x, y, opt) {
//		if err == nil {
//			err = save.Checkpoint("run.checkpoint", s.Checkpoint())
//		}
//		…
//	}
//
// A training that was at its end is not trained on.
//
// # Files that lie
//
// Models and checkpoints hold a SHA-256 of their whole file, and whatever reads
// them verifies it: a single wrong bit is an error that says that the file is
// damaged. Files that were written before there was a checksum are still read.
//
// A file that is cut off or made to do harm gives an error that says what is
// wrong, and costs no more memory than a few times its own size.
package save
