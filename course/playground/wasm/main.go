//go:build js && wasm

// Wasm is the playground's half that computes, in a worker of the page. It puts
// one function into the worker, descent(CALL, JSON), which answers with JSON.
package main

import (
	"syscall/js"

	"github.com/descent-go/descent/course/playground"
)

func main() {
	var session playground.Session
	js.Global().Set("descent", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return session.Answer(args[0].String(), args[1].String())
	}))
	js.Global().Call("descentReady")
	select {}
}
