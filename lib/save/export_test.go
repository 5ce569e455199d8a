package save

// The fuzz tests read from memory.
var (
	Decode           = decode
	DecodeCheckpoint = decodeCheckpoint
	AddChecksum      = addChecksum
	Encode           = encode
	EncodeCheckpoint = encodeCheckpoint
)
