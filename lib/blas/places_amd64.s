//go:build !noasm

#include "textflag.h"

// The next place, which is none once R8 is 0: what is written then is overwritten.
#define PLACE(at) \
	TZCNTQ R8, R12 \
	ADDL DX, R12 \
	MOVL R12, at(R11) \
	BLSRQ R8, R8

// func placesAVX2(blocks int, text *byte, a, b byte, dst *uint32, most int) (left, n int)
// Bit i of R8 says whether byte i of a block is a or b. Eight places are written at
// a time, whatever their number is, so that there is little to jump for.
TEXT ·placesAVX2(SB), NOSPLIT, $0-56
	MOVQ blocks+0(FP), CX
	MOVQ text+8(FP), SI
	MOVQ dst+24(FP), DI
	MOVQ most+32(FP), BX
	VPBROADCASTB a+16(FP), Y0
	VPBROADCASTB b+17(FP), Y1
	XORQ AX, AX
	XORQ DX, DX

block:
	CMPQ AX, BX
	JGT end
	VMOVDQU (SI), Y2
	VMOVDQU 32(SI), Y3
	VPCMPEQB Y0, Y2, Y4
	VPCMPEQB Y1, Y2, Y5
	VPCMPEQB Y0, Y3, Y6
	VPCMPEQB Y1, Y3, Y7
	VPOR Y4, Y5, Y4
	VPOR Y6, Y7, Y6
	VPMOVMSKB Y4, R8
	VPMOVMSKB Y6, R9
	SHLQ $32, R9
	ORQ R9, R8
	POPCNTQ R8, R10
	LEAQ (DI)(AX*4), R11

eight:
	PLACE(0)
	PLACE(4)
	PLACE(8)
	PLACE(12)
	PLACE(16)
	PLACE(20)
	PLACE(24)
	PLACE(28)
	ADDQ $32, R11
	TESTQ R8, R8
	JNZ eight
	ADDQ R10, AX
	ADDQ $64, SI
	ADDL $64, DX
	DECQ CX
	JNZ block

end:
	MOVQ CX, left+40(FP)
	MOVQ AX, n+48(FP)
	VZEROUPPER
	RET
