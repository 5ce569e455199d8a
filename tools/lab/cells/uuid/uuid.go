// Package uuid is the part of github.com/gofrs/uuid that the kernel's package for
// charts and widgets needs. The whole brings net, database/sql and crypto with
// it, and every cell that draws a chart would be linked with them.
package uuid

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"
)

// A UUID is a universally unique identifier, RFC 9562.
type UUID [16]byte

// NewV7 returns a UUID of version 7: 48 bits of milliseconds since 1970, version,
// variant, and 74 bits at random. They tell the outputs of a notebook from each
// other and keep no secret. The error is always nil.
func NewV7() (UUID, error) {
	var u UUID
	binary.BigEndian.PutUint64(u[:8], uint64(time.Now().UnixMilli())<<16|0x7000|rand.Uint64N(1<<12))
	binary.BigEndian.PutUint64(u[8:], 0b10<<62|rand.Uint64N(1<<62))
	return u, nil
}

// String returns the digits in their five groups.
func (u UUID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
