// Package format reads and writes arrays of numbers in the files of others:
// safetensors, NumPy and IDX.
//
// # The files
//
// A .safetensors file holds named arrays and a few words about them. It is how
// weights travel between frameworks: PyTorch, JAX and others write it and read
// it. See [ReadSafetensors] and [WriteSafetensors].
//
// A .npy file holds one array as numpy.save writes it, an .npz file several of
// them in a zip archive, as numpy.savez does: the shortest way between a Python
// program and this library. See [ReadNPY], [WriteNPY], [ReadNPZ] and [WriteNPZ].
//
// An IDX file holds one array too. MNIST made the format famous. See [ReadIDX]
// and [WriteIDX].
//
// # In memory
//
// All of them give a [Tensor]: a shape, and the numbers as float64, row by row.
// [Tensor.Dense] makes a matrix of it whose rows are the samples:
//
//	f, err := os.Open("x.npy")
//	…
//	t, err := format.ReadNPY(f, 1e8)
//	…
//	x, err := t.Dense()
//
// The file's own [Type] (float32, int64, bool …) is in Tensor.Type, and is
// what a writer writes; the zero value is float64. A number that would become
// another one on the way is an error: the int64 2⁵³+1 has no float64, 300 does
// not fit in a byte. Only floats are rounded, to the nearest.
//
// # Files that lie
//
// A file from elsewhere may be cut off, damaged or made to do harm. The readers
// take a limit, the number of numbers that they accept, each of which takes
// eight bytes of memory. They believe no length that a file states: memory
// grows with what has been read, so that a file of 100 bytes that announces 2⁶⁰
// numbers costs next to nothing and gives an error.
//
// # Writing without a gap
//
// [WriteFile] replaces a file in one step. A process that is killed while it
// writes leaves the old file or the new one.
package format
