package model

import (
	"reflect"
	"testing"
)

func TestStructure(t *testing.T) {
	layers := []Layer{Conv2D{Filters: 3, Kernel: 3}, Residual{ReLU{}, ELU{Alpha: 1}}, Flatten{}, Dense{Units: 2}}
	n, err := NewNetwork(Image(5, 6, 2), 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Layers(); !reflect.DeepEqual(got, layers) {
		t.Errorf("layers %v, want %v", got, layers)
	}
	want := []Shape{{2, 5, 6}, {3, 3, 4}, {3, 3, 4}, {36}, {2}}
	if got := n.Shapes(); !reflect.DeepEqual(got, want) {
		t.Errorf("shapes %v, want %v", got, want)
	}
	n.Layers()[3], n.Shapes()[0][0], n.Shapes()[4][0] = Tanh{}, 9, 9
	if !reflect.DeepEqual(n.Layers(), layers) || !reflect.DeepEqual(n.Shapes(), want) {
		t.Error("what the caller does with the lists changes the network")
	}
}
