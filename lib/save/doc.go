// Package save stores trained models and training checkpoints on disk.
//
// # A model
//
// [Model] writes the parameters of a model, and its running statistics, to
// path.safetensors, a format that PyTorch and others read. Numbers are float64,
// exact to the last bit. The file also holds metadata, anything that encodes as
// JSON: the names of features and classes, or the settings of a scaler.
//
//	type About struct{ Features, Classes []string }
//	err := save.Model("iris", m, About{features, classes})
//
// [Load] does the reverse. A file holds names and numbers, but no code:
// construct the model as for training, and Load fills it.
//
//	m := model.NewSoftmax(4, 3)
//	var about About
//	err := save.Load("iris", m, &about)
//
// Before it changes the model it compares every name and shape, and its error
// names all that differ. [Describe] tells what an unknown file contains. To keep
// a preprocessing pipeline with its model, put the output of preprocess.Save
// into the metadata as a json.RawMessage, or save it to another file.
//
// # Two files, one truth
//
// Next to path.safetensors, path.json holds the same description as plain text,
// for people and for programs in other languages. Two files cannot be replaced
// atomically together, so Load does not need the JSON: the header of the
// safetensors file holds the description too. Each file is replaced atomically
// (see format.WriteFile), the safetensors file first. A process killed at any
// moment leaves
//
//   - the old model, and its JSON; or
//   - the new model, and the old JSON, if it died between the two; or
//   - the new model, and its JSON.
//
// In each case Load returns one complete model with its own metadata. The JSON
// contains the SHA-256 of its safetensors file, as sha256sum prints it, so that
// readers of the JSON can check that the two belong together. Saving again repairs
// the pair.
//
// # Unfinished training
//
// [Checkpoint] writes the state of training to one file, and [LoadCheckpoint]
// reads it for train.Options.Resume. Resumed training gives the same parameters,
// bit for bit, as training that was never interrupted. [Every] returns a callback
// that writes a checkpoint every few epochs:
//
//	opt.OnEpoch = append(opt.OnEpoch, save.Every("run.checkpoint", 10))
//
// To save the final state too, even if the stop button ended training in the
// middle of an epoch, save in the loop's body:
//
//	for s, err := range train.Epochs(ctx, m, x, y, opt) {
//		if err == nil {
//			err = save.Checkpoint("run.checkpoint", s.Checkpoint())
//		}
//		…
//	}
//
// Training that had already ended is not continued.
//
// # Models from PyTorch and Keras
//
// [LoadPyTorch] and [LoadKeras] read weights that were saved as safetensors in
// Python into a model with the same layers. They know the names and layouts of both
// libraries, such as the transposed matrix of nn.Linear, and find out which tensor
// belongs to which layer. If shapes and order do not tell, their error lists both
// sides, and the caller gives the names:
//
//	err := save.LoadPyTorch("net", m, map[string]string{"0.dense": "encoder", "2.dense": "decoder"})
//
// Package onnx takes models the other way.
//
// # Files that lie
//
// Models and checkpoints contain a SHA-256 of the whole file, which readers
// verify: a single wrong bit is an error that says that the file is damaged.
// Older files without a checksum can still be read.
//
// A truncated or malicious file gives an error that says what is wrong, and
// reading it takes no more memory than a few times its size.
package save
