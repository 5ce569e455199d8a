package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/descent-go/descent/datasets/remote"
)

func ExampleSource_Fetch() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello")
	}))
	defer server.Close()
	dir, err := os.MkdirTemp("", "descent")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	source := remote.Source{
		Name:   "greeting.txt",
		URLs:   []string{server.URL},
		Size:   5,
		SHA256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
	}
	path, err := source.Fetch(context.Background(), remote.Options{Dir: dir})
	text, _ := os.ReadFile(path)
	fmt.Printf("%s %v\n", text, err)

	source.Name, source.SHA256 = "another.txt", strings.Repeat("00", 32)
	_, err = source.Fetch(context.Background(), remote.Options{Dir: dir})
	fmt.Println("refused:", errors.Is(err, remote.ErrChecksum))
	// Output:
	// hello <nil>
	// refused: true
}
