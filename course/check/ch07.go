package check

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
)

var ridgeAlpha = Exercise{"RidgeAlpha", []string{
	"Two objectives have their minimum at the same place if one is a multiple of the other.",
	"Multiply ours by m, so that the sums of squares are the same. What stands before ‖w‖² then?",
	"m·λ/2. Turn m into a float64.",
}}

// RidgeAlpha checks the conversion of λ of regularizer.L2 to alpha of
// scikit-learn's Ridge.
func RidgeAlpha(f func(lambda float64, m int) float64) Answer {
	return examine(ridgeAlpha, func(t *trial) {
		type sample struct {
			lambda float64
			m      int
		}
		cases(t, 0, []sample{{0.1, 442}, {3, 7}, {0, 100}}, func(r *rand.Rand) sample {
			return sample{uniform(r, 0, 5), between(r, 1, 500)}
		}, func(c sample, r *rand.Rand) {
			m := float64(c.m)
			t.give("lambda", c.lambda, "m", c.m)
			t.equal("alpha", f(c.lambda, c.m), c.lambda*m/2,
				mistake{c.lambda * m, "The factor ½ before our ‖w‖² is missing."},
				mistake{c.lambda / 2, "Ours is a mean and theirs a sum: m is missing."},
				mistake{c.lambda * (m - 1) / 2, "The mean divides by m, not by m − 1."},
				mistake{c.lambda * m * m / 2, "m comes in once: the sum is m times the mean."},
				mistake{c.lambda, "The two objectives differ in two things, the ½ and the mean."},
				mistake{c.lambda / (2 * m), "The other way round: multiply our objective by m, which makes the penalty larger, too."},
				mistake{2 * c.lambda * m, "Our penalty already has a ½, so alpha is half of m·λ, not twice."},
				mistake{2 * c.lambda / m, "That goes from alpha to our λ. Here it is the other way."})
		})
	})
}

var fromTorch = Exercise{"FromTorch", []string{
	"θ has outputs + inputs·outputs numbers: first the biases, then our weights, row by row.",
	"In PyTorch's slice, the weight from input i to output o lies at o*inputs + i. Where does it lie in ours?",
	"ours[i*outputs+o] = weight[o*inputs+i], with ours := theta[outputs:].",
}}

// FromTorch checks the conversion of a PyTorch layer to θ of a linear model.
func FromTorch(f func(weight, bias []float64, inputs, outputs int) []float64) Answer {
	return examine(fromTorch, func(t *trial) {
		type sample struct{ inputs, outputs int }
		cases(t, 72, []sample{{2, 3}, {3, 3}, {4, 1}, {1, 2}}, func(r *rand.Rand) sample {
			return sample{between(r, 1, 4), between(r, 1, 4)}
		}, func(c sample, r *rand.Rand) {
			weight, bias := normal(r, c.inputs*c.outputs), normal(r, c.outputs)
			weight0, bias0 := slices.Clone(weight), slices.Clone(bias)
			turned := make([]float64, len(weight))
			for i := range c.inputs {
				for o := range c.outputs {
					turned[i*c.outputs+o] = weight[o*c.inputs+i]
				}
			}
			t.give("weight", weight, "bias", bias, "inputs", c.inputs, "outputs", c.outputs)
			got := f(weight, bias, c.inputs, c.outputs)
			t.unchanged("weight", weight, weight0)
			t.unchanged("bias", bias, bias0)
			t.equal("θ", got, slices.Concat(bias, turned),
				mistake{slices.Concat(bias, weight), "The weights are copied as they lie: PyTorch's rows are our columns, so transpose them.\nWith a square matrix nothing but the predictions would tell."},
				mistake{slices.Concat(turned, bias), "The intercepts come first in θ."},
				mistake{slices.Concat(weight, bias), "Transpose the weights, and put the intercepts first."},
				mistake{slices.Concat(bias, turnedBack(weight, c.inputs, c.outputs)), "inputs and outputs are exchanged in one of the indices: PyTorch has weight[o*inputs+i], ours is [i*outputs+o]."},
				mistake{weight, "Those are the weights as PyTorch has them. Transpose them, and put the intercepts before them."},
				mistake{turned, "The intercepts are missing: θ begins with them."},
				mistake{slices.Concat(make([]float64, c.outputs), turned), "The intercepts are all 0: copy bias to the beginning of θ."})
		})
	})
}

// turnedBack transposes weight as if it had a row for each input.
func turnedBack(weight []float64, inputs, outputs int) []float64 {
	out := make([]float64, len(weight))
	for i := range inputs {
		for o := range outputs {
			out[o*inputs+i] = weight[i*outputs+o]
		}
	}
	return out
}

var tensorNames = Exercise{"TensorNames", []string{
	"binary.LittleEndian.Uint64(file) reads the first eight bytes. Are there eight?",
	"The header is file[8 : 8+size]. Before you cut it out, compare size with len(file)-8.",
	"Unmarshal it into a map[string]json.RawMessage. The keys are the names; leave \"__metadata__\" out and sort.",
}}

// TensorNames checks a reader of the names in a safetensors file.
func TensorNames(f func(file []byte) ([]string, error)) Answer {
	return examine(tensorNames, func(t *trial) {
		file := func(size int, header, data string) []byte {
			out := binary.LittleEndian.AppendUint64(nil, uint64(size))
			return append(append(out, header...), data...)
		}
		whole := func(header string) []byte { return file(len(header), header, "\x00\x01{}\xff\xff\xff\xff") }
		const two = `{"weights":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"__metadata__":{"by":"us"},"bias":{"dtype":"F64","shape":[0],"data_offsets":[8,8]}}`
		type sample struct {
			header string
			want   []string
		}
		cases(t, 0, []sample{{two, []string{"bias", "weights"}}, {`{}`, nil}}, func(r *rand.Rand) sample {
			c := sample{want: []string{"a" + strconv.Itoa(r.IntN(1000)), "b" + strconv.Itoa(r.IntN(1000))}}
			c.header = fmt.Sprintf(`{%q:{"dtype":"F64","shape":[0],"data_offsets":[0,0]},%q:{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, c.want[1], c.want[0])
			return c
		}, func(c sample, r *rand.Rand) {
			t.give("the header", c.header)
			names, err := f(whole(c.header))
			if err != nil {
				t.fail("You return the error %q for a good file. The header ends after its length; what follows are the numbers.", err)
			}
			withMetadata := append([]string{"__metadata__"}, c.want...)
			sorted := slices.Sorted(slices.Values(names))
			switch {
			case len(names) == 0 && len(c.want) == 0:
			case slices.Equal(sorted, withMetadata):
				t.fail("__metadata__ is a note on the file, not an array: leave it out.")
			case slices.Equal(sorted, c.want) && !slices.Equal(names, c.want):
				t.fail("The names are right, in no order. Go visits a map in a new order each time: sort them.")
			default:
				t.equal("the names", names, c.want)
			}
		})
		for _, bad := range []struct {
			says string
			file []byte
		}{
			{"is empty", nil},
			{"has only three bytes", []byte{2, 0, 0}},
			{"says that its header has 1000 bytes", file(1000, `{}`, "")},
			{"says that its header has 2⁶⁴ − 1 bytes", file(-1, `{}`, "")},
			{"has a header that is no JSON", whole(`{"a":`)},
			{"ends one byte before its header", file(3, `{}`, "")},
		} {
			t.give("the file", bad.file)
			if _, err := f(bad.file); err == nil {
				t.fail("A file that %s is no safetensors file: return an error.", bad.says)
			}
		}
	})
}
