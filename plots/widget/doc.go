// Package widget puts into a notebook what a reader moves while the cell runs, and what answers with charts that are
// computed at that moment:
//
//	widget.Slider("threshold", 0, 1, 0.5, func(t float64) *plots.Chart { return … }, "What there is to see.")
//
// A [plots.Player] is nearly always better: its pictures were computed beforehand, and it moves without a kernel, on a
// web page and in a saved notebook. A widget is for what has too many settings to be drawn beforehand, or for a
// training that starts over with each of them.
//
// # Where it works
//
// The page and the cell talk through GoNB's connection, a WebSocket at ws://host/api. So it works where Jupyter itself
// runs at that address, as it does on the reader's own computer, and not behind JupyterHub, Binder or Codespaces, in
// VS Code, on a web page, or when a program runs the notebook. There the widget notices within three seconds that nobody
// answers, says so in one sentence, and leaves the chart with which it begins: the same each time.
//
// A cell with a widget runs until the reader is done with it, and cells below wait. So it ends by itself when nobody
// has touched it for a minute.
package widget
