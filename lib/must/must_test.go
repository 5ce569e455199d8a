package must_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/descent-go/descent/lib/must"
)

func ExampleGet() {
	defer func() { fmt.Println("stopped:", recover()) }()
	fmt.Println(must.Get(strconv.Atoi("42")))
	fmt.Println(must.Get(strconv.Atoi("forty-two")))
	// Output:
	// 42
	// stopped: strconv.Atoi: parsing "forty-two": invalid syntax
}

func ExampleDo() {
	defer func() { fmt.Println("stopped:", recover()) }()
	must.Do(nil)
	must.Do(errors.New("the disk is full"))
	// Output: stopped: the disk is full
}

// The panic holds the error itself, so that whoever recovers can ask what it is.
func TestPanicsWithTheError(t *testing.T) {
	want := errors.New("no")
	for name, f := range map[string]func(){
		"Get": func() { must.Get(1, want) },
		"Do":  func() { must.Do(want) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("%s panics with %v, want the error", name, got)
				}
			}()
			f()
		}()
	}
}
