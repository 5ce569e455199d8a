package display

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

func init() { gob.Register(map[string]any{}) } // as the kernel does

// TestMessages: what is sent is what the kernel's decoder reads as GoNB's own types.
func TestMessages(t *testing.T) {
	long := strings.Repeat("a long picture ", 20_000)
	var pipe bytes.Buffer
	pipe.Write(bytes.Join(encoder.Types(), nil))
	for _, d := range []Data{
		{Content: map[string]any{PNG: []byte(long), Text: "words"}, ID: "id",
			Metadata: map[string]any{PNG: map[string]any{"width": 640, "height": -3, "alt": "α"}}},
		{Content: map[string]any{HTML: ""}},
		{Content: map[string]any{commValue: value{"#gonbui/sync", 300}}},
		{Content: map[string]any{commValue: value{"/x", "text"}}},
		{Content: map[string]any{commSubscribe: subscription("/x")}},
	} {
		pipe.Write(encoder.Message(d))
	}
	got := decodeAll(t, &pipe)
	want := []protocol.DisplayData{
		{Data: map[protocol.MIMEType]any{protocol.MIMEImagePNG: []byte(long), protocol.MIMETextPlain: "words"}, DisplayID: "id",
			Metadata: map[string]any{PNG: map[string]any{"width": 640, "height": -3, "alt": "α"}}},
		{Data: map[protocol.MIMEType]any{protocol.MIMETextHTML: ""}, Metadata: map[string]any{}},
		{Data: map[protocol.MIMEType]any{protocol.MIMECommValue: protocol.CommValue{Address: protocol.GonbuiSyncAddress, Value: 300}}, Metadata: map[string]any{}},
		{Data: map[protocol.MIMEType]any{protocol.MIMECommValue: protocol.CommValue{Address: "/x", Value: "text"}}, Metadata: map[string]any{}},
		{Data: map[protocol.MIMEType]any{protocol.MIMECommSubscribe: protocol.CommSubscription{Address: "/x"}}, Metadata: map[string]any{}},
	}
	if len(got) != len(want) {
		t.Fatalf("%d messages, want %d", len(got), len(want))
	}
	for i := range want {
		if want[i].Metadata == nil {
			want[i].Metadata = map[string]any{}
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%d: %.200v\nwant %.200v", i, got[i], want[i])
		}
	}
}

func decodeAll(t *testing.T, pipe io.Reader) (all []protocol.DisplayData) {
	t.Helper()
	decoder := gob.NewDecoder(pipe)
	for {
		var d protocol.DisplayData
		if err := decoder.Decode(&d); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
}

// TestSeveralWriters: GoNB's own package and the guard may write to the same pipe.
func TestSeveralWriters(t *testing.T) {
	var pipe bytes.Buffer
	gonbui := gob.NewEncoder(&pipe)
	theirs := protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMETextHTML: "theirs"}, Metadata: map[string]any{"a": map[string]any{"b": 1}}}
	gonbui.Encode(&theirs)
	pipe.Write(bytes.Join(encoder.Types(), nil))
	pipe.Write(encoder.Message(Data{Content: map[string]any{HTML: "ours"}, Metadata: map[string]any{"a": map[string]any{"b": 2}}}))
	gonbui.Encode(&theirs)
	other := Encoder(200_000)
	pipe.Write(bytes.Join(other.Types(), nil))
	pipe.Write(other.Message(Data{Content: map[string]any{HTML: "other"}, Metadata: map[string]any{"a": map[string]any{"b": 2}}}))
	pipe.Write(encoder.Message(Data{Content: map[string]any{HTML: "ours"}}))
	said := ""
	for _, d := range decodeAll(t, &pipe) {
		said += d.Data[protocol.MIMETextHTML].(string) + " "
	}
	if said != "theirs ours theirs other ours " {
		t.Error(said)
	}
}

// TestValues: what the kernel's encoder sends is read, and what is of no use skipped.
func TestValues(t *testing.T) {
	var pipe bytes.Buffer
	kernel := gob.NewEncoder(&pipe)
	for _, v := range []any{7, -1 << 30, "text", "", 1.5, map[string]string{"a": "b"}, []int{1}, strings.Repeat("x", 10_000), nil, 8} {
		if err := kernel.Encode(&protocol.CommValue{Address: "/a", Request: true, Value: v}); err != nil {
			t.Fatal(err)
		}
	}
	all := pipe.Bytes()
	r := decoder{in: bufio.NewReader(bytes.NewReader(all))}
	for _, want := range []any{7, -1 << 30, "text", "", nil, nil, nil, strings.Repeat("x", 10_000), nil, 8} {
		got, err := r.next()
		if err != nil || got.content != want || got.address != "/a" {
			t.Errorf("%.40v, error %v, want %.40v", got, err, want)
		}
	}
	if _, err := r.next(); err != io.EOF {
		t.Errorf("error %v at the end", err)
	}
	for n := range min(len(all), 200) { // broken off anywhere
		r := decoder{in: bufio.NewReader(bytes.NewReader(all[:n]))}
		var err error
		for range 20 {
			_, err = r.next()
		}
		if err == nil {
			t.Errorf("no error after %d bytes", n)
		}
	}
}
