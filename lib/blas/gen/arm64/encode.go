package main

import "fmt"

// Go's assembler has no floating-point instructions for vectors of arm64 but VFMLA
// and VFMLS, and those not by an element. The others are written as words, with the
// mnemonic beside them. (Arm Architecture Reference Manual for A-profile, C7.2.)

// encodings are the instructions on vectors of float32 with all registers 0; bit 22 makes
// them of float64. Their registers lie in bits 0 (destination), 5 and 16.
var encodings = map[string]uint32{
	"fadd": 0x4e20d400, "fsub": 0x4ea0d400, "fmul": 0x6e20dc00, "fdiv": 0x6e20fc00,
	"fmax": 0x4e20f400, "fmin": 0x4ea0f400, "fmaxnm": 0x4e20c400,
	"fmla": 0x4e20cc00, "fmls": 0x4ea0cc00,
	"fcmeq": 0x4e20e400, "fcmge": 0x6e20e400, "fcmgt": 0x6ea0e400,
	"fsqrt": 0x6ea1f800,
}

// unary are those of encodings that have one source.
var unary = map[string]bool{"fsqrt": true}

// byElement are the instructions whose last source is one element of a register.
var byElement = map[string]uint32{"fmla": 0x4f801000, "fmul": 0x4f809000}

// converting are those between vectors of both precisions, of the lower half or, "2", the
// upper half of the float32.
var converting = map[string]uint32{
	"fcvtn": 0x0e616800, "fcvtn2": 0x4e616800, "fcvtl": 0x0e617800, "fcvtl2": 0x4e617800,
}

// arrangement names the elements of a vector as the mnemonics do.
func arrangement(size int) string {
	if size == 8 {
		return "2d"
	}
	return "4s"
}

// double is what makes an instruction one on float64.
func double(size int) uint32 {
	if size == 8 {
		return 1 << 22
	}
	return 0
}

// word writes an instruction as Go's assembler takes it.
func word(code uint32, mnemonic string, operands ...any) string {
	return fmt.Sprintf("WORD $0x%08x // %s", code, fmt.Sprintf(mnemonic, operands...))
}

// vectorOp encodes d ← op(n, m), or op(n), for elements of a size.
func vectorOp(op string, size, d, n, m int) string {
	code, a := encodings[op]|double(size)|uint32(d)|uint32(n)<<5, arrangement(size)
	if code == 0 {
		panic("no instruction " + op)
	}
	if unary[op] {
		return word(code, "%s v%d.%s, v%d.%s", op, d, a, n, a)
	}
	return word(code|uint32(m)<<16, "%s v%d.%s, v%d.%s, v%d.%s", op, d, a, n, a, m, a)
}

// elementOp encodes d ← op(n, element i of m).
func elementOp(op string, size, d, n, m, i int) string {
	code, a := byElement[op]|double(size)|uint32(d)|uint32(n)<<5|uint32(m)<<16, arrangement(size)
	if size == 8 {
		code |= uint32(i) << 11
	} else {
		code |= uint32(i&1)<<21 | uint32(i>>1)<<11
	}
	return word(code, "%s v%d.%s, v%d.%s, v%d.%s[%d]", op, d, a, n, a, m, a[1:], i)
}

// convertOp encodes the conversion of n to d.
func convertOp(op string, d, n int) string {
	code := converting[op] | uint32(d) | uint32(n)<<5
	narrow := "2s"
	if op[len(op)-1] == '2' {
		narrow = "4s"
	}
	if op[:5] == "fcvtn" {
		return word(code, "%s v%d.%s, v%d.2d", op, d, narrow, n)
	}
	return word(code, "%s v%d.2d, v%d.%s", op, d, n, narrow)
}
