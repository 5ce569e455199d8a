package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A training that is stopped and started again leaves the same model, to the byte.
func TestResumesToTheSameModel(t *testing.T) {
	straight, resumed := t.TempDir(), t.TempDir()
	var said bytes.Buffer
	if err := run(context.Background(), &said, straight, 4); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "digits that it has never seen are right") {
		t.Errorf("it said\n%s", &said)
	}

	for _, epochs := range []int{2, 4} { // the second one finds the checkpoint of the first
		said.Reset()
		if err := run(context.Background(), &said, resumed, epochs); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(said.String(), "going on after epoch 2\n") {
		t.Errorf("it said\n%s", &said)
	}
	var models [2][]byte
	for i, folder := range []string{straight, resumed} {
		var err error
		if models[i], err = os.ReadFile(filepath.Join(folder, "digits.safetensors")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(models[0], models[1]) {
		t.Error("the model that was trained in two parts is another one")
	}
}

// An interrupted run says so and keeps what it has; a damaged checkpoint is an error, not a new beginning.
func TestWhatGoesWrong(t *testing.T) {
	folder := t.TempDir()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	var said bytes.Buffer
	if err := run(ended, &said, folder, 1); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "start it again to go on") {
		t.Errorf("it said\n%s", &said)
	}
	if _, err := os.Stat(filepath.Join(folder, "digits.safetensors")); err == nil {
		t.Error("an interrupted training left a model as if it were done")
	}

	if err := os.WriteFile(filepath.Join(folder, "digits-checkpoint.safetensors"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(context.Background(), &said, folder, 1); err == nil {
		t.Error("a damaged checkpoint was taken for none")
	}
}
