package format_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/descent-go/descent/lib/format"
)

// Two files of one data set have the same number of columns only if it is given.
func ExampleLibSVM() {
	f, err := format.ReadLibSVM(strings.NewReader("+1 1:0.5 3:2  # a comment\n-1 2:7\n"), 100, format.LibSVMOptions{Columns: 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.X.Dims())
	fmt.Println(f.Labels, f.X.At(0, 2))
	if err := format.WriteLibSVM(os.Stdout, f, format.LibSVMOptions{Base: format.ZeroBased}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2 5
	// [1 -1] 2
	// 1 0:0.5 2:2
	// -1 1:7
}

func ExampleLibSVMOptions() {
	_, err := format.ReadLibSVM(strings.NewReader("1 0:3\n"), 100, format.LibSVMOptions{Base: format.OneBased})
	fmt.Println(err)
	// Output: format: LibSVM: the index 0 occurs, in a file that counts from 1: take ZeroBased or AutoBase
}

func ExampleBase() {
	for _, base := range []format.Base{format.AutoBase, format.ZeroBased} {
		f, err := format.ReadLibSVM(strings.NewReader("1 1:3\n"), 100, format.LibSVMOptions{Base: base})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(f.X.Dims())
	}
	// Output:
	// 1 1
	// 1 2
}
