package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A message is one of Jupyter's, with the frames in which it travels.
type message struct {
	identities [][]byte
	header     json.RawMessage
	parent     json.RawMessage
	metadata   json.RawMessage
	content    json.RawMessage
	buffers    [][]byte

	kind, id, session, user string // of the header
	parentID                string
}

type header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

const delimiter = "<IDS|MSG>"

var errMessage = errors.New("a message with a wrong form or signature")

// read takes a message apart and checks its signature.
func read(frames [][]byte, key []byte) (*message, error) {
	at := 0
	for at < len(frames) && string(frames[at]) != delimiter {
		at++
	}
	if len(frames) < at+6 {
		return nil, errMessage
	}
	m := &message{identities: frames[:at], buffers: frames[at+6:],
		header: frames[at+2], parent: frames[at+3], metadata: frames[at+4], content: frames[at+5]}
	if len(key) > 0 && !hmac.Equal(frames[at+1], m.sign(key)) {
		return nil, errMessage
	}
	var h, p header
	if err := json.Unmarshal(m.header, &h); err != nil {
		return nil, errMessage
	}
	json.Unmarshal(m.parent, &p) // may be empty
	m.kind, m.id, m.session, m.user, m.parentID = h.Type, h.ID, h.Session, h.Username, p.ID
	return m, nil
}

func (m *message) sign(key []byte) []byte {
	if len(key) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, key)
	for _, part := range [][]byte{m.header, m.parent, m.metadata, m.content} {
		mac.Write(part)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// frames puts the message together again.
func (m *message) frames(key []byte) [][]byte {
	all := append([][]byte(nil), m.identities...)
	all = append(all, []byte(delimiter), m.sign(key), m.header, m.parent, m.metadata, m.content)
	return append(all, m.buffers...)
}

// answer makes a message that belongs to a request.
func (m *message) answer(kind string, content any) *message {
	h, _ := json.Marshal(header{newID(), m.session, m.user, time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), kind, "5.4"})
	c, err := json.Marshal(content)
	if err != nil {
		c = []byte("{}")
	}
	return &message{identities: m.identities, header: h, parent: m.header, metadata: []byte("{}"), content: c,
		kind: kind, session: m.session, user: m.user, parentID: m.id}
}

// set changes one entry of the content.
func (m *message) set(changes map[string]any) {
	var all map[string]any
	if json.Unmarshal(m.content, &all) != nil || all == nil {
		all = map[string]any{}
	}
	for k, v := range changes {
		all[k] = v
	}
	if c, err := json.Marshal(all); err == nil {
		m.content = c
	}
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x-%x", b[:8], b[8:])
}
