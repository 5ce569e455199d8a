// Package playground computes what the course's playground shows: optimizers
// that walk down surfaces, and a small network that learns points in the plane.
//
// It calls the library and has no arithmetic but that of the surfaces:
// what the page draws is what a notebook's cell would print. The program in
// course/playground/wasm hands it to the page.
package playground
