//go:build js && wasm

// Front puts one function into a worker of the page, descentFront(CALL, JSON), which answers with JSON: the rules of the
// kernel for cells, and its sentences.
package main

import (
	"syscall/js"

	"github.com/descent-go/descent/tools/page/session"
)

func main() {
	var s *session.Session
	js.Global().Set("descentFront", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return session.Answer(&s, args[0].String(), args[1].String())
	}))
	js.Global().Call("descentFrontReady")
	select {}
}
