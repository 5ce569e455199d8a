// Panics does one of the things that learners do, and does not come back.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"
)

type node struct{ next *node }

func deep(n int) int { return deep(n+1) + 1 }

func main() {
	zero, five := len(os.Args)-2, 5
	xs := []int{1, 2, 3}
	switch os.Args[1] {
	case "panic-index":
		fmt.Println(xs[five])
	case "panic-slice":
		fmt.Println(xs[:five])
	case "panic-nil-map":
		var m map[string]int
		m["a"] = 1
	case "panic-nil":
		var n *node
		fmt.Println(n.next)
	case "panic-division":
		fmt.Println(five / zero)
	case "panic-conversion":
		fmt.Println(any(five).(string))
	case "panic-shape":
		var c mat.Dense
		c.Mul(mat.NewDense(2, 3, nil), mat.NewDense(2, 3, nil))
	case "panic-mat-index":
		mat.NewDense(2, 3, nil).At(2, 0)
	case "panic-mat-zero":
		mat.NewDense(0, 3, nil)
	case "panic-mat-receiver":
		a := mat.NewDense(2, 2, nil)
		a.Mul(a, a.Slice(0, 2, 0, 2))
		mat.NewDense(3, 3, nil).ReuseAs(2, 2)
	case "panic-closed":
		c := make(chan int)
		close(c)
		c <- 1
	case "panic-deadlock":
		<-make(chan int)
	case "panic-stack":
		debug.SetMaxStack(1 << 20)
		fmt.Println(deep(0))
	case "panic-memory":
		fmt.Println(make([]int, five-6))
	case "panic-group":
		var wg sync.WaitGroup
		wg.Done()
	case "panic-unlock":
		var m sync.Mutex
		m.Unlock()
	case "panic-repeat":
		fmt.Println(strings.Repeat("x", five-6))
	case "panic-own":
		panic("boom")
	}
}
