// Package widget adds interactive controls to a notebook. Moving a control while its
// cell runs draws a new chart:
//
//	widget.Slider("threshold", 0, 1, 0.5, func(t float64) *plots.Chart { return … }, "What the chart shows.")
//
// A [plots.Player] is nearly always better: its charts are drawn beforehand, so it
// works without a kernel, on a web page and in a saved notebook. Use a widget if
// there are too many settings to draw beforehand, or if each setting needs a new
// training run.
//
// # Where it works
//
// The page and the cell communicate through GoNB's WebSocket at ws://host/api. A
// widget works where Jupyter itself runs at that address, as on the reader's own
// computer. It does not work behind JupyterHub, Binder or Codespaces, in VS Code, on
// a web page, or when a program runs the notebook. There it times out after three
// seconds, prints a sentence that says so, and shows its initial chart.
//
// A cell with a widget runs until the reader ends it, and the cells below wait. It
// ends by itself after a minute without use.
package widget
