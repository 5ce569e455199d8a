//go:build !noasm

#include "textflag.h"

// func copyRuns16(dst, src unsafe.Pointer, dstStep, srcStep, runs, size uintptr)
// Sixteen bytes at a time; the last sixteen of a run may be some of those before.
TEXT ·copyRuns16(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ dstStep+16(FP), R8
	MOVQ srcStep+24(FP), R9
	MOVQ runs+32(FP), CX
	MOVQ size+40(FP), DX
	SUBQ $16, DX

run:
	XORQ AX, AX
	JMP  test

loop:
	MOVUPS (SI)(AX*1), X0
	MOVUPS X0, (DI)(AX*1)
	ADDQ   $16, AX

test:
	CMPQ   AX, DX
	JLT    loop
	MOVUPS (SI)(DX*1), X0
	MOVUPS X0, (DI)(DX*1)
	ADDQ   R8, DI
	ADDQ   R9, SI
	DECQ   CX
	JNZ    run
	RET

// func copyRuns32(dst, src unsafe.Pointer, dstStep, srcStep, runs, size uintptr)
// The same, 32 bytes at a time.
TEXT ·copyRuns32(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ dstStep+16(FP), R8
	MOVQ srcStep+24(FP), R9
	MOVQ runs+32(FP), CX
	MOVQ size+40(FP), DX
	SUBQ $32, DX

run:
	XORQ AX, AX
	JMP  test

loop:
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS Y0, (DI)(AX*1)
	ADDQ    $32, AX

test:
	CMPQ    AX, DX
	JLT     loop
	VMOVUPS (SI)(DX*1), Y0
	VMOVUPS Y0, (DI)(DX*1)
	ADDQ    R8, DI
	ADDQ    R9, SI
	DECQ    CX
	JNZ     run
	VZEROUPPER
	RET
