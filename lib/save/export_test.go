package save

// The fuzz tests read from memory.
var (
	Decode           = decode
	DecodeCheckpoint = decodeCheckpoint
	AddChecksum      = addChecksum
	Encode           = encode
	EncodeCheckpoint = encodeCheckpoint
	ReadForeign      = readForeign
	PyTorch          = convention(pytorch)
	Keras            = convention(keras)
)

// Convention is for tests.
type Convention = convention
