package format_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/format"
)

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "format: ") {
		t.Errorf("error %v, want one of package format with %q", err, want)
	}
}

// safetensors makes a file of a header and data.
func safetensors(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func npy(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func npyOf(descr, shape string, data int) []byte {
	return npy("{'descr': '"+descr+"', 'fortran_order': False, 'shape': "+shape+", }\n", data)
}

const wraps = "[4294967296,4294967296]" // 2⁶⁴ wraps to 0

var badSafetensors = map[string]struct {
	file []byte
	want string
}{
	"empty":                      {nil, "ends within the length"},
	"cut in the length":          {[]byte{2, 0, 0}, "ends within the length"},
	"another file":               {[]byte("PK\x03\x04 and so on"), "want at most 100000000"},
	"cut in the header":          {safetensors("{}", 0)[:9], "ends after 1 of 2 bytes"},
	"no header":                  {safetensors("", 0), "does not begin with {"},
	"space first":                {safetensors(" {}", 0), "does not begin with {"},
	"array":                      {safetensors("[]", 0), "does not begin with {"},
	"not UTF-8":                  {safetensors("{\"\xff\":1}", 0), "not UTF-8"},
	"not JSON":                   {safetensors("{'a':1}", 0), "invalid character"},
	"not complete":               {safetensors(`{"a":`, 0), "not complete"},
	"not closed":                 {safetensors(`{`, 0), "not complete"},
	"closed wrongly":             {safetensors(`{"a":{"dtype":"F64","shape":[1},"data_offsets":[0,8]}}`, 8), "tensor \"a\": shape"},
	"two objects":                {safetensors(`{}{}`, 0), "more after the object"},
	"tensor is no object":        {safetensors(`{"a":1}`, 0), "1 stands where an object is wanted"},
	"metadata of numbers":        {safetensors(`{"__metadata__":{"a":1}}`, 0), "1 stands where a string is wanted"},
	"metadata null":              {safetensors(`{"__metadata__":null}`, 0), "where an object is wanted"},
	"same name":                  {safetensors(`{"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[],"data_offsets":[8,16]}}`, 16), `"a" stands there twice`},
	"same dtype key":             {safetensors(`{"a":{"dtype":"F64","dtype":"F64","shape":[],"data_offsets":[0,8]}}`, 8), `"dtype" stands there twice`},
	"same metadata":              {safetensors(`{"__metadata__":{"a":"1","a":"2"}}`, 0), `"a" stands there twice`},
	"no dtype":                   {safetensors(`{"a":{"shape":[],"data_offsets":[0,8]}}`, 8), "want a dtype"},
	"no shape":                   {safetensors(`{"a":{"dtype":"F64","data_offsets":[0,8]}}`, 8), "want a dtype"},
	"shape null":                 {safetensors(`{"a":{"dtype":"F64","shape":null,"data_offsets":[0,8]}}`, 8), "where an array is wanted"},
	"shape of text":              {safetensors(`{"a":{"dtype":"F64","shape":["1"],"data_offsets":[0,8]}}`, 8), "1 stands where an integer"},
	"key of other case":          {safetensors(`{"a":{"DTYPE":"F64","shape":[],"data_offsets":[0,8]}}`, 8), "want a dtype"},
	"one offset":                 {safetensors(`{"a":{"dtype":"F64","shape":[],"data_offsets":[0]}}`, 8), "two data_offsets"},
	"unknown dtype":              {safetensors(`{"a":{"dtype":"F8_E5M2","shape":[],"data_offsets":[0,1]}}`, 1), `dtype "F8_E5M2" is not supported`},
	"negative":                   {safetensors(`{"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}`, 8), "-1 is no size"},
	"fraction":                   {safetensors(`{"a":{"dtype":"F64","shape":[1.0],"data_offsets":[0,8]}}`, 8), "1.0 is no size"},
	"over 63 bits":               {safetensors(`{"a":{"dtype":"F64","shape":[9223372036854775808],"data_offsets":[0,8]}}`, 8), "is no size"},
	"wraps":                      {safetensors(`{"a":{"dtype":"U8","shape":`+wraps+`,"data_offsets":[0,0]}}`, 0), "too many numbers"},
	"wraps with the size":        {safetensors(`{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}`, 0), "too many numbers"},
	"too many dimensions":        {safetensors(`{"a":{"dtype":"F64","shape":[`+strings.Repeat("1,", 64)+`1],"data_offsets":[0,8]}}`, 8), "more than 64 dimensions"},
	"shape and offsets disagree": {safetensors(`{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}`, 8), "which takes 16"},
	"backwards":                  {safetensors(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}`, 8), "bytes 8 to 0"},
	"hole at the start":          {safetensors(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, 16), "begins at byte 8, want 0"},
	"hole":                       {safetensors(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1],"data_offsets":[9,17]}}`, 17), `"b" begins at byte 9, want 8`},
	"overlap":                    {safetensors(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8), "begins at byte 0, want 8"},
	"cut in the data":            {safetensors(`{"a":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}`, 17), "end after 2 of 3 numbers"},
	"data missing":               {safetensors(`{"a":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}`, 0), "unexpected EOF"},
	"more after the data":        {safetensors(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 9), "more after the data"},
	"over the limit":             {safetensors(`{"a":{"dtype":"U8","shape":[100],"data_offsets":[0,100]}}`, 100), `tensor "a": too many numbers`},
	"over the limit together":    {safetensors(`{"a":{"dtype":"U8","shape":[60],"data_offsets":[0,60]},"b":{"dtype":"U8","shape":[60],"data_offsets":[60,120]}}`, 120), `tensor "b": too many numbers`},
}

func TestReadSafetensorsErrors(t *testing.T) {
	for name, c := range badSafetensors {
		t.Run(name, func(t *testing.T) {
			_, err := format.ReadSafetensors(bytes.NewReader(c.file), 99)
			wantError(t, err, c.want)
		})
	}
	t.Run("int64 that float64 does not have", func(t *testing.T) {
		file := safetensors(`{"a":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}`, 8)
		file = binary.LittleEndian.AppendUint64(file, 1<<53+1)
		_, err := format.ReadSafetensors(bytes.NewReader(file), 99)
		wantError(t, err, "number 1 is the int64 9007199254740993")
	})
}

// Keys that a later version of the format may add are passed over, white space
// is not looked at, and the order in the header is not that of the data.
func TestReadSafetensorsLenient(t *testing.T) {
	header := `{"b":{"dtype":"U8","future":{"x":[1,{}]},"shape":[2],"data_offsets":[1,3]},` + "\n" +
		`"a":{ "shape":[], "data_offsets":[0,1], "dtype":"U8"} }  `
	file := append(safetensors(header, 0), 7, 8, 9)
	h, err := format.ReadSafetensorsHeader(bytes.NewReader(file))
	if err != nil || len(h.Tensors) != 2 || h.Tensors[0].Name != "a" || h.Tensors[1].Name != "b" {
		t.Errorf("header %+v, error %v", h, err)
	}
	s, err := format.ReadSafetensors(bytes.NewReader(file), 3)
	if err != nil || !slices.Equal(s.Tensors["a"].Data, []float64{7}) || !slices.Equal(s.Tensors["b"].Data, []float64{8, 9}) {
		t.Errorf("%+v, error %v", s, err)
	}
}

var badNPY = map[string]struct {
	file []byte
	want string
}{
	"empty":               {nil, "ends within its first 8 bytes"},
	"another file":        {[]byte("P\x03\x04NPY and so on"), "is it a npy file?"},
	"version 4":           {[]byte("\x93NUMPY\x04\x00\x00\x00"), "version 4.0"},
	"version 1.1":         {[]byte("\x93NUMPY\x01\x01\x00\x00"), "version 1.1"},
	"cut in the length":   {[]byte("\x93NUMPY\x02\x00\x00\x00"), "ends within the length"},
	"long header":         {[]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), "a header of 4294967295 bytes"},
	"cut in the header":   {npyOf("<f8", "(1,)", 0)[:30], "ends within its header"},
	"no dictionary":       {npy("[]", 0), "no dictionary"},
	"not closed":          {npy("{", 0), "no text"},
	"key not closed":      {npy("{'descr", 0), "no text"},
	"escape":              {npy(`{'de\x73cr': '<f8'}`, 0), "no text"},
	"no colon":            {npy("{'descr' '<f8'}", 0), "no colon"},
	"no comma":            {npy("{'descr': '<f8' 'shape': ()}", 0), "no comma"},
	"unknown key":         {npy("{'x': 1}", 0), `unknown key "x"`},
	"twice":               {npy("{'descr': '<f8', 'descr': '<f8', 'shape': ()}", 0), "twice"},
	"shape missing":       {npy("{'descr': '<f8', 'fortran_order': False}", 0), "want descr, fortran_order and shape"},
	"more after it":       {npy("{'descr': '<f8', 'fortran_order': False, 'shape': ()} + x", 8), "more after the dictionary"},
	"order is no boolean": {npy("{'fortran_order': 0}", 0), "neither True nor False"},
	"shape is a list":     {npy("{'shape': [1]}", 0), "no tuple"},
	"shape is a number":   {npy("{'shape': (1)}", 0), "no comma"},
	"shape without comma": {npy("{'shape': (1, 2 3)}", 0), "no comma"},
	"shape of texts":      {npy("{'shape': ('a',)}", 0), "no size"},
	"negative":            {npyOf("<f8", "(-1,)", 0), "no size"},
	"over 63 bits":        {npyOf("<f8", "(9223372036854775808,)", 0), "no size"},
	"wraps":               {npyOf("<f8", "(4294967296, 4294967296)", 0), "too many numbers"},
	"wraps to a zero":     {npyOf("<f8", "(4294967296, 4294967296, 0)", 0), "too many numbers"},
	"dimensions":          {npyOf("<f8", "("+strings.Repeat("1,", 65)+")", 8), "more than 64 dimensions"},
	"objects":             {npyOf("|O", "(1,)", 8), `type "|O" cannot be read`},
	"complex":             {npyOf("<c16", "(1,)", 16), "cannot be read"},
	"texts":               {npyOf("<U3", "(1,)", 12), "cannot be read"},
	"no byte order":       {npyOf("|f8", "(1,)", 8), "cannot be read"},
	"records":             {npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", 8), "records"},
	"over the limit":      {npyOf("|u1", "(100,)", 100), "too many numbers"},
	"cut in the data":     {npyOf("<f8", "(3,)", 17), "end after 2 of 3 numbers"},
	"2⁵³+1":               {append(npyOf("<u8", "()", 0), 1, 0, 0, 0, 0, 0, 32, 0), "uint64 9007199254740993"},
}

func TestReadNPYErrors(t *testing.T) {
	for name, c := range badNPY {
		t.Run(name, func(t *testing.T) {
			_, err := format.ReadNPY(bytes.NewReader(c.file), 99)
			wantError(t, err, c.want)
		})
	}
}

func TestReadNPYTwice(t *testing.T) {
	file := append(npyOf("|u1", "(2L, 1L)", 2), npy(`{"shape": (3, ), "fortran_order": True, "descr": "|b1"}`, 3)...)
	r := bytes.NewReader(file)
	a, err1 := format.ReadNPY(r, 2)
	b, err2 := format.ReadNPY(r, 3)
	if err := errors.Join(err1, err2); err != nil || !slices.Equal(a.Shape, []int{2, 1}) || b.Type != format.Bool || r.Len() != 0 {
		t.Errorf("%+v, then %+v, error %v, %d bytes left", a, b, err, r.Len())
	}
}

// zipped makes an archive of members with the same content.
func zipped(t testing.TB, method uint16, content []byte, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		m, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = m.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadNPZErrors(t *testing.T) {
	good := npyOf("|u1", "(60,)", 60)
	stored := zipped(t, zip.Store, good, "a.npy")
	damaged := slices.Clone(stored)
	damaged[bytes.Index(damaged, good)+len(good)-1] ^= 1
	unknown := slices.Clone(stored)
	for _, at := range []int{8, bytes.LastIndex(unknown, []byte("PK\x01\x02")) + 10} {
		unknown[at] = 99
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":          {nil, "not a valid zip file"},
		"cut":            {stored[:len(stored)-10], "not a valid zip file"},
		"no array":       {zipped(t, zip.Store, good, "a.txt"), `"a.txt" is no array`},
		"same name":      {zipped(t, zip.Store, good[:len(good):len(good)], "a.npy", "a.npy"), "twice"},
		"bad array":      {zipped(t, zip.Deflate, good[:80], "a.npy"), "numbers: unexpected EOF"},
		"more after it":  {zipped(t, zip.Deflate, append(good[:len(good):len(good)], 0), "a.npy"), "more after the data"},
		"damaged":        {damaged, "checksum"},
		"unknown method": {unknown, "unsupported compression"},
		"together":       {zipped(t, zip.Deflate, good, "a.npy", "b.npy"), `"b.npy": too many numbers`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := format.ReadNPZ(bytes.NewReader(c.file), int64(len(c.file)), 99)
			wantError(t, err, c.want)
		})
	}
}

func idx(kind byte, data int, dims ...uint32) []byte {
	b := []byte{0, 0, kind, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, make([]byte, data)...)
}

var badIDX = map[string]struct {
	file []byte
	want string
}{
	"empty":             {nil, "ends within its first 4 bytes"},
	"still compressed":  {[]byte{0x1f, 0x8b, 8, 0, 0}, "still compressed"},
	"unknown type":      {idx(0x0A, 1, 1), "there is no type 0x0a"},
	"type 0":            {idx(0, 1, 1), "there is no type 0x00"},
	"no dimensions":     {idx(8, 1), "no dimensions"},
	"cut in dimensions": {idx(8, 6, 2, 3)[:10], "ends within dimension 2 of 2"},
	"dimension 0":       {idx(8, 0, 2, 0), "dimension 2 of 2 is 0"},
	"huge dimension":    {idx(8, 0, 1<<32-1), "dimension 1 of 1 is 4294967295"},
	"wraps":             {idx(8, 0, 1<<16, 1<<16, 1<<16, 1<<16), "too many numbers"},
	"over the limit":    {idx(8, 100, 10, 10), "too many numbers"},
	"dimensions":        {idx(8, 1, slices.Repeat([]uint32{1}, 65)...), "65 dimensions, want at most 64"},
	"cut in the data":   {idx(8, 5, 2, 3), "end after 5 of 6 numbers"},
	"more":              {idx(8, 7, 2, 3), "more after the data"},
}

func TestReadIDXErrors(t *testing.T) {
	for name, c := range badIDX {
		t.Run(name, func(t *testing.T) {
			_, err := format.ReadIDX(bytes.NewReader(c.file), 99)
			wantError(t, err, c.want)
		})
	}
}

// A reader's own error comes through, from wherever it strikes.
func TestReadersPassErrorsOn(t *testing.T) {
	read := map[string]struct {
		file []byte
		read func(io.Reader) error
	}{
		"safetensors": {safetensors(`{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}`, 16), func(r io.Reader) error {
			_, err := format.ReadSafetensors(r, 99)
			return err
		}},
		"npy": {npyOf("<f8", "(2,)", 16), func(r io.Reader) error { _, err := format.ReadNPY(r, 99); return err }},
		"idx": {idx(8, 6, 2, 3), func(r io.Reader) error { _, err := format.ReadIDX(r, 99); return err }},
	}
	for name, c := range read {
		for n := range len(c.file) {
			if err := c.read(io.MultiReader(bytes.NewReader(c.file[:n]), failing{})); !errors.Is(err, os.ErrPermission) {
				t.Errorf("%s after %d bytes: error %v", name, n, err)
			}
			if err := c.read(bytes.NewReader(c.file[:n])); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%s cut after %d bytes: error %v", name, n, err)
			}
		}
		if err := c.read(bytes.NewReader(c.file)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, os.ErrPermission }

// TestMemory: what a small file announces must not be allocated, even if the
// limit allows it.
func TestMemory(t *testing.T) {
	const limit, most = math.MaxInt, 1 << 20
	huge := `{"a":{"dtype":"U8","shape":[1152921504606846976],"data_offsets":[0,1152921504606846976]}}`
	bomb := zipped(t, zip.Store, npyOf("<f8", "(1152921504606846976,)", 64), "a.npy")
	for name, read := range map[string]func() error{
		"safetensors": func() error {
			_, err := format.ReadSafetensors(bytes.NewReader(safetensors(huge, 64)), limit)
			return err
		},
		"safetensors header": func() error {
			file := append(binary.LittleEndian.AppendUint64(nil, 99_999_999), '{')
			_, err := format.ReadSafetensors(bytes.NewReader(file), limit)
			return err
		},
		"npy": func() error {
			_, err := format.ReadNPY(bytes.NewReader(npyOf("<f8", "(1152921504606846976,)", 64)), limit)
			return err
		},
		"npz": func() error {
			_, err := format.ReadNPZ(bytes.NewReader(bomb), int64(len(bomb)), limit)
			return err
		},
		"idx": func() error {
			_, err := format.ReadIDX(bytes.NewReader(idx(8, 64, 1<<30, 1<<30)), limit)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := read()
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; err == nil || got > most {
				t.Errorf("%d bytes allocated, want at most %d; error %v", got, most, err)
			}
		})
	}
}

// What is read must fit: memory stays within a small multiple of the numbers.
func TestMemoryGrowsWithData(t *testing.T) {
	const n = 1 << 18
	file := npyOf("|u1", fmt.Sprintf("(%d,)", n), n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	x, err := format.ReadNPY(bytes.NewReader(file), n)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; err != nil || cap(x.Data) != n || got > 3*8*n {
		t.Errorf("%d bytes allocated for %d numbers with room for %d; error %v", got, n, cap(x.Data), err)
	}
}
