package remote_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/datasets/remote"
)

func pack(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A member of an archive to be made; size zeroes follow its text.
type member struct {
	name, text string
	size       int
	link       bool
}

func tgz(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.text) + m.size), Typeflag: tar.TypeReg}
		if m.link {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, "/etc/passwd", 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if !m.link {
			io.WriteString(w, m.text)
			w.Write(make([]byte, m.size))
		}
	}
	w.Close()
	return pack(t, b.Bytes())
}

func zipped(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if m.link {
			h.SetMode(os.ModeSymlink)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, m.text)
		f.Write(make([]byte, m.size))
	}
	w.Close()
	return b.Bytes()
}

func open(t *testing.T, data []byte) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestArchives(t *testing.T) {
	const limit = 1000
	good := member{name: "a/data", text: "hello"}
	for _, c := range []struct {
		name    string
		members []member
		want    string // of the error; "" for none
	}{
		{"good", []member{{name: "readme", text: "x"}, good}, ""},
		{"missing", []member{{name: "data", text: "x"}}, "has no file a/data"},
		{"empty", nil, "has no file a/data"},
		{"twice", []member{good, good}, "has a/data twice"},
		{"a link", []member{{name: "a/data", link: true}}, "has no file a/data"},
		{"leads out", []member{{name: "../../evil", text: "x"}, good}, `suspect: it has a member named "../../evil"`},
		{"absolute", []member{{name: "/etc/evil", text: "x"}, good}, "suspect"},
		{"Windows drive", []member{{name: "C:evil", text: "x"}, good}, "suspect"},
		{"Windows path", []member{{name: `..\evil`, text: "x"}, good}, "suspect"},
		{"bomb", []member{{name: "a/data", size: 100 * limit}}, ""},
		{"too long by one", []member{{name: "a/data", size: limit + 1}}, "more than the allowed 1000 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for kind, read := range map[string]func() ([]byte, error){
				"zip": func() ([]byte, error) { return remote.ZipMember(open(t, zipped(t, c.members...)), "a/data", limit) },
				"tgz": func() ([]byte, error) { return remote.TgzMember(open(t, tgz(t, c.members...)), "a/data", limit) },
			} {
				got, err := read()
				switch {
				case c.name == "bomb":
					wantError(t, err, "more than")
				case c.want != "":
					wantError(t, err, c.want)
				case err != nil || string(got) != "hello":
					t.Errorf("%s: %q, error %v", kind, got, err)
				}
			}
		})
	}
	t.Run("bomb beside the member", func(t *testing.T) {
		_, err := remote.TgzMember(open(t, tgz(t, member{name: "big", size: 100 * limit}, good)), "a/data", limit)
		wantError(t, err, "unpacks to more than 16000 bytes")
	})
	t.Run("truncated", func(t *testing.T) {
		z, g := zipped(t, good), tgz(t, good)
		_, err := remote.ZipMember(open(t, z[:len(z)-5]), "a/data", limit)
		wantError(t, err, "zip")
		_, err = remote.TgzMember(open(t, g[:len(g)-5]), "a/data", limit)
		wantError(t, err, "EOF")
		_, err = remote.TgzMember(open(t, []byte("plainly no gzip file")), "a/data", limit)
		wantError(t, err, "gzip")
	})
	t.Run("wrong sum within the zip", func(t *testing.T) {
		z := zipped(t, good)
		z[bytes.Index(z, []byte("PK\x01\x02"))+16] ^= 1 // the CRC in the directory
		_, err := remote.ZipMember(open(t, z), "a/data", limit)
		wantError(t, err, "checksum")
	})
	t.Run("closed", func(t *testing.T) {
		f := open(t, zipped(t, good))
		f.Close()
		if _, err := remote.ZipMember(f, "a/data", limit); !errors.Is(err, os.ErrClosed) {
			t.Errorf("error %v", err)
		}
	})
}

// idx makes an IDX file.
func idx(data []byte, dims ...byte) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = append(b, 0, 0, 0, d)
	}
	return append(b, data...)
}

// published serves files by name and returns their sources.
func published(t *testing.T, files ...[]byte) (sources []remote.Source) {
	t.Helper()
	names := []string{"a.gz", "b.gz", "c.gz", "d.gz"}
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		whole(w, r, `"1"`, files[slices.Index(names, r.URL.Path[1:])])
	})
	for k, data := range files {
		src := source(data, s.URL+"/"+names[k])
		src.Name = names[k]
		sources = append(sources, src)
	}
	return sources
}

func TestImages(t *testing.T) {
	trainX, trainY := idx([]byte{0, 1, 2, 3, 4, 255}, 3, 1, 2), idx([]byte{7, 0, 9}, 3)
	testX, testY := idx([]byte{10, 20}, 1, 1, 2), idx([]byte{5}, 1)
	opt := func() remote.Options { return remote.Options{Dir: t.TempDir()} }
	t.Run("good", func(t *testing.T) {
		files := published(t, pack(t, trainX), pack(t, trainY), pack(t, testX), pack(t, testY))
		train, test, err := remote.LoadImages(t.Context(), opt(), [4]remote.Source(files))
		if err != nil {
			t.Fatal(err)
		}
		if m, n := train.Dims(); m != 3 || n != 2 || train.X.At(2, 1) != 255 || train.X.At(1, 0) != 2 {
			t.Errorf("training pictures %v", train.X)
		}
		if got := train.ClassCounts(); !slices.Equal(got, []int{1, 0, 0, 0, 0, 0, 0, 1, 0, 1}) {
			t.Errorf("training classes %v", got)
		}
		if test.X.At(0, 1) != 20 || test.Y.At(0, 0) != 5 || test.Name != "mnist_test" || train.Name != "mnist_train" {
			t.Errorf("test set %v", test)
		}
		if !slices.Equal(train.Features, []string{"pixel_0_0", "pixel_0_1"}) {
			t.Errorf("features %v", train.Features)
		}
	})
	x, y, x2, y2 := pack(t, trainX), pack(t, trainY), pack(t, testX), pack(t, testY)
	for name, c := range map[string]struct {
		files [][]byte
		want  string
	}{
		"no gzip":             {[][]byte{[]byte("just some bytes"), y, x2, y2}, "a.gz: gzip"},
		"label beyond":        {[][]byte{x, pack(t, idx([]byte{7, 10, 9}, 3)), x2, y2}, "label 10 of picture 1"},
		"fewer labels":        {[][]byte{x, y2, x2, y2}, "dimensions [3 1 2] and b.gz [1]"},
		"labels for pictures": {[][]byte{y, y, x2, y2}, "want m×rows×columns"},
		"bad test pictures":   {[][]byte{x, y, pack(t, testX[2:]), y2}, "c.gz: format: IDX"},
		"labels of type int8": {[][]byte{x, pack(t, slices.Replace(slices.Clone(trainY), 2, 3, 9)), x2, y2}, "b.gz: numbers of type int8"},
		"bad test labels":     {[][]byte{x, y, x2, pack(t, testY[:5])}, "d.gz: format: IDX"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := remote.LoadImages(t.Context(), opt(), [4]remote.Source(published(t, c.files...)))
			wantError(t, err, c.want)
		})
	}
}

func TestCalifornia(t *testing.T) {
	// The first line of the file, and what scikit-learn makes of it.
	line := "-122.230000,37.880000,41.000000,880.000000,129.000000,322.000000,126.000000,8.325200,452600.000000\n"
	file := tgz(t, member{name: "CaliforniaHousing/cal_housing.domain", text: "x"}, member{name: "CaliforniaHousing/cal_housing.data", text: line})
	d, err := remote.LoadCalifornia(t.Context(), remote.Options{Dir: t.TempDir()}, published(t, file)[0])
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{8.3252, 41, 6.984126984126984, 1.0238095238095237, 322, 2.5555555555555554, 37.88, -122.23} {
		if got := d.X.At(0, j); math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("%s is %v, want %v", d.Features[j], got, want)
		}
	}
	if got := d.Y.At(0, 0); got != 4.526 {
		t.Errorf("%s is %v, want 4.526", d.Target, got)
	}
	if text := d.String(); !strings.Contains(text, "MedHouseVal [100 000 USD]") || !strings.Contains(text, "1 sample × 8 features") {
		t.Errorf("prints as\n%s", text)
	}
	_, err = remote.LoadCalifornia(t.Context(), remote.Options{Dir: t.TempDir()}, published(t, tgz(t))[0])
	wantError(t, err, "has no file")
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "is empty"},
		"few fields":    {"1,2,3\n", "wrong number of fields"},
		"no number":     {line + strings.Replace(line, "880.0", "many", 1), "line 2, field 4"},
		"no households": {strings.Replace(line, "126.000000", "0", 1), "line 1: 0 households"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := remote.ParseCalifornia([]byte(c.text))
			wantError(t, err, c.want)
		})
	}
}

func TestSMSSpam(t *testing.T) {
	text := "ham\tOk lar...\tJoking \xe9\nspam\tFree entry " + strings.Repeat("now ", 50) + "\r\nham\tHome soon\nham\tYes\n"
	file := zipped(t, member{name: "readme", text: "x"}, member{name: "SMSSpamCollection", text: text})
	c, err := remote.LoadSMSSpam(t.Context(), remote.Options{Dir: t.TempDir()}, published(t, file)[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Texts) != 4 || c.Texts[0] != "Ok lar...\tJoking \uFFFD" || c.Texts[2] != "Home soon" || c.Y.At(1, 0) != 1 || c.Y.At(0, 0) != 0 {
		t.Errorf("texts %q", c.Texts)
	}
	want := `SMS Spam Collection v.1
4 texts
Target:  kind of message
Classes: 0 = ham (3), 1 = spam (1)
`
	if s := c.String(); !strings.HasPrefix(s, want) || !strings.Contains(s, "  1  spam   Free entry now") {
		t.Errorf("prints as\n%s", s)
	}
	for line := range strings.SplitSeq(c.String(), "\n") {
		if len([]rune(line)) > 100 {
			t.Errorf("long line %q", line)
		}
	}
	train, test := c.Split(0.5, 1)
	if len(train.Texts) != 2 || len(test.Texts) != 2 {
		t.Errorf("split into %d and %d", len(train.Texts), len(test.Texts))
	}
	all := append(slices.Clone(train.Texts), test.Texts...)
	slices.Sort(all)
	if sorted := slices.Sorted(slices.Values(c.Texts)); !slices.Equal(all, sorted) {
		t.Error("the split has lost a text")
	}
	_, err = remote.LoadSMSSpam(t.Context(), remote.Options{Dir: t.TempDir()}, published(t, zipped(t))[0])
	wantError(t, err, "has no file")
	_, err = remote.ParseSMSSpam("ham\tx\nnonsense\n")
	wantError(t, err, "line 2")
	_, err = remote.ParseSMSSpam("\n")
	wantError(t, err, "is empty")
	for _, rows := range [][]int{nil, {4}} {
		func() {
			defer func() {
				if s, _ := recover().(string); !strings.HasPrefix(s, "datasets: Subset of") {
					t.Errorf("panic %q", s)
				}
			}()
			c.Subset(rows)
		}()
	}
}

// The public loaders look for the published files, here where there are none.
func TestLoadersWithoutNetwork(t *testing.T) {
	t.Setenv(remote.Environment, "http://127.0.0.1:1")
	opt := remote.Options{Dir: t.TempDir()}
	_, _, mnist := remote.MNIST(t.Context(), opt)
	_, _, fashion := remote.FashionMNIST(t.Context(), opt)
	_, california := remote.CaliforniaHousing(t.Context(), opt)
	_, spam := remote.SMSSpam(t.Context(), opt)
	for file, err := range map[string]error{
		"mnist/train-images-idx3-ubyte.gz":         mnist,
		"fashion-mnist/train-images-idx3-ubyte.gz": fashion,
		"cal_housing.tgz":                          california,
		"smsspamcollection.zip":                    spam,
	} {
		if !errors.Is(err, remote.ErrUnavailable) {
			t.Errorf("%s: error %v", file, err)
		}
		wantError(t, err, file)
	}
}
