// Package format reads and writes arrays of numbers in common file formats:
// safetensors, NumPy, IDX and LibSVM.
//
// # The files
//
// A .safetensors file holds named arrays and text metadata. Frameworks such as
// PyTorch and JAX use it to exchange weights. See [ReadSafetensors] and
// [WriteSafetensors].
//
// A .npy file holds one array as numpy.save writes it, an .npz file several of
// them in a zip archive, as numpy.savez does. They are the simplest way to
// exchange data with Python. See [ReadNPY], [WriteNPY], [ReadNPZ] and
// [WriteNPZ].
//
// An IDX file also holds one array. It is the format of MNIST. See [ReadIDX]
// and [WriteIDX].
//
// A LibSVM (SVMlight) file holds labelled samples of which most features are 0, as
// text. See [ReadLibSVM] and [WriteLibSVM].
//
// # In memory
//
// All readers but ReadLibSVM, which makes a sparse matrix, return a [Tensor]: a shape, and the numbers as float64, row by
// row. [Tensor.Dense] turns it into a matrix whose rows are the samples:
//
//	f, err := os.Open("x.npy")
//	…
//	t, err := format.ReadNPY(f, 1e8)
//	…
//	x, err := t.Dense()
//
// Tensor.Type is the type in the file (float32, int64, bool …), for readers
// and writers; the zero value is float64. A number that cannot be converted
// exactly is an error: the int64 2⁵³+1 has no float64, and 300 does not fit in
// a byte. Only floats are rounded, to the nearest.
//
// # Files that lie
//
// A file from elsewhere may be truncated, damaged or malicious. The readers
// take a limit on the number of elements, each of which takes eight bytes of
// memory. They do not trust the lengths in a file: memory grows with the data
// read, so that a file of 100 bytes that announces 2⁶⁰ elements costs next to
// nothing and gives an error.
//
// # Writing without a gap
//
// [WriteFile] replaces a file atomically. A process that is killed while it
// writes leaves the old file or the new one.
package format
