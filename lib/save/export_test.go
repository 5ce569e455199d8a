package save

// The fuzz tests read from memory.
var (
	Decode           = decode
	DecodeCheckpoint = decodeCheckpoint
	Encode           = encode
	EncodeCheckpoint = encodeCheckpoint
)
