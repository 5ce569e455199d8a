package display

import (
	"errors"
	"syscall/js"
)

// page returns the object with the functions of the page in which the cell runs: show(content, metadata, id) and
// listen(address, receive). Elsewhere, as in Node, it is undefined.
func page() js.Value { return js.Global().Get("descentCell") }

// Notebook reports whether the program runs in a cell of a web page.
func Notebook() bool { return page().Truthy() }

// Show shows data in the cell.
func Show(d Data) {
	content := map[string]any{}
	for mime, v := range d.Content {
		if b, ok := v.([]byte); ok {
			array := js.Global().Get("Uint8Array").New(len(b))
			js.CopyBytesToJS(array, b)
			v = array
		}
		content[mime] = v
	}
	page().Call("show", content, plain(d.Metadata), d.ID)
}

// plain is a map without nil, which JavaScript would show as null.
func plain(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// Sync does nothing: what is printed and shown goes to the page in its order.
func Sync() {}

// Listen calls receive with each text that the page sends to an address.
func Listen(address string, receive func(text string)) error {
	if !Notebook() {
		return errors.New("display: there is no page to listen to")
	}
	page().Call("listen", address, js.FuncOf(func(_ js.Value, args []js.Value) any {
		go receive(args[0].String()) // it may show something and wait
		return nil
	}))
	return nil
}
